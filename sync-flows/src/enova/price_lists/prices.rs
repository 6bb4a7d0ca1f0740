//! The prices of one list.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use soneta_webapi::{
    CenaKontrahenta, Continuation, SnapshotQuery, TowarId, Uniewaznienie, WirePage, ZakresCen,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use sync_core::{Error, ErrorKind, Item, Key, Page, Part, ReadFrom, Result, Source, SourceInfo, SourceKind};

use super::{ClientList, PriceLists};
use crate::client_error::engine_error;
use crate::enova::snapshot::onward;
use crate::key::key;

/// How many goods are asked for by id in one call.
const GOODS_AT_ONCE: usize = 500;

/// If more goods of a list than this became invalid at once, the whole list is read.
const MOST_GOODS: usize = 5_000;

/// What one good costs in one list.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClientPrice {
    /// Whose price it is.
    pub list: ClientList,
    /// The price, with its thresholds.
    #[serde(flatten)]
    pub cena: CenaKontrahenta,
}

impl fmt::Debug for ClientPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientPrice").field("list", &self.list).field("cena", &self.cena).finish()
    }
}

/// The prices of one list. The key is the list's name and the good's id, so that a renamed Kod is the same price.
///
/// With profiles it reads what became invalid since the last time, and everything in full passes; without, everything each time.
#[derive(Debug, Clone)]
pub struct PriceSource {
    lists: PriceLists,
    list: ClientList,
    /// The contractor is sold to no more: what was sent of this part is gone.
    left: Option<Part>,
}

/// Where reading a list goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PricePosition {
    /// The server's token of what became invalid.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Continuation>,
    /// What will be invalid later, and is not told again.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    later: BTreeMap<DateTime<Utc>, Invalid>,
    /// What is invalid now and still has to be read.
    #[serde(skip_serializing_if = "Invalid::is_nothing")]
    now: Invalid,
    /// Where the whole list goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Continuation>,
    /// Where what was sent goes on, of a contractor who is sold to no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<Key>,
}

/// Prices that are to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Invalid {
    whole: bool,
    goods: BTreeSet<TowarId>,
}

impl Invalid {
    fn is_nothing(&self) -> bool {
        !self.whole && self.goods.is_empty()
    }

    fn add(&mut self, other: Self) {
        self.goods.extend(other.goods);
        self.whole |= other.whole || self.goods.len() > MOST_GOODS;
        if self.whole {
            self.goods.clear();
        }
    }
}

impl PriceSource {
    /// The prices of this list.
    #[must_use]
    pub fn new(lists: PriceLists, list: ClientList) -> Self {
        Self { lists, list, left: None }
    }

    /// Everything that was sent of this part is gone.
    pub(super) fn left(mut self, part: Part) -> Self {
        self.left = Some(part);
        self
    }

    async fn gone(
        &self,
        part: &Part,
        from: ReadFrom<&PricePosition>,
        limit: usize,
    ) -> Result<Page<ClientPrice, PricePosition>> {
        let after = from.cursor().and_then(|at| at.sent.as_ref());
        let sent = self.lists.store.sent(part, after, limit.max(1)).await?;
        let last = sent.last().map(|(key, _)| key.clone());
        let next = last.map(|key| PricePosition { sent: Some(key), ..PricePosition::default() });
        let items = sent.into_iter().map(|(key, _)| Item::deleted(key)).collect();
        Ok(Page::of_list(items, next))
    }

    async fn prices(
        &self,
        goods: Option<&[TowarId]>,
        after: Option<Continuation>,
        limit: usize,
    ) -> Result<WirePage<CenaKontrahenta>> {
        let query = SnapshotQuery::builder()
            .maybe_after(after)
            .limit(u32::try_from(limit).unwrap_or(u32::MAX))
            .build();
        let page = match (self.list, &self.lists.profile) {
            (ClientList::Kontrahent(id), _) => self.lists.ceny.list_dla_kontrahenta(id, goods, &query).await,
            (ClientList::Profil(id), Some(profile)) => profile.list_dla_profilu(id, goods, &query).await,
            (ClientList::Profil(_), None) => {
                return Err(Error::config("a profile's prices are asked for where there are no profiles"));
            }
        };
        page.map_err(|error| engine_error("the contractors' prices were not read", error))
    }

    fn key(&self, id: TowarId) -> Key {
        key([&self.list.to_string(), &id.to_string()])
    }

    fn items(&self, page: &mut WirePage<CenaKontrahenta>) -> Vec<Item<ClientPrice>> {
        let rows = std::mem::take(&mut page.rows).into_iter();
        let item = |row| match row {
            Ok(cena @ CenaKontrahenta { towar_id, .. }) => {
                Item::upsert(self.key(towar_id), ClientPrice { list: self.list, cena })
            }
            Err(soneta_webapi::BadRow { id, error, .. }) => {
                let key = id.map(|id| self.key(TowarId(id)));
                Item::bad(key, engine_error("the price cannot be decoded", error))
            }
        };
        rows.map(item).collect()
    }

    /// A page of the whole list, counting thresholds.
    async fn whole(
        &self,
        after: Option<Continuation>,
        limit: usize,
    ) -> Result<(Vec<Item<ClientPrice>>, Option<Continuation>)> {
        let mut page = self.prices(None, after.clone(), limit).await?;
        let next = onward(&page, after.as_ref())?;
        let with = |cena: &&CenaKontrahenta| cena.zaznaczony.unwrap_or(true) && !cena.progi.is_empty();
        let goods = page.rows.iter().filter_map(|row| row.as_ref().ok()).filter(with);
        let goods = goods.map(|cena| cena.towar_id);
        if let Some(count) = self.lists.thresholds.page(self.list, after.is_none(), page.end, goods) {
            tracing::warn!(list = %self.list, count, "prices with quantity thresholds");
        }
        Ok((self.items(&mut page), next))
    }

    /// Exactly one item per good. Where a row does not say whose it is, goods that are not told may be it: they stay as they are.
    async fn goods(&self, goods: &[TowarId]) -> Result<Vec<Item<ClientPrice>>> {
        let mut items = Vec::with_capacity(goods.len());
        for some in goods.chunks(GOODS_AT_ONCE) {
            let mut missing: BTreeSet<Key> = some.iter().map(|id| self.key(*id)).collect();
            let (mut after, mut nameless) = (None, false);
            loop {
                let mut page = self.prices(Some(some), after.clone(), some.len()).await?;
                let next = onward(&page, after.as_ref())?;
                for item in self.items(&mut page) {
                    match item.key() {
                        // another good than was asked for, or the same once more
                        Some(key) if !missing.remove(key) => {}
                        Some(_) => items.push(item),
                        None => nameless = true,
                    }
                }
                if next.is_none() {
                    break;
                }
                after = next;
            }
            items.extend(missing.into_iter().map(|key| match nameless {
                true => Item::bad(Some(key), Error::invalid("it may be the row whose id cannot be read")),
                false => Item::deleted(key),
            }));
        }
        Ok(items)
    }

    fn meant(&self, zakres: ZakresCen) -> Invalid {
        let whole = Invalid { whole: true, ..Invalid::default() };
        match (zakres, self.list) {
            (ZakresCen::Towar(id), _) => Invalid { goods: [id].into(), ..Invalid::default() },
            (ZakresCen::Kontrahent(id), ClientList::Kontrahent(own)) if id == own => whole,
            // who is in a profile is not the profile's prices
            (ZakresCen::Kontrahent(_), _) => Invalid::default(),
            (ZakresCen::Profil(id), ClientList::Profil(own)) if id != own => Invalid::default(),
            // that of a contractor with a list of his own may be any
            _ => whole,
        }
    }

    /// What became invalid since the position.
    async fn invalidated(&self, mut at: PricePosition, limit: usize) -> Result<(PricePosition, bool)> {
        let Some(profile) = &self.lists.profile else { return Ok((at, true)) };
        let begins = at.token.is_none();
        let query = SnapshotQuery::builder()
            .maybe_after(at.token.clone())
            .limit(u32::try_from(limit).unwrap_or(u32::MAX))
            .build();
        let page = profile
            .list_uniewaznione(&query)
            .await
            .map_err(|error| engine_error("what became invalid was not read", error))?;
        at.token = page.next.or(at.token);
        // everything is read by the full pass that follows
        if !begins {
            for row in page.rows {
                match row {
                    Ok(Uniewaznienie { zakres, wazna_od: Some(instant), .. }) => {
                        at.later.entry(instant).or_default().add(self.meant(zakres));
                    }
                    Ok(Uniewaznienie { zakres, .. }) => at.now.add(self.meant(zakres)),
                    Err(row) => {
                        let error = row.error;
                        tracing::warn!(list = %self.list, %error, "what became invalid cannot be read: everything is");
                        at.now.whole = true;
                    }
                }
            }
        }
        let still = at.later.split_off(&self.lists.clock.now());
        for (_, due) in std::mem::replace(&mut at.later, still) {
            at.now.add(due);
        }
        at.later.retain(|_, later| !later.is_nothing());
        Ok((at, page.end))
    }
}

#[async_trait]
impl Source for PriceSource {
    type Record = ClientPrice;
    type Cursor = PricePosition;

    fn describe(&self) -> SourceInfo {
        let kind = match self.lists.profile {
            Some(_) => SourceKind::Token,
            None => SourceKind::Snapshot,
        };
        SourceInfo::new(kind, self.lists.erp.identity("ceny kontrahentów").filter(self.list.to_string()))
    }

    async fn read(
        &self,
        from: ReadFrom<&PricePosition>,
        limit: usize,
    ) -> Result<Page<ClientPrice, PricePosition>> {
        if self.lists.profile.is_none() {
            return self.read_all(from, limit).await;
        }
        let mut at = from.cursor().cloned().unwrap_or_default();
        if at.now.whole {
            let (items, next) = self.whole(at.after.take(), limit).await?;
            at.now.whole = next.is_some();
            at.after = next;
            return Ok(Page::more(items, at));
        }
        if !at.now.goods.is_empty() {
            let some: Vec<TowarId> = at.now.goods.iter().copied().take(limit.max(1)).collect();
            for id in &some {
                at.now.goods.remove(id);
            }
            return Ok(Page::more(self.goods(&some).await?, at));
        }
        let (at, end) = self.invalidated(at, limit).await?;
        Ok(match end && at.now.is_nothing() {
            true => Page::last(Vec::new(), Some(at)),
            false => Page::more(Vec::new(), at),
        })
    }

    async fn read_all(
        &self,
        from: ReadFrom<&PricePosition>,
        limit: usize,
    ) -> Result<Page<ClientPrice, PricePosition>> {
        if let Some(part) = &self.left {
            return self.gone(part, from, limit).await;
        }
        let (items, next) = self.whole(from.cursor().and_then(|at| at.after.clone()), limit).await?;
        let next = next.map(|after| PricePosition { after: Some(after), ..PricePosition::default() });
        Ok(Page::of_list(items, next))
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<ClientPrice>>> {
        if self.left.is_some() {
            return Ok(keys.iter().cloned().map(Item::deleted).collect());
        }
        let mut goods = Vec::with_capacity(keys.len());
        for key in keys {
            let id = key.as_str().rsplit_once('/').and_then(|(_, id)| id.parse().ok()).map(TowarId);
            match id.filter(|id| self.key(*id) == *key) {
                Some(id) => goods.push(id),
                None => return Err(Error::new(ErrorKind::Invalid, "the key is no price of this list")),
            }
        }
        self.goods(&goods).await
    }
}
