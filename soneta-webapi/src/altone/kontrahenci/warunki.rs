//! Credit limits and terms inside of a contractor (2606), and the port of limits.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::super::packet::{continuation, packet, size, start};
use super::kartoteka::KartotekaKontrahenta;
use super::{GetPackableContractors, ListaKontrahentow, neutral_rows};
use crate::ids::redacted_debug;
use crate::limity::{LimitKredytowy, Limity, RodzajLimitu};
use crate::page::{SnapshotQuery, WirePage};
use crate::wire::{Currency, open_enum};
use crate::{Client, Error, Result};

/// Names this list in its continuations.
const LIST: &str = "altone/limity";

/// Credit limit and terms of a contractor (`WarunkiHandloweDTO`); since 2606.
#[doc(alias = "credit limit")]
#[doc(alias = "terms")]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WarunkiHandlowe {
    /// Kind of the credit limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typ_limitu_kredytowego: Option<RodzajLimitu>,
    /// The credit limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_kredytu: Option<Currency>,
    /// Kind of the limit of what is overdue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typ_przeterminowania: Option<RodzajLimitu>,
    /// The limit of what is overdue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kontrola_kwota: Option<Currency>,
    /// How many days something may be overdue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kontrola_dni: Option<i32>,
    /// How invoices are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efaktura: Option<Efaktura>,
}

redacted_debug!(WarunkiHandlowe { typ_limitu_kredytowego });

/// Interest for late payment (`OdsetkiKarneDTO`); since 2606.
#[doc(alias = "interest")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OdsetkiKarne {
    /// Whether the contractor has terms of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indywidualne: Option<bool>,
    /// From when interest runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odsetki_rozpoczecie: Option<OdsetkiRozpoczecie>,
    /// At which rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odsetki_stopa: Option<OdsetkiStopa>,
    /// Days until it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rozpoczecie_dni: Option<i32>,
    /// Days of delay that are let pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dopuszczalna_zwloka: Option<i32>,
}

open_enum! {
    /// How invoices are sent to a contractor.
    pub enum Efaktura {
        /// Not electronically.
        Brak = "Brak" / 0,
        /// By Invooclip.
        Invooclip = "Invooclip" / 1,
        /// By GreenMail24.
        GreenMail24 = "GreenMail24" / 2,
        /// By e-mail.
        Email = "Email" / 3,
    }
}

open_enum! {
    /// From when interest runs.
    pub enum OdsetkiRozpoczecie {
        /// Not at all.
        NieNaliczaj = "NieNaliczaj" / 0,
        /// Not as usual.
        NieStandardowe = "NieStandardowe" / 1,
        /// From the day of payment.
        WgTerminuPlatnosci = "WgTerminuPlatnosci" / 2,
        /// As usual.
        Standardowe = "Standardowe" / 3,
    }
}

open_enum! {
    /// The rate of interest.
    pub enum OdsetkiStopa {
        /// By law.
        Ustawowe = "Ustawowe" / 0,
        /// Of the contractor's own.
        Indywidualne = "Indywidualne" / 1,
        /// The highest.
        Maksymalne = "Maksymalne" / 2,
        /// By law, of the contractor's own.
        UstawoweIndywidualne = "UstawoweIndywidualne" / 3,
        /// By law, for taxes.
        UstawowePodatkowe = "UstawowePodatkowe" / 4,
        /// As given.
        Wskazane = "Wskazane" / 5,
        /// In trade.
        Handlowe = "Handlowe" / 6,
        /// By law, in trade.
        UstawoweHandlowe = "UstawoweHandlowe" / 7,
        /// For delay.
        ZaOpoznienie = "ZaOpoznienie" / 8,
        /// For taxes.
        Podatkowe = "Podatkowe" / 9,
        /// In trade, medicine.
        HandloweMedyczne = "HandloweMedyczne" / 10,
        /// By law, in trade, medicine.
        UstawoweHandloweMedyczne = "UstawoweHandloweMedyczne" / 11,
    }
}

/// Credit limits of AltOne's contract, from 2606 on: the settings, not their use.
///
/// `wykorzystano`, `dostepny` and `liczona_od` are `None`: what is used is calculated from unpaid documents, which this contract
/// does not sum up. On builds before 2606, which do not send the terms, every row is a [`BadRow`](crate::BadRow), never *no
/// limit*.
#[derive(Debug, Clone)]
pub struct AltOneLimity {
    client: Client,
}

impl AltOneLimity {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Limity for AltOneLimity {
    async fn list_limity(&self, query: &SnapshotQuery) -> Result<WirePage<LimitKredytowy>> {
        let (last_id, _) = start(LIST, query.after.as_ref(), None)?;
        let wybor = ListaKontrahentow::builder()
            .last_id(last_id)
            .packet_size(size(query.limit))
            .warunki_handlowe(true)
            .build();
        let packet = packet(&self.client, &GetPackableContractors::new(wybor), last_id).await?;
        let next = (!packet.all_rows).then(|| continuation(LIST, packet.last_id, None));
        Ok(WirePage::new(neutral_rows(packet.data, limit), next).at_end(packet.all_rows))
    }
}

fn limit(kontrahent: KartotekaKontrahenta) -> Result<LimitKredytowy> {
    let missing = |field: &str| Error::decode_at(format!("missing field `{field}`"));
    let warunki = kontrahent.warunki_handlowe.ok_or_else(|| missing("WarunkiHandlowe"))?;
    let rodzaj = warunki.typ_limitu_kredytowego.ok_or_else(|| missing("TypLimituKredytowego"))?;
    let limit = match rodzaj {
        RodzajLimitu::Nieograniczony => None,
        _ => Some(warunki.limit_kredytu.ok_or_else(|| missing("LimitKredytu"))?),
    };
    Ok(LimitKredytowy::builder()
        .kontrahent_id(kontrahent.id.ok_or_else(|| missing("ID"))?)
        .maybe_kod(kontrahent.kod)
        .rodzaj(rodzaj)
        .maybe_limit(limit)
        .maybe_termin_dni(kontrahent.forma_platnosci.and_then(|forma| forma.termin_dni))
        .build())
}
