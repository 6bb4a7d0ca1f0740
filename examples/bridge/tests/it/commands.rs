//! Commands that look and those by which a person decides.

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use serde_json::Value;
use sync_core::{FlowName, LinkRef, PageQuery, Part};
use toml::Table;

use crate::company::{Company, policy, section};
use crate::program::{Ran, bridge_at, ran};

/// A company with an order that is held for its price and one of a client that nobody knows.
struct Troubled {
    company: Company,
    settings: PathBuf,
    held: String,
}

impl Troubled {
    async fn new() -> Self {
        let company = Company::of_goods(5).await;
        let good = company.good(0);
        let (price, _) = good.cena_detaliczna.unwrap();
        let shipment = company.place(company.order(1));
        company.simulation.enova.set_price(&good.kod, price + Decimal::ONE).unwrap();
        let line = one_client::simulator::DraftLine::new(good.kod, Decimal::ONE).priced(price);
        company.place(one_client::simulator::OrderDraft::new("somebody").with_line(line));
        let settings = company.settings_file_with(|table| {
            section(table, "orders").insert("price_policy".to_owned(), policy("hold").into());
        });
        Self { company, settings, held: format!("order:demo:{shipment}") }
    }

    /// With secrets: what asks the systems.
    async fn asks(&self, words: &[&str]) -> Ran {
        ran(&mut bridge_at(&self.company, &self.settings, words)).await
    }

    /// Without secrets: what looks into the store alone.
    async fn looks(&self, words: &[&str]) -> Ran {
        let mut command = bridge_at(&self.company, &self.settings, words);
        ran(command.env_remove("ENOVA_APPLICATION_TOKEN").env_remove("ONE_API_KEY")).await
    }
}

#[tokio::test]
async fn a_held_order_is_listed_released_and_explained_without_asking_either_system() {
    let troubled = Troubled::new().await;
    assert_eq!(troubled.asks(&["once"]).await.code, 1);
    let listed = troubled.looks(&["doubts", "list"]).await;
    assert_eq!(listed.code, 1);
    assert!(listed.out.contains(&format!("{} held: price-changed", troubled.held)), "{}", listed.out);
    assert!(listed.out.contains("bridge doubts release"), "{}", listed.out);

    let person = ["--by", "Anna", "--reason", "price agreed"];
    let words = [&["doubts", "release", &troubled.held], &person[..]].concat();
    assert_eq!(troubled.looks(&words).await.code, 0);
    // what is released cannot be released again
    assert_eq!(troubled.looks(&words).await.code, 3);
    assert_eq!(
        troubled.looks(&["doubts", "release", "order:demo:none", "--by", "A", "--reason", "B"]).await.code,
        2
    );

    assert_eq!(troubled.asks(&["once"]).await.code, 1, "the other order is still rejected");
    assert_eq!(troubled.company.documents(), 1);
    assert_eq!(troubled.looks(&["doubts", "list"]).await.code, 0);
}

#[tokio::test]
async fn a_person_resolves_a_held_order_and_its_document_is_linked() {
    let troubled = Troubled::new().await;
    troubled.asks(&["once"]).await;
    let words = [
        "doubts",
        "resolve",
        &troubled.held,
        "--found",
        "4711",
        "--number",
        "ZO/1",
        "--by",
        "A",
        "--reason",
        "B",
    ];
    let done = troubled.looks(&words).await;
    assert_eq!(done.code, 0, "{}", done.err);
    let store = troubled.company.store();
    let act = store.acts(&sync_core::ActFilter::one(troubled.held.as_str())).await.unwrap().remove(0);
    let created = act.created.unwrap();
    assert_eq!((created.target_id.as_str(), created.number.as_deref()), ("4711", Some("ZO/1")));
    let shipment = troubled.held.strip_prefix("order:demo:").unwrap();
    let link = LinkRef::of_a(sync_flows::flows::orders::ORDER_LINK, shipment);
    let part = Part::whole(&FlowName::new("demo/orders").unwrap());
    let known = store.read_page(&part, PageQuery::new(Vec::new(), vec![link.clone()])).await.unwrap();
    assert_eq!(known.links.get(&link), Some("4711"));
    // neither found nor given up
    assert_eq!(troubled.looks(&["doubts", "resolve", "x", "--by", "A", "--reason", "B"]).await.code, 2);
}

#[tokio::test]
async fn an_order_that_a_person_gave_up_is_no_doubt_any_more_and_only_all_shows_it() {
    let troubled = Troubled::new().await;
    troubled.asks(&["once"]).await;
    let words = ["doubts", "resolve", &troubled.held, "--given-up", "--by", "A", "--reason", "B"];
    assert_eq!(troubled.looks(&words).await.code, 0);
    let listed = troubled.looks(&["doubts", "list"]).await;
    assert_eq!((listed.code, listed.out.trim()), (0, "nothing is in doubt, held or refused"));
    let listed = troubled.looks(&["doubts", "list", "--all"]).await;
    assert!(listed.out.contains(&format!("{} rejected: given-up", troubled.held)), "{}", listed.out);
    assert_eq!(listed.code, 0);

    let drop = ["rejects", "drop", "--all", "--by", "A", "--reason", "B"];
    assert_eq!(troubled.looks(&drop).await.code, 0, "the other order");
    let status = troubled.looks(&["status"]).await;
    assert!(status.out.contains("outbox: empty"), "{}", status.out);
    assert_eq!(status.code, 0, "{}", status.out);
    let status = troubled.looks(&["status", "--all"]).await;
    assert!(status.out.contains("rejected (given-up)"), "{}", status.out);
    assert_eq!(status.code, 0, "{}", status.out);
}

#[tokio::test]
async fn a_rejected_order_is_shown_replayed_and_dropped() {
    let troubled = Troubled::new().await;
    troubled.asks(&["once"]).await;
    let listed = troubled.looks(&["rejects", "list", "--flow", "orders", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(listed["in_all"], 1);
    assert_eq!(listed["rejects"][0]["reason"], "missing-link");
    let key = listed["rejects"][0]["key"].as_str().unwrap();
    let shown = troubled.looks(&["rejects", "show", key]).await;
    assert!(shown.out.contains("waits for   contractor:somebody"), "{}", shown.out);
    assert!(
        troubled.looks(&["rejects", "replay", "--code", "missing-link"]).await.out.starts_with("1 rejects")
    );
    let drop = ["rejects", "drop", "--by", "A", "--reason", "B"];
    assert_eq!(troubled.looks(&drop).await.code, 2, "all of them only if that is said");
    assert_eq!(troubled.looks(&["rejects", "drop", "--all"]).await.code, 2, "somebody says so, and why");
    let drop = ["rejects", "drop", "--all", "--by", "A", "--reason", "B"];
    assert!(troubled.looks(&drop).await.out.starts_with("1 rejects"));
    assert_eq!(troubled.looks(&["rejects", "list"]).await.code, 0);
    assert_eq!(troubled.looks(&["rejects", "show", key]).await.code, 2);
}

#[tokio::test]
async fn a_flow_is_planned_backfilled_bound_anew_and_named_wrongly() {
    let troubled = Troubled::new().await;
    let planned = troubled.asks(&["plan", "retail-prices", "--json"]).await;
    let planned: Value = serde_json::from_str(&planned.out).unwrap();
    assert_eq!(planned["plans"][0]["totals"]["create"], 5);
    assert_eq!(troubled.company.lines().1, 0, "a plan sends nothing");
    assert_eq!(
        troubled.looks(&["backfill", "stock", "--by", "A", "--reason", "B"]).await.code,
        2,
        "nothing was read yet"
    );
    troubled.asks(&["once"]).await;
    let sent = troubled.company.lines();
    assert_eq!(
        troubled.looks(&["backfill", "demo/retail-prices", "--by", "A", "--reason", "B"]).await.code,
        0
    );
    let status = troubled.looks(&["status"]).await.out;
    assert!(
        status.contains("demo/retail-prices begins a backfill with its next run, asked for by A"),
        "{status}"
    );
    let rebind = ["rebind", "stock", "--keep", "nothing", "--by", "Anna", "--reason", "restored"];
    assert_eq!(troubled.looks(&rebind[..4]).await.code, 2, "somebody says so, and why");
    let mut command = bridge_at(&troubled.company, &troubled.settings, &rebind);
    let rebound = ran(command.env("RUST_LOG", "info")).await;
    assert_eq!(rebound.code, 0, "{}", rebound.err);
    let told = rebound.err.lines().find(|line| line.contains("a person's decision")).unwrap();
    for word in ["rebind", "demo/stock", "Anna", "restored"] {
        assert!(told.contains(word), "{told}");
    }
    let held = troubled.looks(&["approve", "stock"]).await;
    assert_eq!((held.code, held.out.trim()), (0, "demo/stock holds nothing back"));
    troubled.asks(&["once"]).await;
    assert_eq!(troubled.company.lines(), sent, "what is unchanged is not sent again");
    let wrong = troubled.looks(&["backfill", "stok", "--by", "A", "--reason", "B"]).await;
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("did you mean stock?"), "{}", wrong.err);
}

#[tokio::test]
async fn a_list_that_is_read_by_its_changes_is_read_as_a_whole_once_after_a_backfill() {
    let company = Company::of_goods(5).await;
    let settings = company.settings_file_with(|table| {
        crate::company::flows(table).insert("good-codes".to_owned(), Table::new().into());
    });
    let read = async || {
        let told = ran(&mut bridge_at(&company, &settings, &["once", "--json"])).await;
        let told: Value = serde_json::from_str(&told.out).unwrap();
        let flows = told["flows"].as_array().unwrap();
        flows.iter().find(|flow| flow["flow"] == "demo/good-codes").unwrap()["read"].as_u64().unwrap()
    };
    read().await;
    let idle = read().await;
    let words = ["backfill", "good-codes", "--by", "A", "--reason", "B"];
    assert_eq!(ran(&mut bridge_at(&company, &settings, &words)).await.code, 0);
    let all = u64::try_from(company.simulation.enova.goods().len()).unwrap();
    let asked = read().await;
    assert_eq!(asked, idle + all, "what changed a moment ago, and everything");
    assert_eq!(read().await, idle, "once");
}

#[tokio::test]
async fn flows_of_another_database_refuse_until_they_are_bound_to_it() {
    let company = Company::of_goods(5).await;
    let settings = company.settings_file();
    assert_eq!(ran(&mut bridge_at(&company, &settings, &["once"])).await.code, 0);
    let sent = company.lines();
    company.settings_file_with(|table| {
        let enova = table["tenants"].as_array_mut().unwrap()[0]["enova"].as_table_mut().unwrap();
        enova.insert("database".to_owned(), "OTHER".into());
    });
    assert_ne!(ran(&mut bridge_at(&company, &settings, &["once"])).await.code, 0);
    let status = ran(&mut bridge_at(&company, &settings, &["status"])).await;
    assert_eq!(status.code, 1, "{}", status.out);
    for flow in ["stock", "retail-prices"] {
        let stopped = format!("demo/{flow} is stopped: its position belongs to another source");
        assert!(status.out.contains(&stopped), "{}", status.out);
        assert!(status.out.contains(&format!("bridge rebind demo/{flow} --keep ")), "{}", status.out);
    }
    for flow in ["stock", "retail-prices"] {
        let words = ["rebind", flow, "--keep", "nothing", "--by", "A", "--reason", "B"];
        let bound = ran(&mut bridge_at(&company, &settings, &words)).await;
        assert_eq!(bound.code, 0, "{}", bound.err);
    }
    let once = ran(&mut bridge_at(&company, &settings, &["once"])).await;
    assert_eq!(once.code, 0, "{}", once.out);
    assert_eq!(company.lines(), sent, "what is unchanged is not sent again");
    assert_eq!(ran(&mut bridge_at(&company, &settings, &["status"])).await.code, 0);
}

#[tokio::test]
async fn many_stocks_that_fall_to_zero_at_once_are_held_shown_and_approved() {
    let company = Company::of_goods(60).await;
    let settings = company.settings_file();
    ran(&mut bridge_at(&company, &settings, &["once"])).await;
    for good in company.simulation.enova.goods() {
        for stan in &good.stany {
            company.simulation.enova.set_stock(&good.kod, &stan.magazyn, Decimal::ZERO).unwrap();
        }
    }
    let sent = company.lines();
    let once = ran(&mut bridge_at(&company, &settings, &["once"])).await;
    assert_eq!(once.code, 1, "{}", once.out);
    let shown = ran(&mut bridge_at(&company, &settings, &["approve", "stock", "--json"])).await;
    assert_eq!(shown.code, 1);
    let shown: Value = serde_json::from_str(&shown.out).unwrap();
    let token = shown["held"][0]["token"].as_str().unwrap().to_owned();
    assert!(once.out.contains(&format!("bridge approve demo/stock {token}")), "{}", once.out);
    assert!(!once.out.contains("held-emptying"), "what is held is no rejected record: {}", once.out);
    let planned = ran(&mut bridge_at(&company, &settings, &["plan", "stock"])).await;
    assert!(planned.out.contains("\nheld: "), "{}", planned.out);
    let status = ran(&mut bridge_at(&company, &settings, &["status"])).await;
    assert_eq!(status.code, 1);
    assert!(status.out.contains(&format!("bridge approve demo/stock {token}")), "{}", status.out);
    let wrong = ["approve", "stock", "none", "--by", "A", "--reason", "B"];
    let wrong = ran(&mut bridge_at(&company, &settings, &wrong)).await;
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("approve with the token that it shows now"), "{}", wrong.err);
    let words = ["approve", "stock", &token, "--by", "A", "--reason", "inventory"];
    assert_eq!(ran(&mut bridge_at(&company, &settings, &words)).await.code, 0);
    ran(&mut bridge_at(&company, &settings, &["once"])).await;
    assert!(company.lines().0 > sent.0);
    let good = company.good(0);
    assert_eq!(company.simulation.one.stock(&good.stany[0].magazyn, &good.kod), Some(Decimal::ZERO));
    assert_eq!(ran(&mut bridge_at(&company, &settings, &["status"])).await.code, 0);
}

#[tokio::test]
async fn what_only_looks_makes_no_state() {
    let company = Company::of_goods(5).await;
    let settings = company.settings_file();
    for words in [&["preflight"][..], &["plan"]] {
        let looked = ran(&mut bridge_at(&company, &settings, words)).await;
        assert!(looked.code < 2, "{}", looked.err);
        assert!(!company.folder.path().join("demo.sqlite").exists(), "{words:?}");
    }
}

#[tokio::test]
async fn preflight_looks_at_both_systems_and_names_the_one_that_does_not_answer() {
    let company = Company::of_goods(5).await;
    let settings = company.settings_file();
    let looked = ran(&mut bridge_at(&company, &settings, &["preflight", "--json"])).await;
    let looked: Value = serde_json::from_str(&looked.out).unwrap();
    assert_eq!(looked["tenants"][0]["one"]["outcome"], "ok");
    for (variable, wrong, right) in
        [("ONE_API_KEY", "one", "enova"), ("ENOVA_APPLICATION_TOKEN", "enova", "one")]
    {
        let mut command = bridge_at(&company, &settings, &["preflight", "--json"]);
        let looked = ran(command.env(variable, "wrong")).await;
        assert_eq!(looked.code, 1);
        let told: Value = serde_json::from_str(&looked.out).unwrap();
        let names_the_tenant = looked.out.contains("check one.tenant and its key");
        assert_eq!(names_the_tenant, wrong == "one", "{}", looked.out);
        let failed = |system: &str| told["tenants"][0][system].to_string().contains("\"failed\"");
        assert_eq!((failed(wrong), failed(right)), (true, false), "{}", looked.out);
    }
}

#[tokio::test]
async fn preflight_names_a_price_list_and_a_warehouse_that_enova365_does_not_have() {
    let company = Company::of_goods(5).await;
    let settings = company.settings_file_with(|table| {
        let flows = table["tenants"].as_array_mut().unwrap()[0]["flows"].as_table_mut().unwrap();
        let prices = flows["retail-prices"].as_table_mut().unwrap();
        prices.insert("price_list".to_owned(), "Nie ma".into());
        let warehouses = flows["stock"]["warehouses"].as_table_mut().unwrap();
        warehouses.insert("QQ".to_owned(), "QQ".into());
    });
    let looked = ran(&mut bridge_at(&company, &settings, &["preflight"])).await;
    assert_eq!(looked.code, 1);
    for told in [
        "stock.warehouses: enova365 has no such warehouse",
        "(named: \"QQ\"; there: ",
        "retail-prices.price_list: enova365 has no retail price of this price list",
        "(named: \"Nie ma\"; there: \"Detaliczna\")",
    ] {
        assert!(looked.out.contains(told), "{told}: {}", looked.out);
    }
    let handed_on = ran(&mut bridge_at(&company, &settings, &["preflight", "--redacted"])).await;
    assert!(!handed_on.out.contains("Nie ma"), "{}", handed_on.out);
}

#[tokio::test]
async fn a_missing_secret_is_named_with_its_key_and_a_missing_state_with_its_folder() {
    let company = Company::of_goods(5).await;
    let settings = company.settings_file();
    let mut command = bridge_at(&company, &settings, &["once"]);
    let missing = ran(command.env_remove("ONE_API_KEY")).await;
    assert_eq!(missing.code, 2);
    assert!(
        missing.err.contains("tenants[0].one.api_key_env: the environment variable ONE_API_KEY is not set"),
        "{}",
        missing.err
    );
    let nothing = ran(&mut bridge_at(&company, &settings, &["status"])).await;
    assert_eq!(nothing.code, 2);
    assert!(nothing.err.contains("there is no state of demo in"), "{}", nothing.err);

    let file = company.folder.path().join("one.key");
    std::fs::write(&file, "wrong\n").unwrap();
    let by_file = company.settings_file_with(|table| {
        let one = table["tenants"].as_array_mut().unwrap()[0]["one"].as_table_mut().unwrap();
        one.insert("api_key_file".to_owned(), file.to_str().unwrap().into());
    });
    let refused = ran(&mut bridge_at(&company, &by_file, &["preflight"])).await;
    assert!(refused.out.contains("failed   order feed"), "the file's key is used: {}", refused.out);
}

#[tokio::test]
async fn an_address_of_no_use_is_told_by_its_line_its_key_and_its_variable_and_never_shown() {
    let company = Company::of_goods(5).await;
    for (section, key, words) in [
        ("alerts", "webhook_url_env", &["run"]),
        ("alerts", "ping_url_env", &["run"]),
        ("store", "postgres_url_env", &["status"]),
    ] {
        let settings = company.settings_file_with(|table| {
            table.insert(section.to_owned(), Table::from_iter([(key.to_owned(), "ADDRESS".into())]).into());
        });
        let text = std::fs::read_to_string(&settings).unwrap();
        let line = text.lines().position(|line| line.starts_with(key)).unwrap() + 1;
        let mut command = bridge_at(&company, &settings, words);
        let told = ran(command.env("ADDRESS", "canary or so")).await;
        assert_eq!(told.code, 2, "{}", told.err);
        let place = format!(
            "bridge.toml:{line}: {section}.{key}: what the environment variable ADDRESS holds cannot be used"
        );
        assert!(told.err.contains(&place), "{}", told.err);
        assert!(!told.err.contains("canary"), "{}", told.err);
    }
}

/// A value's shape: keys stay, leaves become their kind.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
        Value::Array(list) => list.first().map(shape).into_iter().collect(),
        Value::String(_) => "text".into(),
        Value::Number(_) => "number".into(),
        Value::Bool(_) => "bool".into(),
        Value::Null => Value::Null,
    }
}

#[tokio::test]
async fn the_shapes_of_json_stay() {
    let troubled = Troubled::new().await;
    let mut shapes = String::new();
    let mut add = |words: &[&str], ran: Ran| {
        let told: Value = serde_json::from_str(&ran.out).unwrap();
        let told = serde_json::to_string_pretty(&shape(&told)).unwrap();
        shapes.push_str(&format!("bridge {}\n{told}\n", words.join(" ")));
    };
    for words in [&["plan", "orders", "--json"][..], &["once", "--json"], &["preflight", "--json"]] {
        add(words, troubled.asks(words).await);
    }
    let good = troubled.company.good(0).kod;
    let explained = ["explain", &good, "--flow", "retail-prices", "--json"];
    let listed: Value =
        serde_json::from_str(&troubled.looks(&["rejects", "list", "--json"]).await.out).unwrap();
    let key = listed["rejects"][0]["key"].as_str().unwrap();
    add(
        &["rejects", "show", "KEY", "--json"],
        troubled.looks(&["rejects", "show", key, "--raw", "--json"]).await,
    );
    for words in [
        &["status", "--json"][..],
        &["doubts", "list", "--json"],
        &["rejects", "list", "--json"],
        &["approve", "stock", "--json"],
        &["rejects", "replay", "--all", "--json"],
        &["backfill", "stock", "--by", "A", "--reason", "B", "--json"],
        &["rebind", "stock", "--keep", "position", "--by", "A", "--reason", "B", "--json"],
        &["rejects", "drop", "--all", "--by", "A", "--reason", "B", "--json"],
    ] {
        add(words, troubled.looks(words).await);
    }
    for verdict in [&["doubts", "release"][..], &["doubts", "resolve", "--given-up"]] {
        let words = [verdict, &[&troubled.held, "--by", "A", "--reason", "B", "--json"]].concat();
        add(verdict, troubled.looks(&words).await);
    }
    add(&["explain", "KEY", "--json"], troubled.looks(&explained).await);
    add(
        &["status", "--json", "(wrong settings)"],
        wrong_settings(troubled.company.folder.path(), &troubled.company).await,
    );
    insta::assert_snapshot!(shapes);
}

async fn wrong_settings(folder: &Path, company: &Company) -> Ran {
    let file = folder.join("wrong.toml");
    std::fs::write(&file, "").unwrap();
    ran(&mut bridge_at(company, &file, &["status", "--json"])).await
}

#[tokio::test]
async fn a_call_that_is_not_understood_is_told_as_json_too() {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_bridge"));
    let told = ran(command.args(["once", "--jsn", "--json"])).await;
    assert_eq!(told.code, 2);
    let json: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(json["error"], "unexpected argument '--jsn' found");
    assert!(told.err.contains("--jsn"), "{}", told.err);
}

#[tokio::test]
async fn a_flow_whose_stage_is_not_live_is_named_with_it() {
    let company = Company::of_goods(5).await;
    let settings = company.settings_file_with(|table| {
        let tenant = table["tenants"].as_array_mut().unwrap()[0].as_table_mut().unwrap();
        tenant.insert("stages".to_owned(), Vec::<toml::Value>::new().into());
    });
    for name in ["stock", "demo/stock"] {
        let planned = ran(&mut bridge_at(&company, &settings, &["plan", name])).await;
        assert_eq!(planned.code, 2);
        assert!(planned.err.contains(&format!("{name} is off: stage I is not live")), "{}", planned.err);
    }
}
