//! Which add-on of an installation gives which area.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Ceny, CenyKontrahentow, Error, Faktury, KolejkaZmian, Kontrahenci, Limity, ListaZamowien, ProfileCen,
    Result, Rozrachunki, Slowniki, Stany, Towary, Wydania, Zamowienia, ZapisKontrahentow, ZmianyZamowien,
};

/// Declares the areas: each a word for settings and a place in [`Installation`] for the port that gives it.
macro_rules! areas {
    ($($(#[$meta:meta])* $variant:ident = $word:literal, $field:ident / $with:ident: $port:ident;)+) => {
        /// An area of data: what one port gives.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Area {
            $($(#[$meta])* $variant,)+
        }

        impl Area {
            /// Every area.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its word in settings and messages.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        /// Which add-on of an installation gives which area.
        ///
        /// Chosen in code, where an add-on that lacks an area does not compile:
        ///
        /// ```
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
        /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
        /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
        /// # let client = soneta_webapi::Client::builder(url, token).build()?;
        /// use soneta_webapi::{Installation, StanyQuery};
        ///
        /// let installation = Installation::default()
        ///     .with_towary(client.altone())
        ///     .with_stany(client.b2b().stany())
        ///     .with_ceny(client.b2b().ceny());
        /// let stock = installation.stany()?.list_stany(&StanyQuery::builder().build()).await?;
        /// assert!(stock.rows.iter().all(Result::is_ok));
        /// assert!(installation.zamowienia().is_err(), "nobody gives orders here");
        /// # Ok(())
        /// # }
        /// ```
        ///
        /// ```compile_fail,E0277
        /// # fn run(client: soneta_webapi::Client) {
        /// // AltOne's add-on has no prices.
        /// let installation = soneta_webapi::Installation::default().with_ceny(client.altone());
        /// # }
        /// ```
        ///
        /// or from settings, see [`choose`](Self::choose).
        #[derive(Clone, Default)]
        pub struct Installation {
            $($field: Option<Arc<dyn $port>>,)+
        }

        impl Installation {
            $(
                $(#[$meta])*
                #[must_use]
                pub fn $with(mut self, port: impl $port + 'static) -> Self {
                    self.$field = Some(Arc::new(port));
                    self
                }

                $(#[$meta])*
                ///
                /// # Errors
                /// Kind `Config` when nobody gives them here.
                pub fn $field(&self) -> Result<Arc<dyn $port>> {
                    self.$field.clone().ok_or_else(|| self.lacks(Area::$variant))
                }
            )+

            /// Whether somebody gives this area.
            pub fn has(&self, area: Area) -> bool {
                match area {
                    $(Area::$variant => self.$field.is_some(),)+
                }
            }

            /// The same, with this area as another installation has it.
            #[must_use]
            pub fn with_area_of(mut self, area: Area, other: &Self) -> Self {
                match area {
                    $(Area::$variant => self.$field.clone_from(&other.$field),)+
                }
                self
            }
        }
    };
}

areas! {
    /// Goods.
    Goods = "goods", towary / with_towary: Towary;
    /// Stock.
    Stock = "stock", stany / with_stany: Stany;
    /// Contractors: look-up and list.
    Contractors = "contractors", kontrahenci / with_kontrahenci: Kontrahenci;
    /// Retail prices and the price check.
    Prices = "prices", ceny / with_ceny: Ceny;
    /// Prices of one contractor.
    ClientPrices = "client_prices", ceny_kontrahentow / with_ceny_kontrahentow: CenyKontrahentow;
    /// Price profiles, exceptions, and what became invalid.
    PriceProfiles = "price_profiles", profile_cen / with_profile_cen: ProfileCen;
    /// Writing contractors.
    ContractorWrites = "contractor_writes", zapis_kontrahentow / with_zapis_kontrahentow: ZapisKontrahentow;
    /// Credit limits.
    CreditLimits = "credit_limits", limity / with_limity: Limity;
    /// Orders: placing, look-up, states.
    Orders = "orders", zamowienia / with_zamowienia: Zamowienia;
    /// Edits and cancellations of orders.
    OrderChanges = "order_changes", zmiany_zamowien / with_zmiany_zamowien: ZmianyZamowien;
    /// The list of orders.
    OrderList = "order_list", lista_zamowien / with_lista_zamowien: ListaZamowien;
    /// Invoices.
    Invoices = "invoices", faktury / with_faktury: Faktury;
    /// Delivery notes.
    DeliveryNotes = "delivery_notes", wydania / with_wydania: Wydania;
    /// Settlements.
    Settlements = "settlements", rozrachunki / with_rozrachunki: Rozrachunki;
    /// Dictionaries.
    Dictionaries = "dictionaries", slowniki / with_slowniki: Slowniki;
    /// The queue of changes.
    ChangeQueue = "change_queue", kolejka_zmian / with_kolejka_zmian: KolejkaZmian;
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Installation {
    /// The areas that somebody gives, in the order of [`Area::ALL`].
    pub fn areas(&self) -> impl Iterator<Item = Area> + '_ {
        Area::ALL.iter().copied().filter(|area| self.has(*area))
    }

    /// An installation by settings: for each area the name of the add-on that gives it. Areas that are not named are lacking.
    ///
    /// `add_ons` are what can be chosen from: the contracts of this crate and any of your own.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = soneta_webapi::simulator::Simulator::builder().goods(40).seed(7).start().await?;
    /// # let (url, token) = (simulator.url().clone(), simulator.application_token());
    /// # let client = soneta_webapi::Client::builder(url, token).build()?;
    /// use soneta_webapi::{AreaChoice, Installation};
    ///
    /// let choice: AreaChoice = serde_json::from_str(r#"{"goods": "altone", "stock": "b2b", "prices": "shop"}"#)?;
    /// let own = Installation::default().with_ceny(client.b2b().ceny());
    /// let installation = Installation::choose(
    ///     &choice,
    ///     [("altone", client.altone().installation()), ("b2b", client.b2b().installation()), ("shop", own)],
    /// )?;
    /// assert_eq!(installation.areas().count(), 3);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Kind `Config`: an add-on of this name is not among `add_ons`, or it does not give the area. The message names what it gives.
    pub fn choose<'a>(
        choice: &AreaChoice,
        add_ons: impl IntoIterator<Item = (&'a str, Self)>,
    ) -> Result<Self> {
        let add_ons: BTreeMap<&str, Self> = add_ons.into_iter().collect();
        let mut chosen = Self::default();
        for (area, name) in choice {
            let Some(add_on) = add_ons.get(name.as_str()) else {
                let names: Vec<_> = add_ons.keys().copied().collect();
                return Err(Error::config(format!(
                    "{area} = {name:?}: no such add-on; known are {}",
                    names.join(", ")
                )));
            };
            if !add_on.has(*area) {
                return Err(Error::config(format!("{area} = {name:?}: {}", add_on.lack(*area))));
            }
            chosen = chosen.with_area_of(*area, add_on);
        }
        Ok(chosen)
    }

    fn lacks(&self, area: Area) -> Error {
        Error::config(format!("this installation: {}", self.lack(area)))
    }

    fn lack(&self, area: Area) -> String {
        let areas: Vec<_> = self.areas().map(Area::as_str).collect();
        let gives = if areas.is_empty() { "nothing".to_owned() } else { areas.join(", ") };
        format!("no {area} here; it gives {gives}")
    }
}

/// For each area the name of the add-on that gives it, as settings hold it: `{"goods": "altone", "stock": "b2b"}`.
pub type AreaChoice = BTreeMap<Area, String>;

impl fmt::Debug for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.areas()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_spelt_in_settings_as_in_messages() {
        for area in Area::ALL {
            assert_eq!(serde_json::to_string(area).unwrap(), format!("\"{area}\""));
        }
    }

    #[test]
    fn an_area_that_nobody_gives_is_a_clear_error() {
        let error = Installation::default().limity().unwrap_err();
        assert_eq!(
            error.to_string(),
            Error::config("this installation: no credit_limits here; it gives nothing").to_string()
        );
    }

    #[test]
    fn an_unknown_add_on_and_a_lacking_area_are_named() {
        let choice = AreaChoice::from([(Area::Goods, "own".to_owned())]);
        let unknown = Installation::choose(&choice, [("b2b", Installation::default())]).unwrap_err();
        assert!(unknown.to_string().contains("known are b2b"), "{unknown}");
        let lacking = Installation::choose(&choice, [("own", Installation::default())]).unwrap_err();
        assert!(lacking.to_string().contains("no goods here"), "{lacking}");
    }
}
