//! Drop folders.

use std::fs;
use std::path::Path;

use sync_core::files::{Complete, DropFolder, Folder};
use sync_core::testing::{SourceExpectations, queue_conformance, source_conformance};
use sync_core::{
    ErrorKind, Item, Key, ReadFrom, Reason, Receipt, Reconciled, RejectFilter, Source, SourceIdentity,
};

use super::{Bench, Stock, csv, drop_folder, export, format, holding, names, place};

fn put(folder: &Path, name: &str, rows: &[(&str, &str)]) {
    fs::write(folder.join(name), csv(rows)).unwrap();
}

/// The keys of everything that is pending, with receipts, page by page of `limit` rows.
async fn pending(source: &DropFolder<Stock>, limit: usize) -> (String, Vec<Receipt>) {
    let (mut keys, mut receipts, mut from) = (String::new(), Vec::new(), None);
    loop {
        let page = source.read(from.as_ref().map_or(ReadFrom::Start, ReadFrom::After), limit).await.unwrap();
        for item in page.items {
            keys.push_str(item.key().map_or("?", Key::as_str));
            let (Item::Upsert { receipt, .. } | Item::Deleted { receipt, .. } | Item::Bad { receipt, .. }) =
                item
            else {
                continue;
            };
            receipts.push(receipt.unwrap());
        }
        if page.end {
            return (keys, receipts);
        }
        from = page.next;
    }
}

fn taken(receipts: &[Receipt]) -> Vec<(Receipt, Result<(), Reason>)> {
    receipts.iter().map(|receipt| (receipt.clone(), Ok(()))).collect()
}

#[tokio::test]
async fn it_keeps_every_promise_of_a_source_and_of_a_queue() {
    let place = place();
    for (name, rows) in [("zmiany-1", 5), ("zmiany-2", 1), ("zmiany-3", 4)] {
        let keys: Vec<String> = (0..rows).map(|n| format!("{name}.{n}")).collect();
        let rows: Vec<_> = keys.iter().map(|key| (key.as_str(), "1")).collect();
        put(place.path(), name, &rows);
    }
    fs::write(place.path().join("zmiany-4"), b"Kod;Nazwa;Stan\nx;\xff\x81;1\n").unwrap();
    put(place.path(), "stany.csv", &[("A", "1")]);
    let everything = export(place.path(), format(), Complete::Renamed);
    let source = Reconciled::new(drop_folder(place.path()), everything);
    source_conformance(&source, &SourceExpectations::new().alive(["A"])).await.unwrap();
    queue_conformance(&source, &SourceExpectations::new()).await.unwrap();
    let moved = [names(&place.path().join("done")), names(&place.path().join("failed"))].concat();
    let files: Vec<_> = moved.iter().filter(|name| !name.ends_with(".rejects")).collect();
    assert_eq!(files.len(), 4, "{moved:?}");
    let left: Vec<_> = names(place.path()).into_iter().filter(|name| name.contains("zmiany")).collect();
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test]
async fn each_file_is_read_once_in_order_and_what_was_rejected_lies_beside_it() {
    let place = place();
    put(place.path(), "zmiany-2.csv", &[("A", "2"), ("B", "2")]);
    put(place.path(), "zmiany-1.csv", &[("A", "1"), ("C", "1"), ("D", "tajne")]);
    put(place.path(), "zmiany-3.csv.tmp", &[("A", "3")]);
    let bench = Bench::new(drop_folder(place.path()), 2);
    bench.sink.refuse_for("C", Reason::new("unknown-good").with_detail("no C"));
    bench.run().await.unwrap();
    assert_eq!(bench.holds(), holding(&[("A", "2"), ("B", "2")]));
    assert_eq!(names(&place.path().join("done")), ["zmiany-2.csv"]);
    assert_eq!(names(&place.path().join("failed")), ["zmiany-1.csv", "zmiany-1.csv.rejects"]);
    let rejects = fs::read_to_string(place.path().join("failed/zmiany-1.csv.rejects")).unwrap();
    assert_eq!(
        rejects,
        "row;code;detail\r\n2;unknown-good;no C\r\n\
         3;invalid;zmiany-1.csv, line 4, column Stan: is no number of the format that is set\r\n"
    );
    assert_eq!(names(place.path()), ["done", "failed", "zmiany-3.csv.tmp"]);
    assert_eq!(bench.run().await.unwrap().fetched, 0);
    // the same name again
    put(place.path(), "zmiany-2.csv", &[("B", "3")]);
    bench.run().await.unwrap();
    assert_eq!(bench.holds(), holding(&[("A", "2"), ("B", "3")]));
    assert_eq!(names(&place.path().join("done")).len(), 2);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_one_reject_and_holds_no_other_up() {
    let place = place();
    fs::write(place.path().join("zmiany-1.csv"), "Kod;Stan\nA;1\n").unwrap();
    fs::write(place.path().join("zmiany-2.csv"), "").unwrap();
    fs::write(place.path().join("zmiany-3.csv"), "Kod;Nazwa;Stan\n").unwrap();
    put(place.path(), "zmiany-4.csv", &[("A", "4")]);
    let bench = Bench::new(drop_folder(place.path()), 10);
    bench.run().await.unwrap();
    assert_eq!(bench.holds(), holding(&[("A", "4")]));
    let rejects = bench.store.rejects(&RejectFilter::all()).await.unwrap();
    let told: Vec<_> =
        rejects.iter().map(|reject| (reject.key.to_string(), reject.reason.detail())).collect();
    assert_eq!(
        told,
        [
            ("file:zmiany-1.csv".to_owned(), Some("zmiany-1.csv, line 1: the header lacks Nazwa")),
            ("file:zmiany-2.csv".to_owned(), Some("zmiany-2.csv: the header is missing")),
        ]
    );
    assert_eq!(names(&place.path().join("done")), ["zmiany-3.csv", "zmiany-4.csv"]);
    assert_eq!(names(&place.path().join("failed")).len(), 4);
}

#[tokio::test]
async fn a_new_process_goes_on_within_a_file() {
    let place = place();
    put(place.path(), "zmiany.csv", &[("A", "1"), ("B", "2"), ("C", "3"), ("D", "4")]);
    let (keys, receipts) = pending(&drop_folder(place.path()), 3).await;
    assert_eq!(keys, "ABCD");
    let some = [&receipts[..1], &receipts[2..3]].concat();
    drop_folder(place.path()).acknowledge(&taken(&some)).await.unwrap();
    let (keys, rest) = pending(&drop_folder(place.path()), 3).await;
    assert_eq!(keys, "BD");
    drop_folder(place.path()).acknowledge(&taken(&rest)).await.unwrap();
    assert_eq!(names(place.path()), ["done"]);
    // told once more, after a crash
    drop_folder(place.path()).acknowledge(&taken(&receipts)).await.unwrap();
    assert_eq!(names(place.path()), ["done"]);
}

#[tokio::test]
async fn a_process_that_dies_before_the_move_moves_the_file_when_it_is_back() {
    let place = place();
    put(place.path(), "zmiany.csv", &[("A", "1")]);
    let (_, receipts) = pending(&drop_folder(place.path()), 3).await;
    // the folder `done` cannot be made, so the acknowledgement ends before the move
    fs::write(place.path().join("done"), "in the way").unwrap();
    let error = drop_folder(place.path()).acknowledge(&taken(&receipts)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transient);
    fs::remove_file(place.path().join("done")).unwrap();
    assert_eq!(pending(&drop_folder(place.path()), 3).await.0, "");
    assert_eq!(names(place.path()), ["done"]);
    assert_eq!(names(&place.path().join("done")), ["zmiany.csv"]);
}

#[tokio::test]
async fn a_file_that_was_replaced_before_its_acknowledgement_is_read_anew() {
    let place = place();
    put(place.path(), "zmiany.csv", &[("A", "1")]);
    let source = drop_folder(place.path());
    let (_, receipts) = pending(&source, 3).await;
    put(place.path(), "zmiany.csv", &[("B", "2")]);
    source.acknowledge(&taken(&receipts)).await.unwrap();
    assert_eq!(pending(&source, 3).await.0, "B");
    assert_eq!(names(place.path()), ["zmiany.csv"]);
}

fn marked(place: &Path) -> DropFolder<Stock> {
    let folder = Folder::new(place, "zmiany*", Complete::Marker(".ok".to_owned())).unwrap();
    DropFolder::new(
        SourceIdentity::new("erp", "changes"),
        folder,
        format(),
        |row| Ok(Key::from(row.text("Kod")?)),
        |row| Ok(Stock { name: String::new(), quantity: row.decimal("Stan")? }),
    )
}

#[tokio::test]
async fn a_file_without_rows_whose_marker_is_gone_already_is_moved_when_the_process_is_back() {
    let place = place();
    put(place.path(), "zmiany-1.csv", &[]);
    put(place.path(), "zmiany-2.csv", &[("A", "1")]);
    for marker in ["zmiany-1.csv.ok", "zmiany-2.csv.ok"] {
        fs::write(place.path().join(marker), "").unwrap();
    }
    // the folder `done` cannot be made, so that the process ends before the move
    fs::write(place.path().join("done"), "in the way").unwrap();
    marked(place.path()).read(ReadFrom::Start, 3).await.unwrap_err();
    fs::remove_file(place.path().join("done")).unwrap();
    // or right before the move, when the marker is gone
    fs::remove_file(place.path().join("zmiany-1.csv.ok")).unwrap();
    assert_eq!(pending(&marked(place.path()), 3).await.0, "A");
    assert_eq!(names(&place.path().join("done")), ["zmiany-1.csv"]);
}

#[tokio::test]
async fn a_name_too_long_for_what_lies_beside_the_file_is_refused_before_a_row_is_given() {
    let place = place();
    let name = format!("zmiany{}", "x".repeat(240));
    put(place.path(), &name, &[("A", "1")]);
    let error = drop_folder(place.path()).read(ReadFrom::Start, 3).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    // one of the longest
    let shorter = &name[..200];
    fs::rename(place.path().join(&name), place.path().join(shorter)).unwrap();
    fs::create_dir(place.path().join("failed")).unwrap();
    put(&place.path().join("failed"), shorter, &[("B", "1")]);
    let (_, receipts) = pending(&drop_folder(place.path()), 3).await;
    let rejected = [(receipts[0].clone(), Err(Reason::new("no")))];
    drop_folder(place.path()).acknowledge(&rejected).await.unwrap();
    assert_eq!(names(place.path()), ["failed"]);
    assert_eq!(names(&place.path().join("failed")).len(), 3);
}

#[tokio::test]
async fn a_marker_goes_with_its_file_and_a_file_without_one_holds_up_those_after_it() {
    let place = place();
    let source = marked(place.path());
    put(place.path(), "zmiany-1.csv", &[("A", "1")]);
    put(place.path(), "zmiany-2.csv", &[("C", "1")]);
    fs::write(place.path().join("zmiany-2.csv.ok"), "").unwrap();
    // the second is complete, but the first comes before it
    assert_eq!(pending(&source, 3).await.0, "");
    fs::write(place.path().join("zmiany-1.csv.ok"), "").unwrap();
    let (keys, receipts) = pending(&source, 3).await;
    assert_eq!(keys, "AC");
    source.acknowledge(&taken(&receipts)).await.unwrap();
    put(place.path(), "zmiany-1.csv", &[("B", "1")]);
    assert_eq!(pending(&source, 3).await.0, "");
    assert_eq!(names(place.path()), ["done", "zmiany-1.csv"]);
}
