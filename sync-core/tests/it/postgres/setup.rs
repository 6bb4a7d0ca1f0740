//! Connecting, the schema, and what errors show.

use sync_core::{ErrorKind, PostgresSettings, PostgresStore, Store};

use super::{admin, database, lease, shown, with_database};

#[tokio::test]
async fn a_schema_is_made_by_many_at_the_same_time() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let schema = database.schema().await;
        let stores = futures::future::join_all((0..6).map(|_| database.open(&schema))).await;
        for store in stores {
            store.now().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn what_exists_is_opened_and_what_does_not_is_not_made() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let schema = database.schema().await;
        let open = async || {
            let settings = PostgresSettings::default().schema(&schema);
            PostgresStore::connect_existing(&database.url, settings).await.unwrap()
        };
        assert!(open().await.is_none());
        assert!(open().await.is_none(), "nothing was made");
        database.open(&schema).await;
        open().await.unwrap().now().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn newer_schemas_and_those_of_other_programs_are_refused() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let newer = database.fresh().await;
        newer.run("UPDATE {s}.version SET version = 99").await;
        let other = database.schema().await;
        let sql = format!("CREATE SCHEMA {other}; CREATE TABLE {other}.flow (x int)");
        admin(&database.url).await.batch_execute(&sql).await.unwrap();
        for schema in [newer.schema, other] {
            let settings = PostgresSettings::default().schema(schema);
            let error = PostgresStore::connect_with(&database.url, settings).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnknownFormat, "{error}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_wrong_url_or_schema_is_a_matter_of_configuration_and_shows_no_password() {
    let wrong = [
        ("postgres://user:canary@host:canary/db", "sync_core"),
        ("postgres://user:canary@host/db?sslmode=verify-full", "sync_core"),
        ("postgres://user:canary@host/db?sslmode=require", "sync_core"),
        ("postgres://user:canary@host/db", "canary\"; DROP"),
        ("postgres://user:canary@host/db", "pg_canary"),
        ("postgres://user:canary@host/db", ""),
    ];
    for (url, schema) in wrong {
        let settings = PostgresSettings::default().schema(schema);
        let error = PostgresStore::connect_with(url, settings).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(!shown(&error).contains("canary"), "{}", shown(&error));
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_shows_no_password() {
    let error = PostgresStore::connect("postgres://user:canary@127.0.0.1:1/db").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(!shown(&error).contains("canary"), "{}", shown(&error));
}

#[tokio::test]
async fn errors_and_debug_show_nothing_of_the_databases_words() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let sql = "CREATE OR REPLACE FUNCTION {s}.sync_now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN
                   RAISE unique_violation USING MESSAGE = 'canary-1', DETAIL = 'canary-2', HINT = 'canary-3'; END $$";
        test.run(sql).await;
        let error = test.store.now().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        let shown = shown(&error);
        assert!(shown.contains("23505") && !shown.contains("canary"), "{shown}");
        let debug = format!("{:?}", test.store);
        assert!(debug.contains(&test.schema) && !debug.contains("postgres://"), "{debug}");
    })
    .await;
}

#[tokio::test]
async fn a_schema_may_be_named_like_a_word_of_sql() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let client = admin(&database.url).await;
        // the name is the same for all runs of this test on one database
        client.batch_execute("SELECT pg_advisory_lock(hashtext('sync_test_select'))").await.unwrap();
        client.batch_execute("DROP SCHEMA IF EXISTS \"select\" CASCADE").await.unwrap();
        let store = database.open("select").await;
        lease(&store, "one").await;
        client.batch_execute("DROP SCHEMA \"select\" CASCADE").await.unwrap();
    })
    .await;
}
