//! Answers: nothing that a server sends makes the client panic, and no message of an error shows what it sent.

#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use serde::de::{DeserializeOwned, IgnoredAny};
use soneta_webapi::altone::{GetTowary, KartotekaTowarowa};
use soneta_webapi::b2b::{
    CenyDetaliczne, CenyWycen, InfoPobierz, KontrahenciPobierz, StanyLista, TowaryLista, TowaryPobierz,
    ZamowieniaPobierz, ZamowieniaStatusy,
};
use soneta_webapi::{
    DokumentId, Endpoint, Faktura, KluczKontrahenta, KluczZamowienia, Kontrahent, KontrahentId,
    LimitKredytowy, Rows, Rozrachunek, StanTowaru, Towar, Wydanie, Zamowienie, ZapytanieWyceny, envelope,
};

/// What no message shows: not an identifier, since codes of refusals are shown. In the dictionary.
const SECRET: &str = "tajna treść";

fn shown(text: &str) {
    assert!(!text.contains(SECRET), "{text}");
}

fn call<E: Endpoint>(call: &E, body: &[u8]) {
    if let Err(error) = call.decode(body) {
        shown(&format!("{error} {error:?}"));
    }
}

fn rows<R: DeserializeOwned + Debug>(body: &[u8]) {
    let look = |rows: &Rows<R>| {
        for (index, row) in rows.iter().enumerate() {
            if let Err(bad) = row {
                assert_eq!(bad.position, index);
                shown(&format!("{bad} {bad:?} {}", bad.error));
            }
        }
    };
    let all = envelope::decode_rows::<IgnoredAny, R>(body, "Pozycje");
    let changes = envelope::decode_changes::<IgnoredAny, R>(body, "Pozycje");
    if let Ok((_, rows)) = &all {
        look(rows);
    }
    // Bytes that are no text pass where nobody reads them, so that only one of the two may notice.
    if std::str::from_utf8(body).is_ok() {
        let counts = (all.map(|(_, rows)| rows.len()).ok(), changes.map(|(_, rows)| rows.len()).ok());
        assert_eq!(counts.0, counts.1);
    }
}

fuzz_target!(|body: &[u8]| {
    call(&InfoPobierz::default(), body);
    call(&TowaryLista::builder().ile(1).build(), body);
    call(&TowaryPobierz::by_kod(["A".to_owned()]), body);
    call(&StanyLista::builder().ile(1).build(), body);
    call(&CenyDetaliczne::builder().ile(1).build(), body);
    call(
        &CenyWycen::from(
            &ZapytanieWyceny::builder().kontrahent_id(KontrahentId(1)).pozycje(Vec::new()).build(),
        ),
        body,
    );
    call(&KontrahenciPobierz::from(&KluczKontrahenta::Kod("A".to_owned())), body);
    call(&ZamowieniaPobierz::from(&KluczZamowienia::Id(DokumentId(1))), body);
    call(&ZamowieniaStatusy::new([DokumentId(1)]), body);
    call(&GetTowary::builder().build(), body);
    if let Err(error) = envelope::decode::<serde_json::Value>(body) {
        shown(&format!("{error} {error:?}"));
    }
    rows::<IgnoredAny>(body);
    rows::<Towar>(body);
    rows::<StanTowaru>(body);
    rows::<Kontrahent>(body);
    rows::<Zamowienie>(body);
    rows::<Faktura>(body);
    rows::<Wydanie>(body);
    rows::<Rozrachunek>(body);
    rows::<LimitKredytowy>(body);
    rows::<KartotekaTowarowa>(body);
});
