//! Settings: the example file, and every kind of mistake.

use std::fmt::Write as _;

use bridge::Settings;

const EXAMPLE: &str = include_str!("../../bridge.example.toml");

/// A whole file without a mistake, on whose lines the mistakes are made.
const RIGHT: &str = r#"[[tenants]]
name = "shop"
[tenants.enova]
url = "https://erp.example:9010"
[tenants.one]
url = "https://one.example"
tenant = "my-tenant"
[tenants.flows.stock]
warehouses = { F = "WRO" }
[tenants.flows.retail-prices]
[tenants.flows.orders]
start_at = 1
warehouse = "F"
"#;

fn with(line: &str, instead: &str) -> String {
    assert!(RIGHT.contains(line), "{line}");
    RIGHT.replacen(line, instead, 1)
}

fn and(more: &str) -> String {
    format!("{RIGHT}{more}\n")
}

#[test]
fn every_kind_of_mistake_is_told_with_line_key_and_what_is_expected() {
    Settings::from_toml(RIGHT).unwrap();
    let second = "[[tenants]]\nname = \"NAME\"\n[tenants.enova]\nurl = \"https://erp.example\"\napplication_token_env = \"B\"\n[tenants.one]\nurl = \"https://one.example\"\ntenant = \"b\"\napi_key_env = \"C\"\n[tenants.flows.retail-prices]";
    let mistakes = [
        ("no TOML at all", with("name = \"shop\"", "name = shop")),
        ("no tenant", String::new()),
        ("tenants with one bracket", with("[[tenants]]", "[tenants]")),
        ("an unknown key at the top", and("[storage]")),
        ("an unknown key of a tenant", with("name = \"shop\"", "name = \"shop\"\nstage = [\"I\"]")),
        ("an unknown key of a system", with("tenant = \"my-tenant\"", "tenant = \"my-tenant\"\norder_service = \"x\"")),
        ("an unknown key of a flow", with("warehouses = {", "warehuses = {")),
        ("a misspelt common key of a flow", with("[tenants.flows.retail-prices]", "[tenants.flows.retail-prices]\nevry = \"1 h\"")),
        ("an unknown flow", and("[tenants.flows.ordres]")),
        ("an unknown stage", with("name = \"shop\"", "name = \"shop\"\nstages = [\"I\", \"IV\"]")),
        ("an unknown add-on", with("[tenants.one]", "areas = { stock = \"altoen\" }\n[tenants.one]")),
        ("an unknown area", with("[tenants.one]", "areas = { stok = \"b2b\" }\n[tenants.one]")),
        ("an unknown way of sending invoices", with("tenant = \"my-tenant\"", "tenant = \"my-tenant\"\ninvoice_verb = \"PATCH\"")),
        ("a name missing", with("name = \"shop\"\n", "")),
        ("a table missing", with("[tenants.one]\nurl = \"https://one.example\"\ntenant = \"my-tenant\"\n", "")),
        ("a key missing in a table", with("start_at = 1\n", "")),
        ("a key missing in a system", with("tenant = \"my-tenant\"\n", "")),
        ("no flow", RIGHT.split("[tenants.flows.stock]").next().unwrap().to_owned()),
        ("a number for a text", with("name = \"shop\"", "name = 5")),
        ("a text for a number", with("start_at = 1", "start_at = \"eins\"")),
        ("a text for a table", with("[tenants.flows.retail-prices]", "[tenants.flows]\nretail-prices = \"yes\"")),
        ("a negative number", with("warehouses =", "page_budget = -1\nwarehouses =")),
        ("no URL", with("https://one.example", "one.example")),
        ("a name that cannot be one", with("\"shop\"", "\"Mój sklep\"")),
        ("two tenants of one name", and(&second.replace("NAME", "shop")).replace("[tenants.one]\nurl = \"https://one.example\"\ntenant = \"my-tenant\"", "application_token_env = \"A\"\n[tenants.one]\nurl = \"https://one.example\"\ntenant = \"my-tenant\"\napi_key_env = \"D\"")),
        ("two tenants and no secret of their own", and(&second.replace("NAME", "other"))),
        ("a secret in the place of its variable's name", with("tenant = \"my-tenant\"", "tenant = \"my-tenant\"\napi_key_env = \"canary-123\"")),
        ("a secret itself", with("tenant = \"my-tenant\"", "tenant = \"my-tenant\"\napi_key = \"canary-123\"")),
        ("a secret from two places", with("tenant = \"my-tenant\"", "tenant = \"my-tenant\"\napi_key_env = \"KEY\"\napi_key_file = \"key.txt\"")),
        ("a span without a unit", with("warehouses =", "every = \"120\"\nwarehouses =")),
        ("a number for a span", with("warehouses =", "every = 120\nwarehouses =")),
        ("a period that does not divide a day", with("warehouses =", "every = \"7 min\"\nwarehouses =")),
        ("a phase that is longer than the period", with("warehouses =", "every = \"2 min\"\nat = \"3 min\"\nwarehouses =")),
        ("a phase for a time of the day", with("warehouses =", "at = \"50 s\"\nwarehouses =")),
        ("hours that there are not", with("warehouses =", "hours = [8, 25]\nwarehouses =")),
        ("one hour", with("warehouses =", "hours = [8]\nwarehouses =")),
        ("hours that leave no tick", with("warehouses =", "at = \"03:00\"\nhours = [8, 20]\nwarehouses =")),
        ("a day that there is not", with("name = \"shop\"", "name = \"shop\"\nstart_date = \"31.01.2026\"")),
        ("a page budget of nothing", with("warehouses =", "page_budget = 0\nwarehouses =")),
        ("a reassert without a full pass", with("warehouses =", "reassert = \"1 day\"\nwarehouses =")),
        ("warehouses one by one and summed", with("warehouses =", "summed = { to = \"X\" }\nwarehouses =")),
        ("two warehouses with one id", with("{ F = \"WRO\" }", "{ F = \"WRO\", M = \"WRO\" }")),
        ("no warehouse", with("warehouses = { F = \"WRO\" }\n", "")),
        ("a buffer of nothing", with("warehouses =", "buffer_percent = 0\nwarehouses =")),
        ("a decimal that is no text", with("warehouses =", "steps = { m = 0.1 }\nwarehouses =")),
        ("a decimal that is none", with("warehouses =", "steps = { m = \"viel\" }\nwarehouses =")),
        ("a position before the first", with("start_at = 1", "start_at = 0")),
        ("an unknown price policy", with("start_at = 1", "start_at = 1\nprice_policy = { cheaper = \"refused\" }")),
        ("an unknown stock policy", with("start_at = 1", "start_at = 1\nstock_policy = { missing = \"ask\" }")),
        ("orders that wait for clients whom nobody makes", with("start_at = 1", "start_at = 1\nnew_clients = \"wait\"")),
        ("a flow without the one beside it", and("[tenants.flows.invoice-pdfs]")),
        ("an unknown tick", and("[tenants.flows.invoices]\ntick = \"always\"")),
        ("no way of paying", and("[tenants.flows.offline-orders]\npayment_method = \" \"")),
        ("no list in a round", and("[tenants.flows.price-lists]\nper_round = 0\n[tenants.flows.client-prices]")),
        ("a way of reading that there is not", with("[tenants.one]", "reads = { goods = \"changed\" }\n[tenants.one]")),
        ("a tick that there is not", with("[tenants.one]", "ticks = { goods = \"nothing\" }\n[tenants.one]")),
        ("a queue of no flow", with("[tenants.one]", "queues.goods = { external_system = \"X\", security_code_env = \"X\" }\n[tenants.one]")),
        ("a queue without a secret", with("[tenants.one]", "queues.good-codes = { external_system = \"X\" }\nreads = { goods = \"queue\" }\n[tenants.one]") + "[tenants.flows.good-codes]\n"),
        ("a way of reading that no flow reads by", with("[tenants.one]", "reads = { invoices = \"full\", contractors = \"full\" }\n[tenants.one]") + "[tenants.flows.segments]\n"),
        ("a queue of a flow that reads no list", with("[tenants.one]", "queues.stock = { external_system = \"X\", security_code_env = \"X\" }\n[tenants.one]")),
        ("a queue of a flow that reads otherwise", with("[tenants.one]", "queues.segments = { external_system = \"X\", security_code_env = \"X\" }\n[tenants.one]") + "[tenants.flows.segments]\n"),
        ("a verb that there is not", with("tenant = \"my-tenant\"", "tenant = \"my-tenant\"\nwarehouse_verb = \"PATCH\"")),
        ("a field that nobody owns", and("[tenants.clients]\nportal_owns = [\"fax\"]")),
        ("no warehouse to describe", and("[tenants.flows.warehouses]\nwarehouses = {}")),
        ("a parent that is not there", and("[tenants.flows.warehouses]\nwarehouses = { F = { id = \"A\", type = \"LOCAL\", parent = \"B\" } }")),
        ("a rush that never ends", with("warehouses =", "rush = { calendar = [{}] }\nwarehouses =")),
        ("a rush that does not divide a day", with("warehouses =", "rush = { every = \"7 min\", calendar = [{ hours = [8, 9] }] }\nwarehouses =")),
        ("a client feed before its first position", and("[tenants.flows.clients-to-enova]\nstart_at = 0")),
        ("a limit of nothing", and("[tenants.flows.trade-credits]\nunlimited = \"0\"")),
        ("a blockade without its id", and("[tenants.flows.client-blockades]")),
        ("a schema that is none", and("[store]\nschema = \"My Schema\"")),
        ("a database from two places", and("[store]\npostgres_url_env = \"A\"\npostgres_url_file = \"b\"")),
        ("a private face that is open", and("[faces]\nprivate = \"0.0.0.0:9090\"")),
        ("two faces on one address", and("[faces]\nprivate = \"127.0.0.1:1\"\npublic = \"127.0.0.1:1\"")),
        ("a public face for nobody", and("[faces]\npublic = \"127.0.0.1:1\"")),
        ("hooks that nothing listens for", and("[tenants.hooks]\nsecret_env = \"HOOKS\"")),
        ("hooks without a secret", and("[tenants.hooks]\n[faces]\npublic = \"127.0.0.1:1\"")),
        ("a secret of hooks itself", and("[tenants.hooks]\nsecret = \"canary-123\"\n[faces]\npublic = \"127.0.0.1:1\"")),
        ("an event of no flow", and("[tenants.hooks]\nsecret_env = \"HOOKS\"\nevents = { \"order.changed\" = \"ZamowienieStaus\" }\n[faces]\npublic = \"127.0.0.1:1\"")),
        ("a field that no hint has", and("[tenants.hooks]\nsecret_env = \"HOOKS\"\nfields = { event = \"x\" }\n[faces]\npublic = \"127.0.0.1:1\"")),
        ("a face without a port", and("[faces]\nprivate = \"127.0.0.1\"")),
        ("a period of the engine that cannot be", and("[engine]\ndispatch_every = \"7 s\"")),
        ("no place for a class of jobs", and("[engine]\norders = 0\nstock = 0\nregular = 0\nbulk = 0")),
        ("checks without a pause", and("[alerts]\ncheck_every = \"0 s\"")),
        ("several at once", with("warehouses =", "every = \"120\"\nwarehuses =") + "[faces]\nprivat = \"\"\n"),
    ];
    let mut told = String::new();
    for (what, text) in mistakes {
        let Err(error) = Settings::from_toml(&text) else { panic!("{what} is no mistake:\n{text}") };
        assert_eq!(error.kind(), bridge::ErrorKind::Config);
        let shown = format!("{error}");
        assert!(!format!("{error:?}").contains("canary"), "{what}: {error:?}");
        writeln!(told, "{what}:\n  {}", shown.replace('\n', "\n  ")).unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn the_example_file_is_right_and_has_a_section_for_every_flow() {
    let settings = Settings::from_toml(EXAMPLE).unwrap();
    assert_eq!(settings.tenants.len(), 1);
    for entry in bridge::entries() {
        assert!(EXAMPLE.contains(&format!("[tenants.flows.{}]", entry.id)), "{}", entry.id);
    }
}

#[test]
fn what_the_example_file_comments_out_for_machines_is_right_too() {
    let mut text = String::new();
    let mut within = false;
    for line in EXAMPLE.lines() {
        match line.strip_prefix("# ").filter(|_| within || line.starts_with("# [")) {
            Some(line) if line.starts_with('[') => {
                within = ["[tenants.hooks]", "[faces]"].iter().any(|table| line.starts_with(table));
                if within {
                    writeln!(text, "{line}").unwrap();
                }
            }
            // a secret comes from one place
            Some(line) if within && !line.contains("_file") => writeln!(text, "{line}").unwrap(),
            Some(_) => {}
            None => {
                within = false;
                writeln!(text, "{line}").unwrap();
            }
        }
    }
    assert!(text.contains("\n[tenants.hooks]") && text.contains("\n[faces]"));
    let settings = Settings::from_toml(&text).unwrap();
    assert!(settings.faces.private.is_some() && settings.faces.public.is_some());
}

#[test]
fn the_private_face_is_open_to_other_machines_only_if_that_is_said() {
    let open = and("[faces]\nprivate = \"0.0.0.0:9090\"");
    assert!(Settings::from_toml(&open).unwrap_err().to_string().contains("faces.private"));
    Settings::from_toml(&format!("{open}allow_other_machines = true\n")).unwrap();
}

#[test]
fn a_flow_that_has_a_section_is_one_of_the_catalogue_by_a_name_of_its_own() {
    let mut ids: Vec<&str> = bridge::entries().iter().map(|entry| entry.id).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all);
}
