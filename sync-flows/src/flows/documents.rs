//! What invoices and delivery notes have in common: which of them go where, and their PDFs (E8, O11, O14).
//!
//! ONe gets the documents of contractors that it has, by their [link](super::orders::CONTRACTOR_LINK); those of a contractor that was
//! merged into another go to the client that it [had](super::clients::MERGED_CONTRACTOR_LINK). The others are left out, not
//! rejected: most companies have more contractors than clients on the portal. Documents of a contractor that ONe learns of later come
//! when they change, or with the next full pass, once a day unless the [settings](sync_core::FlowSettings::full_pass) say otherwise.

mod lines;
mod pdfs;

pub(crate) use lines::{filled, line, links_of_lines};
pub use pdfs::{PdfMapper, PdfToUpload};

use one_client::ClientId;
use soneta_webapi::wire::Cecha;
use soneta_webapi::{DokumentId, Faktura, KontrahentId, StanDokumentu, Wydanie};
use std::collections::BTreeSet;
use sync_core::{LinkKind, LinkRef, Links, Reason};

use super::clients::{client_links, client_of_documents};
use crate::Tick;

/// Kind of the links between an invoice of ONe (`a`, its number) and the ERP's document (`b`, its id): ONe has it.
pub const INVOICE_LINK: &str = "invoice";

/// Kind of the links between a goods note of ONe (`a`, its number) and the ERP's delivery note (`b`, its id): ONe has it.
pub const GOODS_NOTE_LINK: &str = "goods-note";

/// Which documents go to the portal, of those that the ERP lists: approved ones since the start date.
#[derive(Debug, Clone, Default, bon::Builder)]
#[non_exhaustive]
pub struct DocumentFilter {
    /// Those with this tick.
    #[builder(default)]
    pub tick: Tick,
    /// Those of these definitions (`FV`, `KFV`); empty: all. Receipts are sales too, and have definitions of their own.
    #[builder(default)]
    pub definicje: BTreeSet<String>,
}

impl DocumentFilter {
    /// Why a document is not meant for the portal.
    #[must_use]
    pub fn leaves_out<D: TradeDocument>(&self, document: &D) -> Option<Reason> {
        let by_definition = self.definicje.is_empty()
            || document.definicja().is_some_and(|definicja| self.definicje.contains(definicja));
        let code = match document.stan() {
            StanDokumentu::Bufor => "not-approved",
            StanDokumentu::Anulowany => "cancelled",
            _ if !by_definition => "other-definition",
            _ if !self.tick.sends(None, document.cechy()) => "not-ticked",
            _ => return None,
        };
        Some(Reason::new(code))
    }
}

/// A document of the ERP: an invoice or a delivery note.
pub trait TradeDocument: Clone + Send + Sync + 'static {
    /// Kind of the link that says that ONe has it.
    const LINK: &'static str;

    /// Its id.
    fn id(&self) -> DokumentId;
    /// Its number.
    fn numer(&self) -> &str;
    /// The buyer.
    fn kontrahent(&self) -> Option<KontrahentId>;
    /// State.
    fn stan(&self) -> &StanDokumentu;
    /// Symbol of its definition.
    fn definicja(&self) -> Option<&str>;
    /// Custom fields.
    fn cechy(&self) -> &[Cecha];
    /// Whether it corrects another one.
    fn is_correction(&self) -> bool;
    /// The document without what may change although it is printed the same.
    #[must_use]
    fn as_printed(&self) -> Self;
}

macro_rules! trade_document {
    ($document:ident, $link:ident) => {
        const LINK: &'static str = $link;

        fn id(&self) -> DokumentId {
            self.id
        }

        fn numer(&self) -> &str {
            &self.numer
        }

        fn kontrahent(&self) -> Option<KontrahentId> {
            self.kontrahent.id
        }

        fn stan(&self) -> &StanDokumentu {
            &self.stan
        }

        fn definicja(&self) -> Option<&str> {
            self.definicja.as_deref()
        }

        fn cechy(&self) -> &[Cecha] {
            &self.cechy
        }

        fn is_correction(&self) -> bool {
            self.kategoria.is_correction()
        }
    };
}

impl TradeDocument for Faktura {
    trade_document!(Faktura, INVOICE_LINK);

    fn as_printed(&self) -> Self {
        let mut printed = self.clone();
        (printed.data_zmiany, printed.zaplacono, printed.stan) = (None, None, StanDokumentu::Zatwierdzony);
        printed.cechy.clear();
        // of KSeF, what acceptance gave it is printed
        printed.ksef = printed.ksef.filter(|_| self.ksef_accepted());
        printed
    }
}

impl TradeDocument for Wydanie {
    trade_document!(Wydanie, GOODS_NOTE_LINK);

    fn as_printed(&self) -> Self {
        let mut printed = self.clone();
        (printed.data_zmiany, printed.stan) = (None, StanDokumentu::Zatwierdzony);
        printed.cechy.clear();
        printed
    }
}

/// The links that say which client of ONe the document's buyer is.
pub(crate) fn buyer_links<D: TradeDocument>(document: &D) -> impl Iterator<Item = LinkRef> + use<D> {
    document.kontrahent().into_iter().flat_map(client_links)
}

/// The link that says that ONe has the document of this id.
pub(crate) fn document_link(kind: &'static str, id: DokumentId) -> LinkRef {
    LinkRef::of_b(LinkKind::from(kind), id.to_string())
}

/// Who buys, in ONe: or why the document is left out, or rejected.
pub(crate) enum Buyer {
    Client(ClientId),
    LeftOut(Reason),
}

/// The document's buyer, if the document is meant for ONe.
pub(crate) fn buyer<D: TradeDocument>(
    filter: &DocumentFilter,
    document: &D,
    links: &Links,
) -> Result<Buyer, Reason> {
    if let Some(reason) = filter.leaves_out(document) {
        return Ok(Buyer::LeftOut(reason));
    }
    let buyer = document.kontrahent().ok_or_else(|| Reason::new("no-contractor"))?;
    Ok(match client_of_documents(buyer, links) {
        Some(client) => Buyer::Client(client),
        None => Buyer::LeftOut(Reason::new("client-not-on-one")),
    })
}
