//! Requests and records of goods, contractors, dictionaries and the service, with every field that there is.

use soneta_webapi::altone::{
    Efaktura, ElementSlownika, GetDocumentation, GetOsobyKontaktowe, GetTowary, KartotekaKontrahenta,
    KartotekaTowarowa, KontaktKontrahenta, KontrahentBase, ListaKontrahentow, OdsetkiKarne,
    OdsetkiRozpoczecie, OdsetkiStopa, PowiazaniaKontrahenta, PowiazanieKontrahenta, RachunekBankowy,
    RodzajPodmiotu, RodzajPowiazania, RolaPodmiotu, Slownik, StatusPodmiotu, VatLiczonyOd, WarunkiHandlowe,
    WarunkiPlatnosci, ZapiszCalosc, ZastapKontrahenta,
};
use soneta_webapi::wire::Currency;
use soneta_webapi::{Decimal, KontrahentId, RodzajLimitu, TowarId, TypTowaru, Uuid};

use super::{adres, cechy, day, filter};

pub(super) fn towary() -> GetTowary {
    GetTowary::builder().conditions(vec![filter()]).update_date(day()).id_towarow(vec![TowarId(2)]).build()
}

pub(super) fn osoby() -> GetOsobyKontaktowe {
    let all = GetOsobyKontaktowe::builder().conditions(vec![filter()]).update_date(day());
    all.id_osob_kontaktowych(vec![3]).build()
}

pub(super) fn documentation() -> GetDocumentation {
    let all = GetDocumentation::builder().typ_uslugi("Faktury").wersja(1).schema_json(true);
    all.dla_zapisu(true).dynamic_api(true).build()
}

pub(super) fn zastap() -> ZastapKontrahenta {
    ZastapKontrahenta::builder()
        .id_nadrzedny(KontrahentId(1))
        .id_zastepowany(KontrahentId(2))
        .definicja_dok_cesji("CES")
        .test_mode(true)
        .build()
}

pub(super) fn lista() -> ListaKontrahentow {
    ListaKontrahentow::builder()
        .conditions(vec![filter()])
        .update_date(day())
        .kod("ABC")
        .nazwa("Abc")
        .eu_vat("1111111128")
        .pesel("44051401359")
        .miejscowosc("Łódź")
        .guid(Uuid::from_u128(1))
        .cecha_external_id("118")
        .powiazania(true)
        .ids(vec![KontrahentId(1)])
        .warunki_handlowe(true)
        .odsetki_karne(true)
        .build()
}

pub(super) fn kartoteka_towarowa() -> KartotekaTowarowa {
    KartotekaTowarowa::builder()
        .id(TowarId(7))
        .features(cechy())
        .guid(Uuid::from_u128(7))
        .kod("BUT_NAR_42")
        .nazwa("Buty narciarskie")
        .typ_towaru(TypTowaru::Usluga)
        .kod_kreskowy("2000000000978")
        .numer_katalogowy("K-42")
        .pkwiu("15.20.13")
        .gtu("GTU_01")
        .jednostka("para")
        .podstawa_zwolnienia("art. 43")
        .blokada(false)
        .stawka_vat_sprzedazy("23%")
        .stawka_vat_zakupu("23%")
        .opis("Łyżwy")
        .dozwolona_edycja_opisu(true)
        .test_mode(true)
        .build()
}

fn base(id: i32) -> KontrahentBase {
    KontrahentBase::builder().id(KontrahentId(id)).kod("ABC").nazwa("Abc").build()
}

pub(super) fn powiazanie() -> PowiazanieKontrahenta {
    PowiazanieKontrahenta::builder()
        .nadrzedny(base(1))
        .podrzedny(base(2))
        .rodzaj_powiazania(RodzajPowiazania::Vat)
        .data_od(day())
        .data_do(day())
        .rola_podmiotu(RolaPodmiotu::DokonujacyPlatnosci)
        .odbiorca_platnik(true)
        .test_mode(true)
        .build()
}

pub(super) fn slownik() -> Slownik {
    let element = ElementSlownika::builder().symbol("B").nazwa("Bałuty").note("…").blokada(false).build();
    let slownik = Slownik::builder().nazwa_slownika("Dzielnice").automatycznie_nowy(true);
    slownik.elementy_slownika(vec![element]).test_mode(true).build()
}

pub(super) fn kontrahent() -> KartotekaKontrahenta {
    let platnosci =
        WarunkiPlatnosci::builder().nazwa("Przelew").termin_dni(14).waluta("PLN").kod_platnika("ABC");
    let kontakt = KontaktKontrahenta::builder().telefon_komorkowy("600").email("a@b.pl").www("b.pl");
    let warunki = WarunkiHandlowe::builder()
        .typ_limitu_kredytowego(RodzajLimitu::Kwota)
        .limit_kredytu(Currency::new(Decimal::new(100_050, 2), "PLN"))
        .efaktura(Efaktura::Email);
    let odsetki = OdsetkiKarne::builder()
        .odsetki_rozpoczecie(OdsetkiRozpoczecie::WgTerminuPlatnosci)
        .odsetki_stopa(OdsetkiStopa::Handlowe);
    KartotekaKontrahenta::builder()
        .id(KontrahentId(1))
        .features(cechy())
        .guid(Uuid::from_u128(1))
        .kod("ABC")
        .nazwa("Abc")
        .blokada(false)
        .zamiennik(base(3))
        .eu_vat("1111111128")
        .status_podmiotu(StatusPodmiotu::PodmiotGospodarczy)
        .regon("472836141")
        .pesel("44051401359")
        .krs("0000012345")
        .uwagi("…")
        .oddzial("F")
        .blokada_sprzedazy(false)
        .adres(adres())
        .adres_korespondencyjny(adres())
        .rachunki(vec![RachunekBankowy::builder().numer("61109010140000071219812874").build()])
        .forma_platnosci(platnosci.build())
        .kontakt(kontakt.build())
        .rachunek_domyslny("61109010140000071219812874")
        .podatnik_vat(true)
        .forma_prawna_kod("117")
        .rodzaj_podmiotu(RodzajPodmiotu::UnijnyTrojstronny)
        .rodzaj_podmiotu_zakup(RodzajPodmiotu::Krajowy)
        .vat_liczony_od(VatLiczonyOd::OdNetto)
        .powiazania_kontrahenta(
            PowiazaniaKontrahenta::builder().platnik(base(2)).powiazania(vec![powiazanie()]).build(),
        )
        .warunki_handlowe(warunki.build())
        .odsetki_karne(odsetki.build())
        .test_mode(true)
        .build()
}

/// A contractor that was read, whole, with a change of one field.
pub(super) fn zapisz_calosc() -> ZapiszCalosc {
    let read = serde_json::value::to_raw_value(&kontrahent()).unwrap();
    ZapiszCalosc::new(&read, &serde_json::json!({"Uwagi": "inne"})).unwrap()
}
