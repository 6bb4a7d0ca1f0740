//! Endpoints of the service `catalog`.

use crate::endpoints::{CONTENT, Check};
use crate::payloads::{payload, round_trips, same_json};
use crate::wire::{answering, sent};
use crate::{client_of, decimal, hurried, mock, simulated};
use futures::TryStreamExt;
use one_client::catalog::{
    Category, GetCategories, GetPluginData, GetProductBySku, Manufacturer, PluginData, PostAttributesImport,
    PostCategoriesImport, PostManufacturer, PostPluginDataByProduct, PostProductsImportAll, Product,
    PutManufacturer,
};
use one_client::simulator::Simulator;
use one_client::{CategoryId, Client, Endpoint, ErrorKind, Json, ManufacturerId, PageNumber, PluginId, Sku};
use rstest::rstest;
use std::fmt::Write;
use wiremock::matchers::any;
use wiremock::{Mock, ResponseTemplate};

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    let categories = format!(r#"[{{"id":"1","name":"{CONTENT}","parent":null,"children":null}}]"#);
    check.endpoint(&GetCategories::new(), &categories).await;
    let product = format!(r#"{{"id":"1","name":"{CONTENT}","multivalueAttributes":[]}}"#);
    check.endpoint(&GetProductBySku::builder().id(CONTENT).build(), &product).await;

    let page =
        format!(r#"{{"items":[{{"productId":"1","metadata":"{CONTENT}"}}],"totalPages":1,"nextPage":null}}"#);
    check.endpoint(&GetPluginData::builder().plugin_id(CONTENT).build(), &page).await;
    let metadata = Json::of(&CONTENT).unwrap();
    let data = PostPluginDataByProduct::builder().plugin_id(CONTENT).product_id(CONTENT);
    check.endpoint(&data.metadata(metadata).build(), "{}").await;

    let (id, manufacturer) = (ManufacturerId::from(CONTENT), Manufacturer::new(CONTENT, CONTENT, CONTENT));
    let answer = format!(r#"{{"manufacturerId":"{CONTENT}"}}"#);
    check.endpoint(&PostManufacturer::new(&manufacturer), &answer).await;
    check.endpoint(&PutManufacturer::new(&id, &manufacturer), "{}").await;

    check.endpoint(&PostAttributesImport::new(), "{}").await;
    check.endpoint(&PostCategoriesImport::new(), "{}").await;
    check.endpoint(&PostProductsImportAll::new(), "{}").await;
}

/// What a call of the handles sends.
async fn request<T>(answer: &str, call: impl AsyncFnOnce(Client) -> one_client::Result<T>) -> String {
    let server = answering(answer).await;
    call(client_of(&server).build().unwrap()).await.unwrap();
    sent(&server).await
}

#[tokio::test]
async fn every_call_of_the_catalog_sends_what_is_documented() {
    let plugin = PluginId::from("wtyczka/1:a");
    let manufacturer = Manufacturer::new("Łożyska S.A.", "PR/1:a", "ŁOŻ");
    let metadata = Json::from_text(r#"{"waga": 1.50, "barwy": ["żółty"]}"#).unwrap();
    let requests = [
        request("[]", async |one| one.categories().list().await).await,
        request(r#"{"id":"ŁOŻYSKO/1:a"}"#, async |one| one.products().get(&"ŁOŻYSKO/1:a".into()).await).await,
        request(r#"{"items":[]}"#, async |one| {
            one.plugin_data().list(&plugin, PageNumber::FIRST, 50).try_collect::<Vec<_>>().await
        })
        .await,
        request("", async |one| one.plugin_data().create(&plugin, &"ŁOŻYSKO/1:a".into(), &metadata).await)
            .await,
        request(r#"{"manufacturerId":"m"}"#, async |one| one.manufacturers().create(&manufacturer).await)
            .await,
        request("", async |one| one.manufacturers().update(&"m/1:a".into(), &manufacturer).await).await,
        request("", async |one| one.etim_imports().import_attributes().await).await,
        request("", async |one| one.etim_imports().import_categories().await).await,
        request("", async |one| one.etim_imports().import_all_products().await).await,
    ];
    let all = requests.iter().fold(String::new(), |mut all, request| {
        writeln!(all, "{request}\n").unwrap();
        all
    });
    insta::assert_snapshot!(all);
}

#[test]
fn the_documented_categories_are_read_and_written_back_with_all_their_nulls() {
    round_trips::<Vec<Category>>("34_categories");
}

#[test]
fn the_documented_manufacturer_is_sent_as_it_stands() {
    round_trips::<Manufacturer>("37_create_manufacturer");
    same_json(
        &payload("37_create_manufacturer"),
        &PostManufacturer::new(&Manufacturer::new("Example manufacturer", "001", "manu")),
    );
}

#[test]
fn children_are_below_and_the_parent_above_as_in_the_example() {
    let rows = GetCategories::new().decode(payload("34_categories").as_bytes()).unwrap();
    let first = rows[0].as_ref().unwrap();
    assert_eq!((first.id.as_str(), &first.parent), ("cat_1", &None));
    assert_eq!(first.children.len(), 6);
    assert_eq!(first.children[1], CategoryId::from("cat_1_2"));
}

#[test]
fn a_category_that_cannot_be_read_hides_no_other() {
    let body =
        r#"[{"id":"cat_1","children":null},{"id":7,"children":7},{"name":"x"},{"id":"cat_2","seo":null}]"#;
    let rows = GetCategories::new().decode(body.as_bytes()).unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| row.as_ref().map(|row| row.id.as_str()).map_err(|bad| (bad.index, bad.key.as_deref())))
        .collect();
    assert_eq!(told, [Ok("cat_1"), Err((1, Some("7"))), Err((2, None)), Ok("cat_2")]);
}

#[rstest]
#[case("{}")]
#[case("null")]
#[case(r#"{"error":"no"}"#)]
fn what_is_no_array_is_no_empty_list_of_categories(#[case] body: &str) {
    assert_eq!(GetCategories::new().decode(body.as_bytes()).unwrap_err().kind(), ErrorKind::Decode);
}

/// Its end is cut in the documentation; here it goes on with what nobody knows.
const PRODUCT: &str = r#"{"id":"ŁOŻYSKO/1:a","productOrigin":"INTEGRATION","createdBy":null,"name":"Łożysko",
    "manufacturerIndex":"6204-2RS","catalogIndex":null,"productSeries":null,"multivalueAttributes":[
    {"valueType":"NUMERIC","nameCode":"EF000010","name":"średnica","values":[{"value":0.1000000000000000055},{"value":"47","unit":"mm"}]},
    {"valueType":"LOGIC","nameCode":"EF000011","name":"kryte","values":[{"value":true}]}],"weight":1.50,"packagings":[{"ean":"5900000000001"}]}"#;

#[test]
fn a_product_is_read_exactly_and_what_the_documentation_cuts_off_is_kept() {
    let product = GetProductBySku::builder().id("ŁOŻYSKO/1:a").build().decode(PRODUCT.as_bytes()).unwrap();
    assert_eq!(product.id, Sku::from("ŁOŻYSKO/1:a"));
    assert_eq!(product.extra.names().collect::<Vec<_>>(), ["packagings", "weight"]);
    assert_eq!(product.extra.decimal("weight"), Some(decimal("1.50")));
    let attribute = &product.multivalue_attributes[0];
    let values: Vec<_> = attribute.values.iter().map(|value| value.value.as_ref().unwrap()).collect();
    assert_eq!(values[0].decimal(), Some(decimal("0.1000000000000000055")));
    assert_eq!(values[1].text().as_deref(), Some("47"));
    assert_eq!(attribute.values[1].extra.json("unit"), Some("\"mm\""));
    assert_eq!(product.multivalue_attributes[1].values[0].value.as_ref().unwrap().json(), "true");
    same_json(PRODUCT, &product);
    let shown = format!("{product:?} {attribute:?}");
    assert!(shown.contains("ŁOŻYSKO/1:a") && shown.contains("EF000010"), "{shown}");
    assert!(!shown.contains("Łożysko") && !shown.contains("średnica"), "{shown}");
}

#[test]
fn values_whose_type_is_unknown_are_taken_whatever_they_are() {
    for value in ["\"Jan\"", "7", "{\"id\":\"u\"}", "[1.0]", "false"] {
        let json = format!(r#"{{"id":"1","createdBy":{value},"productSeries":{value},"catalogIndex":null}}"#);
        let product: Product = serde_json::from_str(&json).unwrap();
        assert_eq!(product.created_by.as_ref().unwrap().json(), value);
        assert_eq!(product.product_series.as_ref().unwrap().json(), value);
        let json = format!(r#"{{"id":"1","seo":{{"follow":{value},"index":null}}}}"#);
        let seo = serde_json::from_str::<Category>(&json).unwrap().seo.unwrap();
        assert_eq!((seo.follow.as_ref().unwrap().json(), &seo.index), (value, &None));
    }
}

fn item(product: &str, metadata: &str) -> String {
    format!(r#"{{"pluginId":"p","productId":"{product}","metadata":{metadata}}}"#)
}

#[tokio::test]
async fn plugin_data_is_listed_page_by_page_with_its_metadata_as_it_came() {
    let server = mock().await;
    let metadata = r#"{"b": 1.50, "a": [0.1000000000000000055]}"#;
    let pages = [
        format!(
            r#"{{"items":[{},{}],"totalItems":3,"pageNumber":1,"totalPages":2,"pageSize":2,"nextPage":2}}"#,
            item("a", metadata),
            item("b", "null")
        ),
        format!(
            r#"{{"items":[{}],"totalItems":3,"pageNumber":2,"totalPages":2,"pageSize":2,"nextPage":null}}"#,
            item("c", "\"ż\"")
        ),
    ];
    for page in pages {
        let answer = ResponseTemplate::new(200).set_body_raw(page, "application/json");
        Mock::given(any()).respond_with(answer).up_to_n_times(1).mount(&server).await;
    }
    let one = client_of(&server).build().unwrap();
    let pages: Vec<_> =
        one.plugin_data().list(&"p".into(), PageNumber::FIRST, 2).try_collect().await.unwrap();
    let rows: Vec<PluginData> = pages.into_iter().flat_map(|page| page.items).map(Result::unwrap).collect();
    let told: Vec<_> = rows.iter().map(|row| (row.product_id.as_str(), row.metadata.json())).collect();
    assert_eq!(told, [("a", metadata), ("b", "null"), ("c", "\"ż\"")]);
    same_json(&item("a", metadata), &rows[0]);
    let shown = format!("{rows:?}");
    assert!(!shown.contains("1.50") && !shown.contains('ż'), "{shown}");
}

#[test]
fn an_answer_without_the_new_manufacturers_id_is_an_error() {
    let manufacturer = Manufacturer::new("a", "b", "c");
    for body in ["{}", r#"{"manufacturerId":null}"#, r#"{"name":"a"}"#, ""] {
        let error = PostManufacturer::new(&manufacturer).decode(body.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
    }
}

#[tokio::test]
async fn an_import_is_not_started_twice_after_an_unclear_answer_and_says_so() {
    let server = mock().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).expect(1).mount(&server).await;
    let one = client_of(&server).build().unwrap();
    let error = one.etim_imports().import_all_products().await.unwrap_err();
    assert!(error.may_have_been_applied());
}

#[tokio::test]
async fn categories_and_products_of_the_simulator_are_read_and_what_is_not_there_is_not_found() {
    let (simulator, one) = simulated().await;
    assert!(one.categories().list().await.unwrap().is_empty());
    simulator.put_record("categories", "kat/1:a", r#"{"id":"kat/1:a","name":"Łożyska"}"#).unwrap();
    simulator.put_record("products", "ŁOŻYSKO/1:a", PRODUCT).unwrap();
    let categories = one.categories().list().await.unwrap();
    assert_eq!(categories[0].as_ref().unwrap().name.as_deref(), Some("Łożyska"));
    same_json(PRODUCT, &one.products().get(&"ŁOŻYSKO/1:a".into()).await.unwrap());
    let error = one.products().get(&"ŁOŻYSKO".into()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn plugin_data_that_was_written_is_listed_digit_for_digit_and_each_plugin_has_its_own() {
    let simulator = Simulator::builder().max_page_size(2).start().await.unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    let metadata = Json::from_text(r#"{"waga":1.50,"barwa":"żółty"}"#).unwrap();
    for product in ["a", "b", "ŁOŻYSKO/1:a"] {
        one.plugin_data().create(&"w/1:a".into(), &product.into(), &metadata).await.unwrap();
    }
    one.plugin_data().create(&"w/1:a".into(), &"b".into(), &Json::default()).await.unwrap();
    one.plugin_data().create(&"w".into(), &"1:a/a".into(), &metadata).await.unwrap();
    let pages: Vec<_> =
        one.plugin_data().list(&"w/1:a".into(), PageNumber::FIRST, 100).try_collect().await.unwrap();
    assert_eq!(pages.len(), 2);
    let rows: Vec<PluginData> = pages.into_iter().flat_map(|page| page.items).map(Result::unwrap).collect();
    let told: Vec<_> = rows.iter().map(|row| (row.product_id.as_str(), row.metadata.json())).collect();
    assert_eq!(told, [("a", metadata.json()), ("b", "null"), ("ŁOŻYSKO/1:a", metadata.json())]);
}

#[tokio::test]
async fn a_manufacturer_is_added_changed_and_not_found_under_another_id() {
    let (simulator, one) = simulated().await;
    let id = one.manufacturers().create(&Manufacturer::new("Łożyska", "PR/1:a", "ŁOŻ")).await.unwrap();
    let changed = Manufacturer::new("Łożyska S.A.", "PR/1:a", "ŁOŻ");
    one.manufacturers().update(&id, &changed).await.unwrap();
    same_json(&simulator.record("manufacturers", id.as_str()).unwrap(), &changed);
    let error = one.manufacturers().update(&"inny/1:a".into(), &changed).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn each_import_is_started_once_per_call() {
    let (simulator, one) = simulated().await;
    one.etim_imports().import_attributes().await.unwrap();
    one.etim_imports().import_categories().await.unwrap();
    one.etim_imports().import_all_products().await.unwrap();
    one.etim_imports().import_all_products().await.unwrap();
    let counts: Vec<_> = simulator.records("imports").into_iter().collect();
    let told = [("attributes", "1"), ("categories", "1"), ("products", "2")];
    assert_eq!(counts, told.map(|(what, count)| (what.to_owned(), count.to_owned())));
}
