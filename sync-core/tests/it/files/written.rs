//! The file of current records.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use sync_core::files::{CurrentFile, TextEncoding};
use sync_core::testing::{SinkSamples, sink_conformance};
use sync_core::{ErrorKind, Key, Outcome, Reason, Sink, Write};

use super::{LINE, names, place};

fn sink(path: &Path) -> CurrentFile<String> {
    CurrentFile::new(path, ["code", "text"], |text: &String| match text.as_str() {
        "refuse" => Err(Reason::new("refused")),
        text => Ok(vec![text.to_owned()]),
    })
    .unwrap()
}

/// The same in each layout.
fn in_each_layout(path: &Path) -> [CurrentFile<String>; 3] {
    [sink(path), sink(path).json(), sink(path).xml("prices", "price")]
}

fn upsert(key: &str, text: &str) -> Write<String> {
    Write::Upsert { key: Key::from(key), record: text.to_owned(), previous: None }
}

fn remove(key: &str) -> Write<String> {
    Write::Remove { key: Key::from(key), previous: None }
}

#[tokio::test]
async fn it_keeps_every_promise_of_a_sink() {
    for n in 0..3 {
        let place = place();
        let path = place.path().join("shop.csv");
        let samples = SinkSamples::new(|n| (Key::from(format!("k{n}")), format!("{LINE} {n}")))
            .refused(|| (Key::from("refused"), "refuse".to_owned()))
            .large_batch(3_000);
        let probe = async || Ok(fs::read_to_string(&path).unwrap_or_default());
        sink_conformance(&in_each_layout(&path)[n], &samples, probe).await.unwrap();
        assert_eq!(names(place.path()), ["shop.csv"]);
    }
}

#[tokio::test]
async fn json_and_xml_hold_the_same_rows_as_texts_under_the_names_of_the_header() {
    let place = place();
    let (json, xml) = (place.path().join("a.json"), place.path().join("a.xml"));
    let (to_json, to_xml) =
        (sink(&json).json(), sink(&xml).xml("prices", "price").encoding(TextEncoding::Windows1250));
    for sink in [&to_json, &to_xml] {
        sink.write(&[upsert("b", "1.50"), upsert("ż", "<&\"\r\n>"), upsert("z", "")]).await.unwrap();
    }
    let rows = r#"{"code":"b","text":"1.50"},
{"code":"z","text":""},
{"code":"ż","text":"<&\"\r\n>"}"#;
    assert_eq!(fs::read_to_string(&json).unwrap(), format!("[\n{rows}\n]\n"));
    let rows = "<price><code>b</code><text>1.50</text></price>\n<price><code>z</code><text></text></price>\n\
                <price><code>ż</code><text>&lt;&amp;&quot;&#13;\n&gt;</text></price>";
    let head = "<?xml version=\"1.0\" encoding=\"windows-1250\"?>\n<prices>\n";
    let expected = TextEncoding::Windows1250.encode(&format!("{head}{rows}\n</prices>\n")).unwrap();
    assert_eq!(fs::read(&xml).unwrap(), expected);
    for sink in [&to_json, &to_xml] {
        sink.write(&[remove("b"), remove("ż"), remove("z")]).await.unwrap();
    }
    assert_eq!(fs::read_to_string(&json).unwrap(), "[\n]\n");
    assert_eq!(fs::read_to_string(&xml).unwrap(), format!("{head}</prices>\n"));
}

#[tokio::test]
async fn what_xml_cannot_hold_is_rejected_or_refused_before_anything_is_written() {
    let place = place();
    let path = place.path().join("shop.xml");
    for text in ["\0", "\u{1}", "\u{ffff}"] {
        let sink = sink(&path).xml("prices", "price");
        let outcomes = sink.write(&[upsert("a", text), upsert("b", "1")]).await.unwrap();
        assert_eq!(outcomes, [Outcome::rejected(Reason::new("control-character")), Outcome::applied()]);
    }
    for (root, row) in [("", "price"), ("prices", "a b"), ("prices", "1"), ("x:prices", "price"), ("a>", "b")]
    {
        let other = place.path().join("other.xml");
        let error = sink(&other).xml(root, row).write(&[upsert("a", "1")]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{root} {row}");
    }
    assert_eq!(names(place.path()), ["shop.xml"]);
}

#[tokio::test]
async fn json_and_xml_that_somebody_changed_are_not_replaced() {
    let xml = |rows: &str| format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<prices>\n{rows}</prices>\n");
    for (layout, other) in [
        (1, "[\n".to_owned()),
        (1, "[{\"code\":\"a\"}]".to_owned()),
        (1, "[{\"code\":\"b\",\"text\":\"\"},{\"code\":\"a\",\"text\":\"\"}]".to_owned()),
        (1, "[{\"text\":\"\",\"code\":\"a\"}]".to_owned()),
        (1, "[7]".to_owned()),
        (2, xml("<price><code>a</code></price>")),
        (2, xml("<price id=\"1\"><code>a</code><text></text></price>")),
        (2, "<inne></inne>".to_owned()),
        (2, "<prices>".to_owned()),
    ] {
        let place = place();
        let path = place.path().join("shop");
        fs::write(&path, &other).unwrap();
        let error = in_each_layout(&path)[layout].write(&[upsert("c", "1")]).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Config | ErrorKind::Unreadable), "{other}: {error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), other);
    }
}

#[tokio::test]
async fn a_batch_is_merged_into_what_is_there_in_the_order_of_keys() {
    let place = place();
    let path = place.path().join("shop.csv");
    // a process died between writing and renaming
    fs::write(place.path().join(".shop.csv.tmp"), "half").unwrap();
    sink(&path).write(&[upsert("b", "1;\"\n"), upsert("a", LINE), upsert("d", "")]).await.unwrap();
    sink(&path).write(&[remove("a"), upsert("c", "3"), upsert("d", "4"), remove("z")]).await.unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, "code;text\r\nb;\"1;\"\"\n\"\r\nc;3\r\nd;4\r\n");
    assert_eq!(names(place.path()), ["shop.csv"]);
    // what changes nothing touches nothing
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    sink(&path).write(&[upsert("c", "3"), remove("a")]).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
}

#[tokio::test]
async fn a_record_that_the_encoding_lacks_is_rejected_and_the_others_are_written() {
    let place = place();
    let path = place.path().join("shop.csv");
    let sink = sink(&path).encoding(TextEncoding::Windows1250).separator('\t');
    let outcomes = sink.write(&[upsert("a", LINE), upsert("b", "日本"), upsert("c", "1")]).await.unwrap();
    let refused = Outcome::rejected(Reason::new("not-in-encoding"));
    assert_eq!(outcomes, [Outcome::applied(), refused, Outcome::applied()]);
    sink.write(&[upsert("d", "2")]).await.unwrap();
    let expected = TextEncoding::Windows1250.encode(&format!("code\ttext\r\na\t{LINE}\r\nc\t1\r\nd\t2\r\n"));
    assert_eq!(fs::read(&path).unwrap(), expected.unwrap());
}

#[tokio::test]
async fn a_file_that_somebody_changed_is_not_replaced() {
    for other in [
        "",
        "code;other\r\na;1\r\n",
        "code;text\r\nb;1\r\na;1\r\n",
        "code;text\r\na;1\r\na;1\r\n",
        "code;text\r\na\r\n",
    ] {
        let place = place();
        let path = place.path().join("shop.csv");
        fs::write(&path, other).unwrap();
        let error = sink(&path).write(&[upsert("c", "1")]).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Config | ErrorKind::Unreadable), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), other);
        assert_eq!(names(place.path()), ["shop.csv"]);
    }
}

#[tokio::test]
async fn a_record_that_could_not_be_read_back_is_rejected_and_the_file_stays_writable() {
    let too_long = "x".repeat(17 << 20);
    for (encoding, text, code) in [
        (TextEncoding::Utf8, "a\0b", "zero-character"),
        (TextEncoding::Windows1250, "a\0b", "zero-character"),
        (TextEncoding::Windows1250, "a\u{81}b", "not-in-encoding"),
        (TextEncoding::Utf8, &too_long, "row-too-long"),
    ] {
        let place = place();
        let path = place.path().join("shop.csv");
        let sink = sink(&path).encoding(encoding);
        let outcomes = sink.write(&[upsert("a", text), upsert("b", "1")]).await.unwrap();
        assert_eq!(outcomes, [Outcome::rejected(Reason::new(code)), Outcome::applied()]);
        assert_eq!(sink.write(&[upsert("c", "2")]).await.unwrap(), [Outcome::applied()], "{code}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "code;text\r\nb;1\r\nc;2\r\n");
    }
}

#[tokio::test]
async fn a_header_or_separator_that_could_not_be_read_back_is_refused_before_anything_is_written() {
    for header in [vec![], vec![" code"], vec!["code", "code"], vec!["code", "a\0"], vec!["\u{feff}code"]] {
        let sink = CurrentFile::<String>::new("shop.csv", header.clone(), |_| Ok(Vec::new()));
        assert_eq!(sink.map(drop).map_err(|error| error.kind()), Err(ErrorKind::Config), "{header:?}");
    }
    for separator in ['"', '\r', '\n', '\0'] {
        let place = place();
        let sink = sink(&place.path().join("shop.csv")).separator(separator);
        assert_eq!(sink.write(&[upsert("a", "1")]).await.unwrap_err().kind(), ErrorKind::Config);
        assert_eq!(names(place.path()), Vec::<String>::new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn after_any_batches_the_file_holds_what_a_map_would(
        batches in prop::collection::vec(
            prop::collection::btree_map("[a-cż;\" ]{1,2}", prop::option::of("[a-zż;\"\r\n]{0,3}"), 0..6),
            0..6,
        ),
        layout in 0..3_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let place = place();
        let path = place.path().join("shop.csv");
        let mut map = BTreeMap::new();
        for batch in &batches {
            let writes: Vec<_> = batch
                .iter()
                .map(|(key, text)| text.as_ref().map_or_else(|| remove(key), |text| upsert(key, text)))
                .collect();
            runtime.block_on(in_each_layout(&path)[layout].write(&writes)).unwrap();
            for (key, text) in batch {
                match text {
                    Some(text) => map.insert(key.clone(), text.clone()),
                    None => map.remove(key),
                };
            }
        }
        // a file made at once of the same records has the same bytes
        let at_once = place.path().join("at-once.csv");
        let writes: Vec<_> = map.iter().map(|(key, text)| upsert(key, text)).collect();
        runtime.block_on(in_each_layout(&at_once)[layout].write(&writes)).unwrap();
        if !map.is_empty() {
            prop_assert_eq!(fs::read_to_string(&path).unwrap(), fs::read_to_string(&at_once).unwrap());
        }
    }
}
