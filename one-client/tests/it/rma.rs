//! Endpoints of the service `rma`.

use crate::endpoints::{CONTENT, Check};
use crate::payloads::{payload, round_trips};
use crate::wire::{answering, sent};
use crate::{client_of, decimal, mock, simulated};
use futures::TryStreamExt;
use one_client::rma::{Complaint, GetComplaint, GetComplaints};
use one_client::{ClientId, Endpoint, ErrorKind, Page, Row, RowOffset};
use wiremock::matchers::query_param;
use wiremock::{Mock, ResponseTemplate};

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    let complaint = format!(r#"{{"id":"1","name":"{CONTENT}","items":[{{"productName":"{CONTENT}"}}]}}"#);
    check.endpoint(&GetComplaint::builder().complaint_id(CONTENT).build(), &complaint).await;
    let list = GetComplaints::builder().client_id(CONTENT).build();
    check.endpoint(&list, &format!("[{complaint}]")).await;
}

#[tokio::test]
async fn complaints_are_asked_for_one_by_one_of_a_client_and_of_all() {
    let server = answering(r#"{"id":"1"}"#).await;
    let one = client_of(&server).build().unwrap();
    one.complaints().get(&"rek/1:ż".into()).await.unwrap();
    let mut requests = vec![sent(&server).await];

    let server = answering("[]").await;
    let one = client_of(&server).build().unwrap();
    let client = ClientId::from("ind:00000000-0000-4000-8000-000000000035");
    let list = one.complaints().list_of_client(&client, RowOffset::FIRST, 20);
    assert_eq!(list.try_collect::<Vec<_>>().await.unwrap().len(), 1);
    requests.push(sent(&server).await);

    let server = answering(r#"{"items":[]}"#).await;
    let one = client_of(&server).build().unwrap();
    let list = one.complaints().list(RowOffset::new(40), 20);
    assert_eq!(list.try_collect::<Vec<_>>().await.unwrap().len(), 1);
    requests.push(sent(&server).await);
    insta::assert_snapshot!(requests.join("\n"));
}

#[test]
fn the_documented_complaint_is_read_and_written_back() {
    round_trips::<Complaint>("39_complaint");
    let complaint: Complaint = serde_json::from_str(&payload("39_complaint")).unwrap();
    assert_eq!(complaint.create_date.unwrap().to_string(), "2022-04-04 08:15:20");
    let item = &complaint.items[0];
    assert_eq!(item.position_on_invoice, Some(1));
    assert_eq!(item.quantity_on_invoice, Some(decimal("24")));
    assert_eq!(item.advertised_quantity, Some(decimal("1")));
}

#[test]
fn a_complaint_shows_ids_and_nothing_of_the_person() {
    let complaint: Complaint = serde_json::from_str(&payload("39_complaint")).unwrap();
    let shown = format!("{complaint:?} {:?}", complaint.items);
    for id in ["-000000000033", "org:", "sku-a"] {
        assert!(shown.contains(id), "{id} in {shown}");
    }
    for content in ["Example", "user@", "000 000", "FV/01", "103/2022", "24", "2022-04"] {
        assert!(!shown.contains(content), "{content} in {shown}");
    }
}

#[tokio::test]
async fn the_list_goes_on_by_the_rows_that_came_and_a_bad_complaint_hides_no_other() {
    let server = mock().await;
    let pages =
        [("0", r#"{"items":[{"id":"a"},{"id":"b","createDate":"wczoraj"}]}"#), ("2", r#"{"items":[]}"#)];
    for (offset, page) in pages {
        let answer = ResponseTemplate::new(200).set_body_raw(page, "application/json");
        Mock::given(query_param("offset", offset)).respond_with(answer).expect(1).mount(&server).await;
    }
    let one = client_of(&server).build().unwrap();
    let pages: Vec<_> = one.complaints().list(RowOffset::FIRST, 20).try_collect().await.unwrap();
    assert_eq!(pages[0].items[0].as_ref().unwrap().id.as_str(), "a");
    let bad = pages[0].items[1].as_ref().unwrap_err();
    assert_eq!((bad.index, bad.key.as_deref()), (1, Some("b")));
    assert!(bad.error.to_string().contains("createDate"), "{}", bad.error);
    assert_eq!((pages[0].next, pages.len()), (Some(RowOffset::new(2)), 2));
}

#[test]
fn an_answer_that_is_no_list_is_not_an_empty_one() {
    for body in ["{}", "null", r#"{"error":"no"}"#] {
        assert!(GetComplaints::builder().build().decode(body.as_bytes()).is_err(), "{body}");
    }
}

#[tokio::test]
async fn complaints_of_the_simulator_are_read_one_by_one_by_client_and_all() {
    let (simulator, one) = simulated().await;
    for (id, client) in [("rek/1:ż", "org:1"), ("rek/2", "ind:2"), ("rek/3", "org:1")] {
        let complaint = payload("39_complaint")
            .replace("00000000-0000-4000-8000-000000000033", id)
            .replace("org:00000000-0000-4000-8000-000000000035", client);
        simulator.put_record("complaints", id, &complaint).unwrap();
    }
    let complaint = one.complaints().get(&"rek/1:ż".into()).await.unwrap();
    assert_eq!((complaint.id.as_str(), complaint.items.len()), ("rek/1:ż", 1));
    let error = one.complaints().get(&"rek/9".into()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);

    let (client, first) = (ClientId::from("org:1"), RowOffset::FIRST);
    let ids = |pages: Vec<Page<Row<Complaint>, RowOffset>>| {
        let rows = pages.into_iter().flat_map(|page| page.items);
        rows.map(|row| row.unwrap().id.into_string()).collect::<Vec<_>>()
    };
    let of_client = one.complaints().list_of_client(&client, first, 1).try_collect().await.unwrap();
    assert_eq!(ids(of_client), ["rek/1:ż", "rek/3"]);
    let all = one.complaints().list(first, 2).try_collect().await.unwrap();
    assert_eq!(ids(all), ["rek/1:ż", "rek/2", "rek/3"]);
}
