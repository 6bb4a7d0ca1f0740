//! From a shipment to the frozen request.

use chrono::NaiveDate;
use chrono_tz::Europe::Warsaw;
use one_client::orders::{Address, Amounts, DeliveryMethod, ProductLine, Shipment};
use rust_decimal::Decimal;
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{Adres, KontrahentId, NoweZamowienie, PozycjaZamowienia, Rezerwacja};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use sync_core::{Clock, Key, LinkRef, Links, Mapped, Mapper, NewAct, Reason};
use uuid::Uuid;

use super::act::act;
use super::business::Business;
use super::request::OrderRequest;
use super::{CONTRACTOR_LINK, CostPlacement, NewClients, OrderSettings, Reservation, bare_organization};
use crate::flows::clients::new_contractor_op_key;

/// No line and no cost is worth more. What is beyond is a mistake, and sums of it would leave what a decimal can hold.
const MOST: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0); // 10^15

/// Makes one act of each shipment.
///
/// The document's date is the day (in Poland) on which the order was read, taken from the clock: it is frozen with the
/// rest. What makes it another order, should it arrive again, are its business fields alone: client, lines, prices,
/// costs, address, wishes.
pub struct OrderMapper {
    settings: OrderSettings,
    clock: Arc<dyn Clock>,
    change: Box<Change>,
}

type Change = dyn Fn(&Shipment, &mut OrderRequest) -> Result<(), Reason> + Send + Sync;

impl fmt::Debug for OrderMapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderMapper").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl OrderMapper {
    /// Maps by these settings.
    #[must_use]
    pub fn new(settings: OrderSettings, clock: Arc<dyn Clock>) -> Self {
        Self { settings, clock, change: Box::new(|_, _| Ok(())) }
    }

    /// Lets this change each request before it is frozen, or reject the order, looking at the shipment: a cecha on a line, another
    /// warehouse. It changes how the order is written, not which order it is: what was sent is not sent again for it.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use soneta_webapi::wire::Cecha;
    /// use sync_flows::flows::orders::{OrderMapper, OrderSettings};
    ///
    /// let settings = OrderSettings::builder().tenant("shop").magazyn("F").build();
    /// let mapper = OrderMapper::new(settings, Arc::new(sync_core::SystemClock)).adjusted(|_shipment, request| {
    ///     for line in &mut request.order.pozycje {
    ///         line.cechy.push(Cecha::new("Kanał", "ONe"));
    ///     }
    ///     Ok(())
    /// });
    /// ```
    #[must_use]
    pub fn adjusted(
        mut self,
        change: impl Fn(&Shipment, &mut OrderRequest) -> Result<(), Reason> + Send + Sync + 'static,
    ) -> Self {
        self.change = Box::new(change);
        self
    }

    /// The organisation's contractor; none if the order shall wait for the act that makes it.
    fn contractor(&self, organization: &str, links: &Links) -> Result<Option<KontrahentId>, Reason> {
        let wanted = contractor(organization);
        match (links.get(&wanted), self.settings.new_clients) {
            (Some(id), _) => id.parse().map(|id| Some(KontrahentId(id))).map_err(|_| {
                Reason::new("bad-link").with_detail("the contractor's link does not lead to an id")
            }),
            (None, NewClients::Wait) => Ok(None),
            (None, NewClients::Reject) => {
                Err(Reason::missing_link(wanted).with_detail(format!("organisation {organization}")))
            }
        }
    }

    fn request(&self, shipment: Shipment, kontrahent: KontrahentId) -> Result<OrderRequest, Reason> {
        let mut document = Document::new(&self.settings);
        document.note(shipment.notes.as_deref());
        for line in &shipment.product_lines {
            document.goods(line)?;
        }
        if document.lines.is_empty() {
            return Err(Reason::new("no-lines"));
        }
        for line in &shipment.product_lines {
            document.additional_costs(line)?;
        }
        let delivery = shipment.delivery_method;
        let payment = shipment.payment_method;
        document.cost(
            &self.settings.delivery_cost,
            "dostawa",
            charged(delivery.as_ref().and_then(|d| d.cost.as_ref())),
        );
        document.cost(
            &self.settings.delivery_cost,
            "płatność",
            charged(payment.as_ref().and_then(|p| p.price.as_ref())),
        );
        if let Some(coupon) = filled(shipment.order_coupon_code) {
            document.note(Some(&format!("Kupon: {coupon}")));
        }
        let (termin, sposob, adres) = delivery.map(|delivery| document.wishes(delivery)).unwrap_or_default();
        let order = NoweZamowienie::builder()
            // the act gives it its own
            .guid(Uuid::nil())
            .kontrahent_id(kontrahent)
            .maybe_numer_obcy(filled(shipment.customer_purchase_number))
            .definicja(self.settings.definicja.clone())
            .magazyn(self.settings.magazyn.clone())
            .data(self.clock.now().with_timezone(&Warsaw).date_naive())
            .maybe_termin_dostawy(termin)
            .maybe_sposob_dostawy(sposob)
            .maybe_adres_dostawy(adres)
            .waluta(self.settings.waluta.clone())
            .maybe_uwagi(document.notes_text())
            .zatwierdz(self.settings.approve)
            .rezerwuj(match self.settings.reserve {
                Reservation::None => Rezerwacja::Brak,
                Reservation::Available => Rezerwacja::Ile,
                Reservation::All => Rezerwacja::Wszystko,
            })
            .pozycje(document.lines)
            .build();
        Ok(OrderRequest {
            cost_lines: document.cost_lines,
            ..OrderRequest::new(shipment.id.into_string(), order)
        })
    }
}

impl Mapper<Shipment> for OrderMapper {
    type Out = NewAct;

    fn links_needed(&self, shipment: &Shipment) -> Vec<LinkRef> {
        shipment.organization.iter().map(|organization| contractor(organization.id.as_str())).collect()
    }

    fn map(&self, _key: &Key, shipment: Shipment, links: &Links) -> Result<Mapped<NewAct>, Reason> {
        let organization = shipment.organization.as_ref().ok_or_else(|| Reason::new("no-client"))?;
        let organization = organization.id.as_str();
        let kontrahent = self.contractor(organization, links)?;
        let mut request = self.request(shipment.clone(), kontrahent.unwrap_or(KontrahentId(0)))?;
        if kontrahent.is_none() {
            request = request.of_new_client(new_contractor_op_key(&self.settings.tenant, organization));
        }
        (self.change)(&shipment, &mut request)?;
        // the name by which it is found again is no matter of taste
        shipment.id.as_str().clone_into(&mut request.shipment);
        let business = Business::hash_of(&shipment)?;
        act(&self.settings, request, &business).map(Mapped::Send).map_err(Reason::from)
    }
}

fn contractor(organization: &str) -> LinkRef {
    LinkRef::of_a(CONTRACTOR_LINK, bare_organization(organization))
}

/// The document while it is put together.
struct Document<'a> {
    settings: &'a OrderSettings,
    lines: Vec<PozycjaZamowienia>,
    cost_lines: BTreeSet<String>,
    notes: Vec<String>,
}

impl<'a> Document<'a> {
    fn new(settings: &'a OrderSettings) -> Self {
        Self { settings, lines: Vec::new(), cost_lines: BTreeSet::new(), notes: Vec::new() }
    }

    fn goods(&mut self, line: &ProductLine) -> Result<(), Reason> {
        if line.quantity_ordered_in_content_unit <= Decimal::ZERO {
            return Err(Reason::new("bad-quantity").with_detail(format!("line {}", line.sku)));
        }
        let price = line.price.net_content_unit_price;
        if line.quantity_ordered_in_content_unit.checked_mul(price).is_none_or(|value| value > MOST) {
            return Err(Reason::new("bad-quantity").with_detail(format!("line {}", line.sku)));
        }
        if price < Decimal::ZERO {
            return Err(Reason::new("bad-price").with_detail(format!("line {}", line.sku)));
        }
        if let Some(note) = line.notes.as_deref().map(str::trim).filter(|note| !note.is_empty()) {
            self.note(Some(&format!("{}: {note}", line.sku)));
        }
        // without a code the unit stays empty: the good's base unit
        let code = line.content_unit_code.as_deref().unwrap_or_default();
        let unit = self.settings.units.get(code).map_or(code, String::as_str);
        let pozycja = PozycjaZamowienia::builder()
            .id_obcy(self.free_key(line.line_number.as_deref()))
            .kod(line.sku.as_str())
            .ilosc(Quantity::new(line.quantity_ordered_in_content_unit, unit))
            .cena_netto(Currency::new(price, &self.settings.waluta))
            .build();
        self.lines.push(pozycja);
        Ok(())
    }

    fn additional_costs(&mut self, line: &ProductLine) -> Result<(), Reason> {
        for cost in &line.price.additional_costs {
            let kind = cost.kind.as_deref().unwrap_or("inny");
            let per_unit = || {
                cost.content_unit_net.and_then(|net| net.checked_mul(line.quantity_ordered_in_content_unit))
            };
            let net = cost.total_net.or_else(per_unit).filter(|net| net.abs() <= MOST).ok_or_else(|| {
                let detail = format!("line {}: the cost {kind} has no usable net amount", line.sku);
                Reason::new("bad-cost").with_detail(detail)
            })?;
            self.cost(&self.settings.additional_costs, &format!("{kind}, {}", line.sku), net);
        }
        Ok(())
    }

    /// A cost beside the goods, on a line of its own or in words.
    fn cost(&mut self, placement: &CostPlacement, what: &str, net: Decimal) {
        if net.is_zero() {
            return;
        }
        match placement {
            CostPlacement::ServiceLine(kod) => {
                let key = self.free_key(None);
                self.cost_lines.insert(key.clone());
                let pozycja = PozycjaZamowienia::builder()
                    .id_obcy(key)
                    .kod(kod.as_str())
                    .ilosc(Quantity::new(Decimal::ONE, ""))
                    .cena_netto(Currency::new(net, &self.settings.waluta))
                    .build();
                self.lines.push(pozycja);
            }
            CostPlacement::Notes => {
                let waluta = &self.settings.waluta;
                self.notes.push(format!("Koszt ({what}): {} {waluta} netto", net.normalize()));
            }
        }
    }

    /// The day, the way and the place that the buyer asks for. What the document has no field for goes into the notes.
    fn wishes(&mut self, delivery: DeliveryMethod) -> (Option<NaiveDate>, Option<String>, Option<Adres>) {
        if let Some(pickup) = filled(delivery.pickup_point_id) {
            self.note(Some(&format!("Odbiór: {pickup}")));
        }
        let way = filled(delivery.external_id).or_else(|| filled(delivery.name));
        (delivery.delivery_date_required, way, delivery.address.map(|address| self.address(address)))
    }

    /// ONe gives street and number in one. A country that is no code, which is all the ERP takes, goes into the notes.
    fn address(&mut self, address: Address) -> Adres {
        let country = filled(address.country);
        let code = country.clone().filter(|country| country.len() == 2);
        if let (Some(country), None) = (&country, &code) {
            self.note(Some(&format!("Kraj dostawy: {country}")));
        }
        Adres::builder()
            .maybe_nazwa(filled(address.name))
            .maybe_ulica(filled(address.street))
            .maybe_kod_pocztowy(filled(address.zip_code))
            .maybe_miejscowosc(filled(address.city))
            .maybe_kod_kraju(code)
            .maybe_telefon(filled(address.phone))
            .build()
    }

    fn note(&mut self, note: Option<&str>) {
        self.notes.extend(note.map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned));
    }

    fn notes_text(&self) -> Option<String> {
        (!self.notes.is_empty()).then(|| self.notes.join("\n"))
    }

    /// The portal's key of the line, or the next number, unique within the document.
    fn free_key(&self, wanted: Option<&str>) -> String {
        let free = |key: &str| !key.is_empty() && self.lines.iter().all(|line| line.id_obcy != key);
        wanted
            .filter(|key| free(key))
            .map(str::to_owned)
            .or_else(|| (self.lines.len() + 1..).map(|number| number.to_string()).find(|key| free(key)))
            .unwrap_or_default()
    }
}

fn charged(cost: Option<&Amounts>) -> Decimal {
    cost.map_or(Decimal::ZERO, |cost| cost.net)
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
