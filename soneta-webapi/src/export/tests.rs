use std::fs;

use proptest::prelude::*;

use super::*;

/// Profiles files with these contents.
fn profiled(files: &[(&str, &[u8])]) -> Profil {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
    for ((_, bytes), path) in files.iter().zip(&paths) {
        fs::write(path, bytes).unwrap();
    }
    profile(&paths, &ProfileSettings::default()).unwrap()
}

fn finding<'a>(profil: &'a Profil, file: &str, check: &str) -> &'a Finding {
    let mut findings = profil.findings.iter().filter(|finding| finding.file == file);
    findings.find(|finding| finding.check.contains(check)).unwrap_or_else(|| panic!("{file}: {check}"))
}

/// Lines and codes of a finding.
fn hits<'a>(profil: &'a Profil, file: &str, check: &str) -> Vec<(u64, &'a str)> {
    let examples = &finding(profil, file, check).examples;
    examples.iter().map(|example| (example.line, example.kod.as_str())).collect()
}

fn note<'a>(profil: &'a Profil, file: &str, check: &str) -> &'a str {
    finding(profil, file, check).examples[0].note.as_deref().unwrap()
}

const GUIDS: [&str; 3] = [
    "65336878-70cf-4e64-bd72-b742cd26a657",
    "97e7f69a-a1dc-45e1-8d3b-31082c3da1d4",
    "61e50151-9f26-4de3-85dc-5d0983f56956",
];

fn clean() -> [(&'static str, Vec<u8>); 3] {
    let [one, two, three] = GUIDS;
    [
        (
            "towary.csv",
            format!(
                "Guid;Kod;Nazwa;EAN;Typ;Jednostka;MasaNetto;Blokada\r\n\
                 {one};PK 1;\"Piłka\nnożna\";5901234123457;Towar;szt;0.2 kg;False\r\n\
                 {two};PK 2;Piłka;96385074;Towar;para;0;True\r\n"
            )
            .into_bytes(),
        ),
        (
            "cennik.csv",
            b"KodTowaru;DefinicjaCeny;Netto;Brutto;Waluta;Ilosc;Jednostka\r\n\
              PK 1;Detaliczna;1,000.00;1,230.00;PLN;1;szt\r\n\
              PK 1;Hurtowa;99.99;122.99;PLN;1;szt\r\n"
                .to_vec(),
        ),
        (
            "kontrahenci.csv",
            format!(
                "Guid;Kod;Nazwa;NIP;EuVAT;TerminDni;Waluta;Rabat;BlokadaSprzedazy;StatusPodmiotu\r\n\
                 {one};Abc;ABC;111-11-11-128;1111111128;7;PLN;5.00%;False;PodmiotGospodarczy\r\n\
                 {two};Aspen;ASPEN;;DE333445566;0;EUR;0.00%;False;PodmiotGospodarczy\r\n\
                 {three};Jan;Jan;;;14;PLN;;False;Finalny\r\n"
            )
            .into_bytes(),
        ),
    ]
}

#[test]
fn a_clean_export_has_nothing_but_ok() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in clean() {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let profil = profile([folder.path()], &ProfileSettings::default()).unwrap();
    assert_eq!(profil.worst(), Severity::Ok, "{profil}");
    let files: Vec<_> =
        profil.files.iter().map(|file| (file.content, file.rows, file.columns.len())).collect();
    assert_eq!(files, [(Content::Towary, 2, 8), (Content::Cennik, 2, 7), (Content::Kontrahenci, 3, 10)]);
    let rates = &finding(&profil, "cennik.csv", "VAT rates").values;
    assert_eq!(rates.iter().collect::<Vec<_>>(), [(&"23%".to_owned(), &1)]);
    assert_eq!(finding(&profil, "kontrahenci.csv", "terms of payment").values.len(), 0);
    assert_eq!(profil.findings.iter().find(|f| f.check == "terms of payment").unwrap().values.len(), 3);
    fs::remove_file(folder.path().join("cennik.csv")).unwrap();
    let profil = profile([folder.path()], &ProfileSettings::default()).unwrap();
    assert_eq!(finding(&profil, "cennik.csv", "is there").severity, Severity::Warning);
}

#[test]
fn windows_1250_is_read_like_utf_8_and_a_damaged_byte_is_found() {
    // Zażółć gęślą jaźń
    let word = b"Za\xbf\xf3\xb3\xe6 g\xea\x9cl\xb9 ja\x9f\xf1";
    let file = [b"Kod;Nazwa;Jednostka\nA;", word.as_slice(), b";\xb3yk\nB;x;\xb3yk\n"].concat();
    let profil = profiled(&[("towary.csv", &file)]);
    assert_eq!((profil.files[0].encoding.as_str(), profil.files[0].broken_at), ("windows-1250", None));
    assert_eq!(finding(&profil, "towary.csv", "units").values.get("łyk"), Some(&2));

    let file = b"Kod;Nazwa;Jednostka\nA;\xc5\x81\xc3\xb3d\xc5\xba \xff;szt\n";
    let profil = profiled(&[("towary.csv", file)]);
    assert_eq!((profil.files[0].encoding.as_str(), profil.files[0].broken_at), ("UTF-8", Some(30)));
    assert_eq!(finding(&profil, "towary.csv", "every byte").severity, Severity::Failed);
    assert_eq!(note(&profil, "towary.csv", "every byte"), "byte 30");
}

#[test]
fn short_and_long_rows_are_told_by_line_and_left_out() {
    let file = b"Kod;Nazwa;Jednostka\r\nA;\"x\ny\";szt\r\nB;x\r\nC;x;szt;9\r\nD;x;szt\r\n";
    let profil = profiled(&[("towary.csv", file)]);
    assert_eq!(hits(&profil, "towary.csv", "as many fields"), [(4, ""), (5, "")]);
    assert_eq!(note(&profil, "towary.csv", "as many fields"), "2 fields");
    assert_eq!(finding(&profil, "towary.csv", "units").values.get("szt"), Some(&2));
    assert_eq!(profil.files[0].rows, 4);
}

#[test]
fn codes_that_cannot_be_told_apart_or_look_like_others_are_found() {
    let long = "X".repeat(41);
    let file = format!(
        "Kod;Nazwa;Jednostka\nPK1;a;szt\nPK1;a;szt\npk 1;a;szt\n PK2;a;szt\nP  K3;a;szt\nP\u{a0}K4;a;szt\n\
         PК5;a;szt\nPK–6;a;szt\nŁÓDŹ;a;szt\n{long};a;szt\n;a;szt\n"
    );
    let profil = profiled(&[("towary.csv", file.as_bytes())]);
    let hits = |check| hits(&profil, "towary.csv", check);
    assert_eq!(hits("no Kod occurs twice"), [(3, "PK1")]);
    assert_eq!(note(&profil, "towary.csv", "no Kod occurs twice"), "as on line 2");
    assert_eq!(hits("only in case or blanks"), [(4, "pk 1")]);
    assert_eq!(hits("odd blanks"), [(5, " PK2"), (6, "P  K3"), (7, "P\u{a0}K4")]);
    assert_eq!(hits("other scripts"), [(8, "PК5"), (9, "PK–6")]);
    assert_eq!(note(&profil, "towary.csv", "other scripts"), "U+041A");
    assert_eq!(hits("too long"), [(11, long.as_str())]);
    assert_eq!(hits("has a Kod"), [(12, "")]);
}

#[test]
fn goods_with_odd_ean_unit_or_guid_are_found() {
    let [one, two, three] = GUIDS;
    let file = format!(
        "Guid;Kod;Nazwa;EAN;Typ;Jednostka;MasaNetto;Blokada\n\
         {one};A;a;5901234123457;Towar;szt;0.2 kg;False\n\
         {one};B;a;5901234123457;Towar;Szt.;0;False\n\
         {two};C;;5901234123458;Towar;sztuka;0;False\n\
         {three};D;a;;Towar;;0;False\n\
         nie;E;a;590123;Towar;kg;x kg;może\n"
    );
    let profil = profiled(&[("towary.csv", file.as_bytes())]);
    let hits = |check| hits(&profil, "towary.csv", check);
    assert_eq!(hits("no Guid occurs twice"), [(3, "B")]);
    assert_eq!(hits("no EAN occurs twice"), [(3, "B")]);
    assert_eq!(hits("has an EAN"), [(5, "D")]);
    assert_eq!(hits("right check digit"), [(4, "C"), (6, "E")]);
    assert_eq!(hits("has a name"), [(4, "C")]);
    assert_eq!(hits("has a unit"), [(5, "D")]);
    assert_eq!(hits("two names").len(), 1);
    assert_eq!(note(&profil, "towary.csv", "two names"), "Szt. = szt = sztuka");
    assert_eq!(hits("can be read"), [(6, "E"); 3]);
    assert_eq!(note(&profil, "towary.csv", "can be read"), "Guid: not a GUID");
}

#[test]
fn prices_that_do_not_fit_are_found() {
    let goods = b"Kod;Nazwa;Jednostka;Blokada\nA;a;szt;False\nB;a;szt;False\nC;a;para;True\n";
    let prices = b"KodTowaru;DefinicjaCeny;Netto;Brutto;Waluta;Ilosc;Jednostka\n\
        A;Detaliczna;10.00;12.30;PLN;1;szt\n\
        A;Detaliczna;11.00;13.53;PLN;1;szt\n\
        A;Hurtowa;0;0;PLN;1;szt\n\
        B;Hurtowa;12.30;10.00;PLN;1;szt\n\
        B;Hurtowa;10.00;11.55;EUR;1;szt\n\
        B;Detaliczna;-1;-1.23;PLN;1;szt\n\
        C;Detaliczna;10.00;10.80;PLN;1;szt\n\
        D;Detaliczna;darmo;1;PLN;1;szt\n";
    let profil = profiled(&[("cennik.csv", prices), ("towary.csv", goods)]);
    let hits = |check| hits(&profil, "cennik.csv", check);
    assert_eq!(hits("occurs twice"), [(3, "A")]);
    assert_eq!(hits("is zero"), [(4, "A")]);
    assert_eq!(hits("above the gross"), [(5, "B")]);
    assert_eq!(hits("fit to one VAT rate"), [(6, "B")]);
    assert_eq!(hits("below zero"), [(7, "B")]);
    assert_eq!(hits("per base unit"), [(8, "C")]);
    assert_eq!(hits("good that is there"), [(9, "D")]);
    assert_eq!(hits("can be read"), [(9, "D")]);
    // Line 3 of the goods. C is blocked and needs none.
    assert_eq!(hits("has a retail price"), [(3, "B")]);
    let rates = &finding(&profil, "cennik.csv", "VAT rates").values;
    assert_eq!((rates.get("23%"), rates.get("8%"), rates.get("")), (Some(&1), Some(&1), Some(&1)));
}

#[test]
fn contractors_with_odd_nip_or_term_and_blocked_ones_are_found() {
    let file = "Kod;Nazwa;NIP;EuVAT;TerminDni;BlokadaSprzedazy\n\
        A;a;111-11-11-128;;7;False\n\
        B;a;PL1111111128;;400;False\n\
        C;a;1111111129;;-1;True\n\
        D;a;;PL;7;False\n\
        E;a;0000000000;;siedem;False\n\
        F;;FR12;FR12345678901;7;False\n";
    let profil = profiled(&[("kontrahenci.csv", file.as_bytes())]);
    let hits = |check| hits(&profil, "kontrahenci.csv", check);
    assert_eq!(hits("no NIP occurs twice"), [(3, "B")]);
    assert_eq!(hits("right check digit"), [(4, "C"), (6, "E")]);
    assert_eq!(hits("has a NIP"), [(5, "D")]);
    assert_eq!(hits("are not odd"), [(3, "B"), (4, "C")]);
    assert_eq!(hits("blocked for sale"), [(4, "C")]);
    assert_eq!(hits("can be read"), [(6, "E")]);
    assert_eq!(hits("has a name"), [(7, "F")]);
    // Nothing is made of columns that are not there.
    let missing = finding(&profil, "kontrahenci.csv", "every column");
    let missing: Vec<_> = missing.examples.iter().filter_map(|example| example.note.as_deref()).collect();
    assert_eq!(missing, ["Guid", "Waluta", "Rabat", "StatusPodmiotu"]);
}

#[test]
fn examples_are_few_and_the_count_is_whole() {
    let rows: String = (0..9).map(|n| format!("K{n};a;szt;\n")).collect();
    let profil = profiled(&[("towary.csv", format!("Kod;Nazwa;Jednostka;EAN\n{rows}").as_bytes())]);
    let missing = finding(&profil, "towary.csv", "has an EAN");
    assert_eq!((missing.count, missing.examples.len(), missing.severity), (9, 5, Severity::Warning));
}

#[test]
fn the_profile_is_printed_and_written_with_codes_and_no_terminal_signs() {
    let profil =
        profiled(&[("inne.csv", b"a|b\n1|2\n"), ("towary.csv", b"Kod,Nazwa,Jednostka\n\x1b[31m,a,szt \n")]);
    let printed = profil.to_string();
    assert!(printed.contains("inne.csv: unknown, 1 rows, 2 columns, UTF-8, `|`"), "{printed}");
    assert!(printed.contains("towary.csv: goods, 1 rows, 3 columns, UTF-8, `,`"), "{printed}");
    assert!(!printed.contains('\u{1b}'));
    let written = serde_json::to_value(&profil).unwrap();
    assert_eq!(written["files"][0]["content"], "towary");
    assert_eq!(written["files"][0]["separator"], ",");
    assert_eq!(written["findings"][0]["severity"], "ok");
}

#[test]
fn a_file_that_is_not_there_is_an_error_with_its_name() {
    let error = profile(["no-such-folder/towary.csv"], &ProfileSettings::default()).unwrap_err();
    assert!(error.to_string().starts_with("no-such-folder/towary.csv: "), "{error}");
    assert_eq!(error.line(), 0);
}

/// enova365's demonstration company lies beside the repository on some machines.
#[test]
fn the_demonstration_company_lacks_two_ean_and_reads_the_same_in_both_encodings() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/enova-demo"));
    if !folder.is_dir() {
        return;
    }
    let profil = profile([folder], &ProfileSettings::default()).unwrap();
    let odd: Vec<_> = profil.findings.iter().filter(|finding| finding.severity > Severity::Ok).collect();
    assert_eq!(odd.len(), 1, "{profil}");
    assert_eq!(hits(&profil, "towary.csv", "has an EAN"), [(7, "BUT_NAR"), (45, "ROW_G_SCOUT")]);
    let old = profile([folder.join("towary-windows1250.csv")], &ProfileSettings::default()).unwrap();
    assert_eq!((old.files[0].encoding.as_str(), old.files[0].broken_at), ("windows-1250", None));
    for (old, new) in old.findings.iter().zip(&profil.findings) {
        assert_eq!(
            (old.check, old.count, &old.examples, &old.values),
            (new.check, new.count, &new.examples, &new.values)
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        bytes in any::<Vec<u8>>(),
        fields in prop::collection::vec("[0-9,. ;\"\n%a-ż-]{0,12}", 0..30),
    ) {
        let head = "KodTowaru;DefinicjaCeny;Netto;Brutto;Waluta;Ilosc;Jednostka\n";
        let prices = format!("{head}{}", fields.join(";"));
        profiled(&[("a.csv", &bytes), ("cennik.csv", prices.as_bytes())]);
    }
}
