//! Which warehouses ONe gets, and what enova365 does not know of them.

use one_client::WarehouseId;
use one_client::stock::{Warehouse, WarehouseAddress, WarehouseType};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::{Error, Result};

/// Settings of the flow [`WAREHOUSES`](super::WAREHOUSES).
///
/// ```
/// # use sync_flows::flows::warehouses::{OneWarehouse, WarehouseMapper, WarehouseSettings};
/// use one_client::stock::WarehouseType;
///
/// let central = OneWarehouse::builder().id("WRO").kind(WarehouseType::Central).build();
/// let shop = OneWarehouse::builder().id("WRO-1").kind(WarehouseType::Local).parent("WRO").build();
/// let settings = WarehouseSettings::builder().warehouses([("F".into(), central), ("S".into(), shop)].into()).build();
/// assert!(WarehouseMapper::new(settings).is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, bon::Builder)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WarehouseSettings {
    /// Symbol in the ERP → the warehouse of ONe. No two share an id; a parent is one of the `CENTRAL` ones here, and only a `LOCAL` one
    /// has one (*documented*).
    pub warehouses: BTreeMap<String, OneWarehouse>,
}

impl WarehouseSettings {
    pub(super) fn check(&self) -> Result<()> {
        let ids: BTreeSet<&str> = self.warehouses.values().map(|one| one.id.as_str()).collect();
        if ids.len() < self.warehouses.len() {
            return Err(Error::config("two warehouses of the ERP cannot be one of ONe"));
        }
        self.warehouses.iter().try_for_each(|(symbol, one)| self.check_one(symbol, one))
    }

    fn check_one(&self, symbol: &str, one: &OneWarehouse) -> Result<()> {
        let wrong = |what: &'static str| Err(Error::config(what).with_detail(format!("warehouse {symbol}")));
        match (&one.kind, &one.parent) {
            (WarehouseType::Central, Some(_)) => return wrong("a CENTRAL warehouse has no parent"),
            (WarehouseType::Central, None) | (WarehouseType::Local, None) => {}
            (WarehouseType::Local, Some(parent)) => {
                let mut centrals =
                    self.warehouses.values().filter(|other| other.kind == WarehouseType::Central);
                if !centrals.any(|other| other.id == *parent) {
                    return wrong("a parent is one of the CENTRAL warehouses of these settings");
                }
            }
            _ => return wrong("a warehouse's type is CENTRAL or LOCAL"),
        }
        Ok(())
    }
}

/// A warehouse as ONe gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OneWarehouse {
    /// The id that stocks are written under.
    #[builder(into)]
    pub id: WarehouseId,
    /// `CENTRAL` or `LOCAL`.
    #[serde(rename = "type")]
    pub kind: WarehouseType,
    /// The name that customers see; the ERP's unless told otherwise.
    #[serde(default)]
    pub name: Option<String>,
    /// A short name.
    #[serde(default)]
    pub label: Option<String>,
    /// The `CENTRAL` warehouse above a `LOCAL` one.
    #[builder(into)]
    #[serde(default)]
    pub parent: Option<WarehouseId>,
    /// Whether customers collect goods there.
    #[serde(default)]
    pub pickup_point: Option<bool>,
    /// For how many hours a cart reserves goods; none: it does not.
    #[serde(default)]
    pub reservation_hours: Option<u32>,
    /// Hours until goods are sent.
    #[serde(default)]
    pub shipping_hours: Option<u32>,
    /// Whether it sells through ONe.
    #[serde(default)]
    pub supported: Option<bool>,
    /// Where it is.
    #[serde(default)]
    pub address: Option<WarehousePlace>,
}

/// Where a warehouse is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WarehousePlace {
    /// Company.
    pub company: Option<String>,
    /// Street.
    pub street: Option<String>,
    /// House number.
    pub number: Option<String>,
    /// Flat number.
    pub apartment: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
}

impl OneWarehouse {
    /// As the client writes it.
    pub(crate) fn to_wire(&self) -> Warehouse {
        let Self {
            id,
            kind,
            name,
            label,
            parent,
            pickup_point,
            reservation_hours,
            shipping_hours,
            supported,
            address,
        } = self.clone();
        Warehouse::builder()
            .id(id)
            .kind(kind)
            .maybe_name(name)
            .maybe_label(label)
            .maybe_parent(parent)
            .maybe_pickup_point(pickup_point)
            .maybe_reservation(reservation_hours.map(|_| true))
            .maybe_reservation_time(reservation_hours)
            .maybe_shipping_time(shipping_hours)
            .maybe_supported(supported)
            .maybe_address(address.map(WarehousePlace::into_wire))
            .build()
    }
}

impl WarehousePlace {
    fn into_wire(self) -> WarehouseAddress {
        let Self { company, street, number, apartment, zip, city, country, phone } = self;
        WarehouseAddress::builder()
            .maybe_company_name(company)
            .maybe_street(street)
            .maybe_number(number)
            .maybe_apartment(apartment)
            .maybe_zip(zip)
            .maybe_city(city)
            .maybe_country(country)
            .maybe_phone(phone)
            .build()
    }
}
