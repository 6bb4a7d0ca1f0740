//! Full exports.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use sync_core::files::{
    Complete, ExportPosition, FileFormat, Folder, FullExport, NumberFormat, TextEncoding,
};
use sync_core::testing::{
    ManualClock, SourceExpectations, SourceUnderTest, assert_no_loss, source_conformance,
};
use sync_core::{ErrorKind, Inconclusive, Item, Key, ReadFrom, RejectFilter, Source, SourceIdentity};

use super::{Bench, LINE, Stock, csv, export, format, holding, place};

/// Writes as a writer does that renames into place.
fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let temporary = folder.join(format!("{name}.tmp"));
    fs::write(&temporary, bytes).unwrap();
    fs::rename(temporary, folder.join(name)).unwrap();
}

/// Makes a file so many seconds older than another.
fn make_older(file: &Path, than: &Path, seconds: u64) {
    let written = fs::metadata(than).unwrap().modified().unwrap();
    let file = File::options().write(true).open(file).unwrap();
    file.set_modified(written - Duration::from_secs(seconds)).unwrap();
}

fn json(rows: &[(&str, &str)]) -> String {
    let rows = rows.iter().map(|(kod, stan)| format!(r#"{{"Kod":"{kod}","Nazwa":"{LINE}","Stan":{stan}}}"#));
    format!("[{}]", rows.collect::<Vec<_>>().join(",\n"))
}

fn xml(rows: &[(&str, &str)]) -> String {
    let rows = rows.iter().map(|(kod, stan)| {
        format!("<towar><Kod>{kod}</Kod><Nazwa>{LINE}</Nazwa><Stan>{stan}</Stan></towar>\n")
    });
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<towary>{}</towary>", rows.collect::<String>())
}

fn in_1250(text: &str) -> Vec<u8> {
    TextEncoding::Windows1250.encode(text).unwrap()
}

fn xml_format() -> FileFormat {
    FileFormat::xml("towary/towar").unwrap()
}

#[tokio::test]
async fn the_same_records_come_from_every_format_and_encoding() {
    let (comma, point) = ([("A", "1 234,50"), ("B", "0,10")], [("A", "1234.50"), ("B", "0.10")]);
    let declared = xml(&point).replace("utf-8", "windows-1250");
    let lines = json(&point).replace(['[', ']'], "").replace("},\n", "}\n");
    let files: [(Vec<u8>, FileFormat); 8] = [
        (csv(&comma).into_bytes(), format()),
        ([b"\xef\xbb\xbf", csv(&comma).as_bytes()].concat(), format()),
        (in_1250(&csv(&comma)), format()),
        (in_1250(&csv(&comma)), format().encoding(TextEncoding::Windows1250)),
        (json(&point).into_bytes(), FileFormat::json().numbers(NumberFormat::comma())),
        (lines.into_bytes(), FileFormat::json()),
        (xml(&point).into_bytes(), xml_format()),
        (in_1250(&declared), xml_format()),
    ];
    for (bytes, format) in files {
        let place = place();
        put(place.path(), "stany", bytes);
        let bench = Bench::new(export(place.path(), format.clone(), Complete::Renamed), 1);
        bench.run().await.unwrap();
        assert_eq!(bench.holds(), holding(&[("A", "1234.50"), ("B", "0.10")]), "{format:?}");
        assert!(bench.sink.records().values().all(|record| record.name == LINE), "{format:?}");
    }
}

#[tokio::test]
async fn it_keeps_every_promise_of_a_source() {
    let numbers: Vec<String> = (0..30).map(|n| format!("k{n:02}")).collect();
    let good: Vec<(&str, &str)> = numbers.iter().map(|kod| (kod.as_str(), "7")).collect();
    let point: Vec<(&str, &str)> =
        [good.clone(), vec![("k03", "8"), ("bad", "\"x\""), ("k04", "9")]].concat();
    let mut text = csv(&good);
    text.push_str("bad;x;-\r\nzu;wenig\r\nk03;x;8\r\n");
    for (bytes, format) in [(text, format()), (json(&point), FileFormat::json()), (xml(&point), xml_format())]
    {
        let place = place();
        put(place.path(), "stany.x", bytes);
        let source = export(place.path(), format, Complete::Renamed);
        source_conformance(&source, &SourceExpectations::new().alive(["k00", "k29"])).await.unwrap();
    }
}

/// An export whose writer replaces it with each change.
struct Written {
    place: PathBuf,
    truth: Mutex<BTreeMap<Key, String>>,
}

#[async_trait]
impl SourceUnderTest for Written {
    type Source = FullExport<Stock>;
    type Version = String;

    fn source(&self) -> Arc<FullExport<Stock>> {
        Arc::new(export(&self.place, format(), Complete::Renamed))
    }

    async fn change(&self, n: usize, recent: Option<&Key>) -> sync_core::Result<()> {
        let mut truth = self.truth.lock().unwrap();
        let key = recent.filter(|_| n.is_multiple_of(2)).cloned();
        truth.insert(key.unwrap_or_else(|| format!("k{}", n % 7).into()), n.to_string());
        let rows: Vec<_> = truth.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        put(&self.place, "stany.csv", csv(&rows));
        Ok(())
    }

    async fn truth(&self) -> sync_core::Result<BTreeMap<Key, String>> {
        Ok(self.truth.lock().unwrap().clone())
    }

    fn version(&self, record: &Stock) -> String {
        record.quantity.to_string()
    }
}

#[tokio::test]
async fn nothing_is_lost_while_the_file_is_replaced_between_pages() {
    let place = place();
    put(place.path(), "stany.csv", csv(&[]));
    let written = Written { place: place.path().to_owned(), truth: Mutex::default() };
    assert_no_loss(&written, 100).await.unwrap();
}

#[tokio::test]
async fn what_a_later_export_lacks_is_removed_by_full_passes() {
    let place = place();
    put(place.path(), "stany-1.csv", csv(&[("A", "1"), ("B", "2")]));
    let bench = Bench::new(export(place.path(), format(), Complete::Renamed), 100);
    bench.run().await.unwrap();
    put(place.path(), "stany-2.csv", csv(&[("B", "3")]));
    make_older(&place.path().join("stany-1.csv"), &place.path().join("stany-2.csv"), 60);
    bench.run().await.unwrap();
    bench.run().await.unwrap();
    assert_eq!(bench.holds(), holding(&[("B", "3")]));
}

#[tokio::test]
async fn an_older_export_in_place_of_a_newer_one_stops_the_flow() {
    let place = place();
    let (older, newer) = (place.path().join("stany-1.csv"), place.path().join("stany-2.csv"));
    put(place.path(), "stany-1.csv", csv(&[("A", "1")]));
    put(place.path(), "stany-2.csv", csv(&[("A", "2")]));
    make_older(&older, &newer, 86_400);
    let bench = Bench::new(export(place.path(), format(), Complete::Renamed), 100);
    bench.run().await.unwrap();
    fs::remove_file(newer).unwrap();
    assert_eq!(bench.run().await.unwrap_err().kind(), ErrorKind::WentBack);
    assert_eq!(bench.holds(), holding(&[("A", "2")]));
}

#[tokio::test]
async fn a_row_that_is_wrong_stops_only_itself_and_is_named_without_its_content() {
    let place = place();
    let twice = LINE.replace('ł', "Å‚");
    let text = format!(
        "Kod;Nazwa;Stan\nA;x;1\nB;x;tajne\nC;{twice};3\nD;x;\nE;x;1,234.5\nF;x;NaN\nG;x;1e999\nH;x;0\n"
    );
    put(place.path(), "stany.csv", text);
    let bench = Bench::new(export(place.path(), format(), Complete::Renamed), 100);
    bench.run().await.unwrap();
    assert_eq!(bench.holds(), holding(&[("A", "1"), ("H", "0")]));
    let rejects = bench.store.rejects(&RejectFilter::all()).await.unwrap();
    let told: Vec<String> = rejects
        .iter()
        .map(|reject| format!("{}: {}", reject.key, reject.reason.detail().unwrap_or_default()))
        .collect();
    assert_eq!(
        told,
        [
            "B: stany.csv, line 3, column Stan: is no number of the format that is set",
            "C: stany.csv, line 4, column Nazwa: holds letters that were encoded twice or lost (such as `Å‚` for `ł`)",
            "D: stany.csv, line 5, column Stan: is empty",
            "E: stany.csv, line 6, column Stan: is no number of the format that is set",
            "F: stany.csv, line 7, column Stan: is no number of the format that is set",
            "G: stany.csv, line 8, column Stan: is no number of the format that is set",
        ]
    );
}

#[tokio::test]
async fn a_row_without_a_readable_key_lets_nothing_be_concluded() {
    let place = place();
    put(place.path(), "stany.csv", csv(&[("A", "1"), ("B", "2")]));
    let bench = Bench::new(export(place.path(), format(), Complete::Renamed), 100);
    bench.run().await.unwrap();
    put(place.path(), "stany.csv", "Kod;Nazwa;Stan\nA;x;1\nB;x;y;2\n");
    for _ in 0..3 {
        bench.run().await.unwrap();
        assert_eq!(bench.part().await.inconclusive, Some(Inconclusive::Unkeyed));
    }
    assert_eq!(bench.holds(), holding(&[("A", "1"), ("B", "2")]));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_to_its_end_gives_not_even_its_first_row() {
    let rows = [("A", "1"), ("B", "2")];
    let whole_json = json(&rows);
    let whole_xml = xml(&rows);
    let cases: Vec<(Vec<u8>, FileFormat)> = vec![
        ([csv(&rows).as_bytes(), b"C;\xff;3\n"].concat(), format()),
        (format!("{}C;\"x;3\n", csv(&rows)).into_bytes(), format()),
        ("Kod;Stan\nA;1\n".into(), format()),
        (whole_json[..whole_json.len() - 1].into(), FileFormat::json()),
        (whole_xml[..whole_xml.len() - 1].into(), xml_format()),
    ];
    for (bytes, format) in cases {
        let place = place();
        put(place.path(), "stany.csv", bytes);
        let bench = Bench::new(export(place.path(), format, Complete::Renamed), 1);
        let error = bench.run().await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unreadable | ErrorKind::Config), "{error}");
        assert_eq!(bench.holds(), holding(&[]));
    }
}

#[tokio::test]
async fn without_a_complete_file_there_is_an_error_and_never_an_empty_list() {
    let place = place();
    let clock = Arc::new(ManualClock::default());
    let read = |complete: Complete| {
        let folder = Folder::new(place.path(), "stany.csv", complete).unwrap().with_clock(clock.clone());
        let key = |row: &sync_core::files::Row<'_>| Ok(Key::from(row.text("Kod")?));
        FullExport::new(SourceIdentity::new("erp", "stock"), folder, format(), key, |_| Ok(()))
    };
    let stable = read(Complete::SizeStable(Duration::from_secs(60)));
    let marked = read(Complete::Marker(".ok".to_owned()));
    let renamed = read(Complete::Renamed);
    for half in ["stany.csv.tmp", ".stany.csv"] {
        fs::write(place.path().join(half), csv(&[("A", "1")])).unwrap();
    }
    let error = renamed.read(ReadFrom::Start, 10).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transient);
    fs::write(place.path().join("stany.csv"), csv(&[("A", "1")])).unwrap();
    for source in [&stable, &marked] {
        assert_eq!(source.read(ReadFrom::Start, 10).await.unwrap_err().kind(), ErrorKind::Transient);
    }
    clock.advance(Duration::from_secs(60));
    fs::write(place.path().join("stany.csv.ok"), "").unwrap();
    for source in [&stable, &marked, &renamed] {
        let page = source.read(ReadFrom::Start, 10).await.unwrap();
        assert_eq!((page.items.len(), page.end), (1, true));
    }
}

#[tokio::test]
async fn a_file_that_is_replaced_between_pages_begins_anew_and_concludes_nothing() {
    let place = place();
    put(place.path(), "stany.csv", csv(&[("A", "1"), ("B", "2"), ("C", "3")]));
    let bench = Bench::new(export(place.path(), format(), Complete::Renamed), 1);
    bench.run().await.unwrap();
    bench.step().await;
    put(place.path(), "stany.csv", csv(&[("A", "10"), ("C", "3")]));
    bench.run().await.unwrap();
    assert_eq!(bench.part().await.inconclusive, Some(Inconclusive::OtherTotal));
    assert_eq!(bench.holds(), holding(&[("A", "10"), ("B", "2"), ("C", "3")]));
    bench.run().await.unwrap();
    bench.run().await.unwrap();
    assert_eq!(bench.holds(), holding(&[("A", "10"), ("C", "3")]));
}

#[tokio::test]
async fn a_position_of_another_process_goes_on_at_its_row_and_of_another_file_does_not() {
    let place = place();
    put(place.path(), "stany.csv", csv(&[("A", "1"), ("B", "2"), ("C", "3")]));
    let source = || export(place.path(), format(), Complete::Renamed);
    let keys = |items: &[Item<Stock>]| {
        items.iter().filter_map(Item::key).map(ToString::to_string).collect::<Vec<_>>().concat()
    };
    let first = source().read(ReadFrom::Start, 1).await.unwrap();
    let position: ExportPosition =
        serde_json::from_str(&serde_json::to_string(&first.next.unwrap()).unwrap()).unwrap();
    let page = source().read(ReadFrom::After(&position), 10).await.unwrap();
    assert_eq!((keys(&page.items), page.end), ("BC".to_owned(), true));
    // the same name, size and time, another content
    let path = place.path().join("stany.csv");
    let written = fs::metadata(&path).unwrap().modified().unwrap();
    put(place.path(), "stany.csv", csv(&[("D", "1"), ("E", "2"), ("F", "3")]));
    File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
    let page = source().read(ReadFrom::After(&position), 10).await.unwrap();
    assert_eq!(keys(&page.items), "DEF");
}

#[tokio::test]
async fn an_export_cut_at_any_byte_takes_nothing_away_where_its_marker_tells_the_rows() {
    let whole = csv(&[("A", "1"), ("B", "22"), ("C", "333")]);
    for end in 0..whole.len() {
        let place = place();
        let write = |bytes: &[u8]| {
            fs::write(place.path().join("stany.csv"), bytes).unwrap();
            fs::write(place.path().join("stany.csv.ok"), "3").unwrap();
        };
        write(whole.as_bytes());
        let bench = Bench::new(export(place.path(), format(), Complete::Marker(".ok".to_owned())), 100);
        bench.run().await.unwrap();
        write(&whole.as_bytes()[..end]);
        for _ in 0..2 {
            // an error or none, as the cut falls
            let _ = bench.run().await;
        }
        assert_eq!(bench.sink.records().len(), 3, "cut at {end}");
    }
}

/// enova365's demonstration company lies beside the repository on some machines.
#[tokio::test]
async fn the_demonstration_company_reads_the_same_in_both_encodings() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/enova-demo");
    if !demo.is_dir() {
        return;
    }
    let mut all = Vec::new();
    for file in ["towary.csv", "towary-windows1250.csv"] {
        let source = FullExport::new(
            SourceIdentity::new("enova", "goods"),
            Folder::new(&demo, file, Complete::Renamed).unwrap(),
            FileFormat::csv(["Kod", "Nazwa"]),
            |row| Ok(Key::from(row.text("Kod")?)),
            |row| Ok(row.text("Nazwa")?.to_owned()),
        );
        let page = source.read(ReadFrom::Start, 1_000).await.unwrap();
        let names: Vec<String> = page
            .items
            .into_iter()
            .filter_map(|item| if let Item::Upsert { record, .. } = item { Some(record) } else { None })
            .collect();
        assert!(names.len() > 50 && names.iter().any(|name| name.contains('ą')));
        all.push(names);
    }
    assert_eq!(all[0], all[1]);
}
