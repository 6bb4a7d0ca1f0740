//! Orders by AltOne's contract.

mod kontrahent;
mod nowe;

use async_trait::async_trait;

use self::kontrahent::kontrahent;
use super::dokumenty::{
    DokumentHandlowy, GetCommercialDocument, InsertDokumentHandlowy, PozycjaDokHandlowego, SposobLiczeniaVAT,
    WynikZapisuDokumentu, by_guid, by_ids,
};
use crate::envelope::{BadRow, KodOdmowy, Rows};
use crate::towary::at_most_one;
use crate::zamowienia::{
    KluczZamowienia, NoweZamowienie, PozycjaRealizacji, StanDokumentu, Zamowienia, Zamowienie,
    ZapisaneZamowienie,
};
use crate::{Client, DokumentId, Error, ErrorKind, KluczKontrahenta, Result};

/// Orders of AltOne's contract, with what it has no place for in an order's request.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
/// # let (url, token) = (simulator.url().clone(), simulator.application_token());
/// # let client = soneta_webapi::Client::builder(url, token).build()?;
/// use soneta_webapi::altone::AltOneZamowienia;
/// use soneta_webapi::wire::{Currency, Quantity};
/// use soneta_webapi::{Decimal, KontrahentId, NoweZamowienie, PozycjaZamowienia, Uuid, Zamowienia};
///
/// let zamowienia = AltOneZamowienia::builder().client(client.clone()).forma_platnosci("Przelew").build();
/// let line = PozycjaZamowienia::builder()
///     .id_obcy("1")
///     .kod("PK")
///     .ilosc(Quantity::new(Decimal::ONE, "szt"))
///     .cena_netto(Currency::new(Decimal::new(1_500, 2), "PLN"));
/// let order = NoweZamowienie::builder()
///     .guid(Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://shop.example/orders/118"))
///     .kontrahent_id(KontrahentId(1))
///     .kontrahent_kod("K0001")
///     .magazyn("F")
///     .data("2026-11-21".parse()?)
///     .pozycje(vec![line.build()])
///     .build();
/// let made = zamowienia.create_once(&order).await?;
/// assert_eq!(zamowienia.find(&order).await?.map(|found| found.id), Some(made.id));
/// # Ok(())
/// # }
/// ```
///
/// - `create_once` asks for a document of the order's Guid, then for the contractor (whose name the contract requires, and who has
///   to be the one of the order's id), and only then it makes one; after a refusal it asks for the Guid again. The server itself
///   knows no idempotency: a first attempt that is still under way, or a second caller at the same time, may make a second
///   document, unless the ERP refuses the second Guid (*unknown*).
/// - The look-up by Guid is a condition on the business field `Guid` (*inferred*). A server that ignores it is noticed, and
///   nothing is written then. One that answers *nothing found* to a condition that it does not understand is not: before the
///   first real order, make one and see that `find` tells of it.
/// - Prices are net (`OdNetto`), and so are `WartoscCy` and the amount of the one payment (*inferred*: the contract requires both
///   and has no field for an order that the ERP sums up itself).
/// - What the contract has no field for is refused with kind `Invalid`: payer and receiver by id, a delivery place by id, a delivery
///   method, a reservation, a line without Kod. A delivery address goes out as the receiver's (`DaneOdbiorcy`, *inferred*);
///   its telephone and e-mail address stay behind.
/// - The answer of an insert tells neither state nor lines: a document with a number of its own counts as approved, any other as
///   in the buffer, and `pozycje` is empty.
/// - Fulfilment and the sender's ids of lines are not told: `zrealizowano` and `id_obcy` are `None`.
#[derive(Debug, Clone, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct AltOneZamowienia {
    client: Client,
    /// Symbols of definitions that are customers' orders; documents of others are no orders.
    #[builder(default = vec!["ZO".to_owned()])]
    definicje: Vec<String>,
    /// Payment method of orders that name none.
    forma_platnosci: Option<String>,
}

#[async_trait]
impl Zamowienia for AltOneZamowienia {
    async fn create_once(&self, order: &NoweZamowienie) -> Result<ZapisaneZamowienie> {
        self.must_be_expressible(order)?;
        if let Some(found) = self.made_already(order).await? {
            return Ok(found);
        }
        let dokument = self.dokument(order).await?;
        match self.client.send(&InsertDokumentHandlowy::new(dokument)).await {
            Ok(made) => zapisane(order, made),
            // The ERP may refuse since an earlier attempt of ours got there first.
            Err(refused) if refused.kind() == ErrorKind::Refused => match self.made_already(order).await {
                Ok(Some(found)) => Ok(found),
                Ok(None) => Err(refused),
                Err(_) => Err(refused.with_may_have_been_applied(true)),
            },
            Err(error) => Err(error),
        }
    }

    async fn get_zamowienie(&self, klucz: &KluczZamowienia) -> Result<Option<Zamowienie>> {
        let rows = match klucz {
            KluczZamowienia::Id(id) => by_ids(&self.client, &[*id]).await?,
            KluczZamowienia::Guid(guid) => by_guid(&self.client, *guid).await?,
            KluczZamowienia::NumerObcy { numer, kontrahent_id } => {
                let Some(kontrahent) = kontrahent(&self.client, KluczKontrahenta::Id(*kontrahent_id)).await?
                else {
                    return Ok(None);
                };
                let question = GetCommercialDocument::by_numer_obcy(numer, kontrahent.kod);
                match self.client.send(&question).await?.and_then(|dokument| dokument.id) {
                    Some(id) => by_ids(&self.client, &[id]).await?,
                    None => Rows::new(),
                }
            }
        };
        // A document that was found by a key of its own is never nothing, whatever its symbol: else it would be made again.
        let other = |row: &Result<DokumentHandlowy, BadRow>| {
            row.as_ref().is_ok_and(|dokument| !dokument.has_symbol(&self.definicje))
        };
        if rows.iter().any(other) {
            let code = KodOdmowy::Konflikt.as_str().to_owned();
            return Err(Error::refused(
                Some(code),
                "a document of this key exists, and it is no customer's order",
            ));
        }
        let mut rows = self.zamowienia(rows);
        rows.retain(|row| row.as_ref().map_or(true, |order| klucz.names(order)));
        at_most_one(rows)
    }

    async fn get_statusy(&self, ids: &[DokumentId]) -> Result<Rows<Zamowienie>> {
        Ok(self.zamowienia(by_ids(&self.client, ids).await?))
    }
}

impl AltOneZamowienia {
    /// The document that the order has made already. Where it exists but cannot be read, or is another one, that is doubt.
    async fn made_already(&self, order: &NoweZamowienie) -> Result<Option<ZapisaneZamowienie>> {
        let exists = |error: &Error| {
            KodOdmowy::of(error) == Some(KodOdmowy::Konflikt) || error.kind() == ErrorKind::Decode
        };
        self.find(order).await.map_err(|error| {
            let exists = exists(&error);
            if exists { error.with_may_have_been_applied(true) } else { error }
        })
    }

    /// The orders among documents; one that cannot be read as an order is a bad row in its place.
    fn zamowienia(&self, rows: Rows<DokumentHandlowy>) -> Rows<Zamowienie> {
        let mut orders = Rows::new();
        for (position, row) in rows.into_iter().enumerate() {
            match row {
                Ok(dokument) if dokument.definicja.is_some() && !dokument.has_symbol(&self.definicje) => {}
                Ok(dokument) => {
                    let id = dokument.id.map(|id| id.0);
                    let order = zamowienie(dokument);
                    orders.push(order.map_err(|error| BadRow::new(position, error).with_key(id, None)));
                }
                Err(bad) => orders.push(Err(bad)),
            }
        }
        orders
    }
}

/// What was made. The answer tells neither state nor lines; a document without a number of its own is in the buffer.
fn zapisane(order: &NoweZamowienie, made: WynikZapisuDokumentu) -> Result<ZapisaneZamowienie> {
    let doubtful = |what: &'static str| Error::decode_at(what).with_may_have_been_applied(true);
    let id = made.id.ok_or_else(|| doubtful("missing field `ID`"))?;
    if made.guid.is_some_and(|guid| guid != order.guid) {
        return Err(doubtful("the document did not get the order's Guid"));
    }
    let saved = ZapisaneZamowienie::builder()
        .id(id)
        .guid(order.guid)
        .numer(made.numer_dokumentu.unwrap_or_default())
        .stan(StanDokumentu::Bufor)
        .maybe_suma_netto(made.wartosc_netto_cy)
        .maybe_suma_brutto(made.wartosc_brutto_cy)
        .build();
    let stan = if saved.is_numbered() { StanDokumentu::Zatwierdzony } else { StanDokumentu::Bufor };
    Ok(ZapisaneZamowienie { stan, ..saved })
}

fn zamowienie(dokument: DokumentHandlowy) -> Result<Zamowienie> {
    let missing = |what: &'static str| Error::decode_at(what);
    if dokument.definicja.is_none() {
        return Err(missing("missing field `Definicja`"));
    }
    let stan = dokument.stan().ok_or_else(|| missing("missing field `StanDokumentuHandlowego`"))?;
    let netto = dokument.sposob_liczenia_vat == Some(SposobLiczeniaVAT::OdNetto);
    let line = |line: PozycjaDokHandlowego| {
        let cena = line.cena_po_rabacie.or(line.cena);
        Ok(PozycjaRealizacji::builder()
            .id(line.id.ok_or_else(|| missing("missing field `ID` of a line"))?)
            .maybe_kod(line.kod_towaru)
            .ilosc(line.ilosc.ok_or_else(|| missing("missing field `Ilosc` of a line"))?)
            .maybe_cena_netto(cena.filter(|_| netto))
            .build())
    };
    let sums = dokument.podsumowanie.unwrap_or_default();
    Ok(Zamowienie::builder()
        .id(dokument.id.ok_or_else(|| missing("missing field `ID`"))?)
        .maybe_guid(dokument.guid)
        .numer(dokument.numer_pelny.unwrap_or_default())
        .maybe_numer_obcy(dokument.numer_obcy.and_then(|numer| numer.numer))
        .stan(stan)
        .maybe_suma_netto(sums.netto_cy)
        .maybe_suma_brutto(sums.brutto_cy)
        .pozycje(dokument.pozycje.into_iter().map(line).collect::<Result<_>>()?)
        .build())
}
