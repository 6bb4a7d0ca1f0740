//! Requests and records of documents, attachments and the change queue, with every field that there is.

use bytes::Bytes;
use secrecy::SecretString;
use soneta_webapi::altone::{
    AdresDoFaktury, DaneDoKSeF, DaneKontrahenta, DaneKorekty, DanePodmiotuTrzeciego, DokumentHandlowy,
    ElemOpisuAnalitycznego, GetAttachments, GetDokumentyHandlowe, GetRecordsChange,
    GetTablesWaitingForExport, KSeFDokumentu, NumerObcyDokumentu, PlatnoscDokumentu, PodmiotDodatkowy,
    Podsumowanie, PozycjaDokHandlowego, PozycjaVat, RodzajPodmiotu, RodzajZalacznika, RolaPodmiotuTrzeciego,
    SposobLiczeniaVAT, StatusPodmiotu, StatusZmiany, TabelaKursowa, TypIdentyfikatora,
    UpdateRecordsChangeStatus, Wojewodztwo, Zalacznik,
};
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{Decimal, DokumentId, PotwierdzenieZmiany, StanDokumentu, StatusKSeF, Uuid};

use super::{adres, cechy, day, filter};

fn pln(grosze: i64) -> Currency {
    Currency::new(Decimal::new(grosze, 2), "PLN")
}

pub(super) fn lista() -> GetDokumentyHandlowe {
    let all = GetDokumentyHandlowe::builder().conditions(vec![filter()]).update_date(day());
    all.id_dok_handlowych(vec![DokumentId(5)]).xml_content_ksef(true).build()
}

pub(super) fn strona() -> DaneKontrahenta {
    let adres = AdresDoFaktury::builder()
        .ulica("Długa")
        .nr_domu("1")
        .nr_lokalu("2")
        .kod_pocztowy_s("90-001")
        .miejscowosc("Łódź")
        .poczta("Łódź")
        .wojewodztwo(Wojewodztwo::Lodzkie)
        .kod_kraju("PL")
        .build();
    DaneKontrahenta::builder()
        .kod("ABC")
        .nazwa("Abc")
        .eu_vat("1111111128")
        .status_podmiotu(StatusPodmiotu::PodmiotGospodarczy)
        .rodzaj_podmiotu(RodzajPodmiotu::Krajowy)
        .adres(adres)
        .build()
}

pub(super) fn opis_analityczny() -> ElemOpisuAnalitycznego {
    ElemOpisuAnalitycznego::builder()
        .id(3)
        .features(cechy())
        .data(day())
        .symbol("C1")
        .wymiar("Centrum kosztów")
        .kwota(pln(100))
        .kwota_dodatkowa(pln(1))
        .opis("…")
        .test_mode(true)
        .build()
}

pub(super) fn pozycja() -> PozycjaDokHandlowego {
    PozycjaDokHandlowego::builder()
        .id(2)
        .features(cechy())
        .lp(1)
        .kod_towaru("BUT_NAR_42")
        .ilosc(Quantity::new(Decimal::from(2), "para"))
        .cena(pln(12_345))
        .wartosc(pln(24_690))
        .pelna_nazwa("Buty narciarskie")
        .cena_po_rabacie(pln(12_345))
        .stawka_vat("23%")
        .gtu("GTU_01")
        .pkwiu("15.20.13")
        .podstawa_zwolnienia("art. 43")
        .opis_analityczny(vec![opis_analityczny()])
        .test_mode(true)
        .build()
}

pub(super) fn platnosc() -> PlatnoscDokumentu {
    PlatnoscDokumentu::builder()
        .id(4)
        .features(cechy())
        .guid(Uuid::from_u128(4))
        .ewidencja_sp("RB")
        .sposob_zaplaty("Przelew")
        .termin(day())
        .kwota(pln(30_369))
        .rachunek26("61109010140000071219812874")
        .kwota_mpp(pln(5_679))
        .kurs(Decimal::ONE)
        .opis("…")
        .test_mode(true)
        .build()
}

pub(super) fn ksef() -> KSeFDokumentu {
    KSeFDokumentu::builder()
        .status_ksef(StatusKSeF::Brak)
        .numer_dokumentu_ksef("1111111111-20260714-000000000001-00")
        .data_ksef(day())
        .data_przeslania_ksef(day())
        .data_przyjecia_ksef(day())
        .link("https://ksef.example/1")
        .content_xml("<Faktura/>")
        .build()
}

pub(super) fn podmiot_trzeci() -> DanePodmiotuTrzeciego {
    DanePodmiotuTrzeciego::builder()
        .zastosuj(true)
        .zmien(true)
        .dane_do_ksef(DaneDoKSeF::Odbiorca)
        .identyfikator_wewnetrzny_ksef("1111111111-00001")
        .rola(RolaPodmiotuTrzeciego::Odbiorca)
        .typ_identyfikatora_wew(TypIdentyfikatora::IdWew)
        .build()
}

pub(super) fn podmiot_dodatkowy() -> PodmiotDodatkowy {
    PodmiotDodatkowy::builder()
        .identyfikator_wewnetrzny("1111111111-00002")
        .kod_kontrahenta("DEF")
        .rola(RolaPodmiotuTrzeciego::Faktor)
        .nazwa("Def")
        .adres_podmiotu(adres())
        .build()
}

/// A document in which everything is set.
pub(super) fn dokument() -> DokumentHandlowy {
    DokumentHandlowy::builder()
        .id(DokumentId(5))
        .features(cechy())
        .guid(Uuid::from_u128(5))
        .data_operacji(day())
        .data(day())
        .data_dostawy(day())
        .definicja("KFV")
        .magazyn("F")
        .sposob_liczenia_vat(SposobLiczeniaVAT::OdNetto)
        .dane_kontrahenta(strona())
        .dane_odbiorcy(strona())
        .pozycje(vec![pozycja()])
        .platnosci(vec![platnosc()])
        .numer_pelny("KFV/000001/26")
        .wartosc_cy(pln(24_690))
        .seria("S")
        .opis("…")
        .numer_obcy(NumerObcyDokumentu::builder().numer("ZAM/7").data_otrzymania(day()).build())
        .korekta(DaneKorekty::builder().numer_zrodlowy("FV/000001/26").data_dokumentu(day()).build())
        .korekta_vat(true)
        .pozycje_vat(vec![
            PozycjaVat::builder()
                .stawka_vat("23%")
                .netto(Decimal::new(24_690, 2))
                .vat(Decimal::new(5_679, 2))
                .build(),
        ])
        .podsumowanie(Podsumowanie::builder().netto_cy(pln(24_690)).brutto_cy(pln(30_369)).build())
        .tabela_kursowa(TabelaKursowa::builder().nazwa_tabeli("NBP").kurs(Decimal::new(42_512, 4)).build())
        .zatwierdzony(true)
        .anulowany(false)
        .stan_dokumentu_handlowego(StanDokumentu::Zatwierdzony)
        .ksef(ksef())
        .dane_podmiotu_trzeciego(podmiot_trzeci())
        .podmioty_dodatkowe_ksef(vec![podmiot_dodatkowy()])
        .test_mode(true)
        .build()
}

/// A document without what may be left out.
pub(super) fn najmniejszy() -> DokumentHandlowy {
    let pozycja = PozycjaDokHandlowego::builder().lp(1).kod_towaru("A").cena(pln(100));
    DokumentHandlowy::builder()
        .data_operacji(day())
        .data(day())
        .definicja("ZO")
        .magazyn("F")
        .dane_kontrahenta(DaneKontrahenta::builder().kod("ABC").nazwa("Abc").build())
        .pozycje(vec![pozycja.ilosc(Quantity::new(Decimal::ONE, "szt")).build()])
        .platnosci(vec![PlatnoscDokumentu::builder().sposob_zaplaty("Przelew").kwota(pln(100)).build()])
        .wartosc_cy(pln(100))
        .build()
}

pub(super) fn zalacznik() -> Zalacznik {
    Zalacznik::builder()
        .id(6)
        .table_name("DokHandlowe")
        .name("list.txt")
        .parent(5)
        .description("List przewozowy")
        .is_default(false)
        .send_email(true)
        .extension("txt")
        .link("https://example.com/list.txt")
        .sub_type(RodzajZalacznika::Https)
        .content(Bytes::from_static(b"\xff\xef"))
        .features(cechy())
        .test_mode(true)
        .build()
}

pub(super) fn zalaczniki() -> GetAttachments {
    let of = GetAttachments::builder().parent_id(5).table_name("DokHandlowe");
    of.name("list.txt").extension("txt").build()
}

fn code() -> SecretString {
    SecretString::from("tajny")
}

pub(super) fn tabele() -> GetTablesWaitingForExport {
    let of = GetTablesWaitingForExport::builder().external_system("SHOP").security_code(code());
    of.show_future_records(day().and_time(chrono::NaiveTime::MIN).and_utc()).build()
}

pub(super) fn zmiany() -> GetRecordsChange {
    GetRecordsChange::builder()
        .conditions(vec![filter()])
        .update_date(day())
        .source_table("Towary")
        .external_system("SHOP")
        .security_code(code())
        .show_future_records(day().and_time(chrono::NaiveTime::MIN).and_utc())
        .source_id(7)
        .hide_errors(true)
        .extended(true)
        .build()
}

pub(super) fn potwierdzenie() -> StatusZmiany {
    (&PotwierdzenieZmiany::builder().id(8).sukces(false).informacja("brak miejsca").build()).into()
}

pub(super) fn potwierdzenia() -> UpdateRecordsChangeStatus {
    let of = UpdateRecordsChangeStatus::builder().external_system("SHOP").security_code(code());
    of.list_confirm_data_change_update(vec![potwierdzenie()]).build()
}
