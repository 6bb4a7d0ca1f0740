//! What the settings name in the ERP, and whether it has that.

use std::collections::BTreeSet;

use soneta_webapi::{Installation, Result, SnapshotQuery};

/// Words of a setting that the ERP defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The setting: `stock.warehouses`.
    pub(crate) setting: &'static str,
    pub(crate) words: BTreeSet<String>,
    pub(crate) dictionary: Dictionary,
}

/// Which of its words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dictionary {
    /// Symbols of warehouses.
    Magazyny,
    /// Price lists (definicje cen) of retail prices. No contract lists them: they are seen on the prices.
    CenyDetaliczne,
}

/// How many retail prices are looked at, at most, for a price list: a list that is there is nearly always among the first.
const MOST_PRICES: usize = 20_000;

/// What the ERP does not have of a setting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// Everything was looked at.
    pub(crate) sure: bool,
    pub(crate) finding: String,
    /// What the setting names, and what there is.
    pub(crate) detail: String,
}

impl Named {
    pub(crate) fn new<'a>(
        setting: &'static str,
        words: impl IntoIterator<Item = &'a String>,
        dictionary: Dictionary,
    ) -> Self {
        Self { setting, words: words.into_iter().cloned().collect(), dictionary }
    }

    /// What the ERP does not have of it. Of a dictionary that is not offered, or cannot be read, nothing is said: the checks of
    /// enova365 tell that.
    pub(crate) async fn unknown(&self, installation: &Installation) -> Option<Unknown> {
        self.unknown_within(installation, MOST_PRICES).await
    }

    /// The same, of so many prices.
    async fn unknown_within(&self, installation: &Installation, prices: usize) -> Option<Unknown> {
        let (there, sure) = match self.dictionary {
            Dictionary::Magazyny => (magazyny(installation).await.ok()?, true),
            Dictionary::CenyDetaliczne => self.price_lists(installation, prices).await.ok()?,
        };
        let missing: Vec<&String> = self.words.difference(&there).collect();
        if missing.is_empty() || there.is_empty() {
            return None;
        }
        let what = match (self.dictionary, sure) {
            (Dictionary::Magazyny, _) => "no such warehouse".to_owned(),
            (Dictionary::CenyDetaliczne, true) => "no retail price of this price list".to_owned(),
            (Dictionary::CenyDetaliczne, false) => {
                format!("none of this price list among its first {prices} retail prices; more were not read")
            }
        };
        Some(Unknown {
            sure,
            finding: format!("{}: enova365 has {what}", self.setting),
            detail: format!("named: {}; there: {}", quoted(missing), quoted(&there)),
        })
    }

    /// The price lists of retail prices, as far as they have to be read to find those of the setting, and whether that is all
    /// there are.
    async fn price_lists(
        &self,
        installation: &Installation,
        prices: usize,
    ) -> Result<(BTreeSet<String>, bool)> {
        let ceny = installation.ceny()?;
        let (mut there, mut after, mut read) = (BTreeSet::new(), None, 0_usize);
        loop {
            let page = ceny.list_detaliczne(&SnapshotQuery::builder().maybe_after(after).build()).await?;
            // a page without rows counts too, so that no list is endless
            read = read.saturating_add(page.rows.len().max(1));
            let rows = page.rows.into_iter().map(|row| row.map_err(|bad| bad.error));
            for cena in rows {
                there.insert(cena?.definicja_ceny);
            }
            after = page.next;
            let end = page.end || after.is_none();
            if end || read >= prices || self.words.is_subset(&there) {
                return Ok((there, end));
            }
        }
    }
}

async fn magazyny(installation: &Installation) -> Result<BTreeSet<String>> {
    let rows = installation.slowniki()?.list_magazyny().await?;
    rows.into_iter().map(|row| row.map(|magazyn| magazyn.symbol).map_err(|bad| bad.error)).collect()
}

fn quoted<'a>(words: impl IntoIterator<Item = &'a String>) -> String {
    words.into_iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use soneta_webapi::simulator::Simulator;
    use soneta_webapi::{Client, Installation};

    use super::{Dictionary, Named};

    #[tokio::test]
    async fn what_the_erp_does_not_have_is_told_beside_what_it_has() {
        let erp = Simulator::builder().goods(3).start().await.unwrap();
        let client = Client::builder(erp.url().clone(), erp.application_token()).build().unwrap();
        let installation = client.b2b().installation();
        let good = erp.goods().into_iter().find(|good| !good.stany.is_empty()).unwrap();
        let magazyn = &good.stany[0].magazyn;
        let named = |words: &[&str], of| {
            Named::new("x.y", &words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), of)
        };

        let wrong = named(&[magazyn, "QQ"], Dictionary::Magazyny);
        let unknown = wrong.unknown(&installation).await.unwrap();
        assert_eq!(unknown.finding, "x.y: enova365 has no such warehouse");
        assert!(unknown.detail.starts_with("named: \"QQ\"; there: \""), "{}", unknown.detail);
        assert!(unknown.detail.contains(&format!("{magazyn:?}")), "{}", unknown.detail);
        assert_eq!(wrong.unknown(&Installation::default()).await, None, "nobody tells the warehouses");
        assert_eq!(named(&[magazyn], Dictionary::Magazyny).unknown(&installation).await, None);

        let wrong = named(&["Nie ma"], Dictionary::CenyDetaliczne);
        let unknown = wrong.unknown(&installation).await.unwrap();
        assert_eq!(unknown.detail, "named: \"Nie ma\"; there: \"Detaliczna\"");
        assert_eq!(wrong.unknown(&Installation::default()).await, None, "nobody tells the prices");
        assert_eq!(named(&["Detaliczna"], Dictionary::CenyDetaliczne).unknown(&installation).await, None);
        assert!(unknown.sure);
    }

    #[tokio::test]
    async fn of_many_prices_no_more_are_read_than_is_said() {
        let erp = Simulator::builder().goods(50).maks_ile(10).start().await.unwrap();
        let client = Client::builder(erp.url().clone(), erp.application_token()).build().unwrap();
        let installation = client.b2b().installation();
        let wrong = Named::new("x.y", &["Nie ma".to_owned()], Dictionary::CenyDetaliczne);
        let unknown = wrong.unknown_within(&installation, 20).await.unwrap();
        assert!(!unknown.sure);
        assert_eq!(
            unknown.finding,
            "x.y: enova365 has none of this price list among its first 20 retail prices; more were not read"
        );
        let pages = erp.faults().calls("B2BCeny/Detaliczne");
        assert_eq!(pages, 2);
    }
}
