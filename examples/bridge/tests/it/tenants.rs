//! Several companies in one process, and stages.

use secrecy::ExposeSecret;
use sync_core::{ActFilter, ActState, OpKey, SqliteStore, Store, act_guid};
use toml::Table;

use crate::company::Company;
use crate::program::{bridge_at, ran};

#[tokio::test]
async fn two_companies_in_one_process_each_get_their_own_order_and_their_own_store() {
    let (one, other) = (Company::of_goods(5).await, Company::of_goods(8).await);
    let (mine, theirs) = (one.place(one.order(1)), other.place(other.order(2)));
    let second: Table = std::fs::read_to_string(other.settings_file()).unwrap().parse().unwrap();
    let settings = one.settings_file_with(|table| {
        let tenants = table["tenants"].as_array_mut().unwrap();
        tenants.push(second["tenants"].as_array().unwrap()[0].clone());
        for (tenant, name) in tenants.iter_mut().zip(["demo", "other"]) {
            let tenant = tenant.as_table_mut().unwrap();
            tenant.insert("name".to_owned(), name.into());
            let upper = name.to_uppercase();
            let enova = tenant["enova"].as_table_mut().unwrap();
            enova.insert("application_token_env".to_owned(), format!("{upper}_TOKEN").into());
            let portal = tenant["one"].as_table_mut().unwrap();
            portal.insert("api_key_env".to_owned(), format!("{upper}_KEY").into());
        }
    });
    let mut command = bridge_at(&one, &settings, &["once"]);
    for (company, name) in [(&one, "DEMO"), (&other, "OTHER")] {
        let (token, key) = (company.simulation.enova.application_token(), company.simulation.one.api_key());
        command
            .env(format!("{name}_TOKEN"), token.expose_secret())
            .env(format!("{name}_KEY"), key.expose_secret());
    }
    let once = ran(&mut command).await;
    assert_eq!(once.code, 0, "{}\n{}", once.out, once.err);
    assert_eq!((one.documents(), other.documents()), (1, 1));
    assert_eq!((one.lines().1, other.lines().1), (5, 8));
    for (company, name, shipment) in [(&one, "demo", &mine), (&other, "other", &theirs)] {
        let store = SqliteStore::open(one.folder.path().join(format!("{name}.sqlite"))).unwrap();
        let acts = store.acts(&ActFilter::all()).await.unwrap();
        let key = OpKey::from(format!("order:{name}:{shipment}"));
        let names: Vec<_> = acts.iter().map(|act| (&act.act.op_key, act.state)).collect();
        assert_eq!(names, [(&key, ActState::Done)]);
        assert_eq!(company.simulation.enova.orders()[0].guid, act_guid(&key));
    }
    let both = ran(&mut bridge_at(&one, &settings, &["approve", "stock"])).await;
    assert!(both.err.contains("several tenants have a flow stock"), "{}", both.err);
}

#[tokio::test]
async fn flows_of_a_stage_that_is_not_live_do_not_run_and_status_says_so() {
    let company = Company::of_goods(5).await;
    company.place(company.order(1));
    let settings = company.settings_file_with(|table| {
        let tenant = table["tenants"].as_array_mut().unwrap()[0].as_table_mut().unwrap();
        tenant.insert("stages".to_owned(), vec!["I", "II"].into());
    });
    assert_eq!(ran(&mut bridge_at(&company, &settings, &["once"])).await.code, 0);
    assert_eq!(company.documents(), 0);
    assert_eq!(company.lines().1, 5);
    let status = ran(&mut bridge_at(&company, &settings, &["status"])).await;
    assert!(status.out.contains("demo/orders is off: stage III is not live"), "{}", status.out);
}
