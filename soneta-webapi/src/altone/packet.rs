//! Reading in packets: the conditions, the packet, and how a list goes on.

use api_transport::Endpoint;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::envelope::{self, BadRow, Rows};
use crate::ids::redacted_debug;
use crate::page::Continuation;
use crate::wire::open_enum;
use crate::{Client, Error, Result};

/// A condition on a business field.
#[derive(Clone, PartialEq, Eq, Serialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Filter {
    /// How it is joined to the one before.
    #[builder(default = LogicalOperator::And)]
    pub logical_operator: LogicalOperator,
    /// How it compares.
    #[builder(default = FilterOperator::Equal)]
    pub operator: FilterOperator,
    /// Name of the business field, `Kod`.
    pub column_name: String,
    /// What it is compared with.
    pub filter_value: String,
}

redacted_debug!(Filter { logical_operator, operator, column_name });

open_enum! {
    /// How a [`Filter`] is joined to the one before.
    pub enum LogicalOperator {
        /// Both.
        And = "And" / 0,
        /// Either.
        Or = "Or" / 1,
    }
}

open_enum! {
    /// How a [`Filter`] compares.
    pub enum FilterOperator {
        /// Equal.
        Equal = "Equal" / 0,
        /// Not equal.
        NotEqual = "NotEqual" / 1,
        /// Like; which wildcards it knows is not documented.
        Like = "Like" / 2,
        /// Is not set.
        Null = "Null" / 3,
    }
}

/// A packet: rows and how many are left.
#[derive(Debug)]
#[non_exhaustive]
pub struct Packet<T> {
    /// The rows, each decoded by itself.
    pub data: Rows<T>,
    /// Whether nothing is left.
    pub all_rows: bool,
    /// To be sent next.
    pub last_id: i32,
    /// How many are still waiting, where the server tells.
    pub to_read_records: Option<i32>,
    /// How many are in this packet.
    pub read_records: i32,
}

impl<T: serde::de::DeserializeOwned> Packet<T> {
    pub(super) fn decode(body: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Beside {
            all_rows: bool,
            #[serde(rename = "LastID")]
            last_id: i32,
            #[serde(default)]
            to_read_records: Option<i32>,
            read_records: i32,
        }
        let (Beside { all_rows, last_id, to_read_records, read_records }, data) =
            envelope::decode_rows(body, "Data")?;
        Ok(Self { data, all_rows, last_id, to_read_records, read_records })
    }
}

/// Sends a request that starts after `last_id`; a packet that neither ends the list nor moves it on is an error, never an
/// endless loop.
pub(super) async fn packet<T, E>(client: &Client, request: &E, last_id: i32) -> Result<Packet<T>>
where
    T: Send,
    E: Endpoint<Response = Packet<T>>,
{
    let packet = client.send(request).await?;
    if !packet.all_rows && (packet.last_id <= last_id || packet.data.is_empty()) {
        return Err(Error::decode_at(
            "a packet that is not the last one is empty or does not move LastID on",
        ));
    }
    Ok(packet)
}

/// The size of a packet for a page of this length.
pub(super) fn size(limit: u32) -> i32 {
    i32::try_from(limit).unwrap_or(i32::MAX)
}

/// Where a list goes on: the last id and the day that it was asked from.
pub(super) fn continuation(list: &str, last_id: i32, update_date: Option<NaiveDate>) -> Continuation {
    match update_date {
        Some(day) => Continuation::new(list, format_args!("{last_id} {day}")),
        None => Continuation::new(list, last_id),
    }
}

/// Where a list starts: after a page, or from the beginning with the day (in UTC, which is never later than the day in Poland).
pub(super) fn start(
    list: &str,
    after: Option<&Continuation>,
    changed_since: Option<DateTime<Utc>>,
) -> Result<(i32, Option<NaiveDate>)> {
    let Some(after) = after else { return Ok((0, changed_since.map(|instant| instant.date_naive()))) };
    let damaged = || Error::config(format!("a continuation of {list} is damaged"));
    let position = after.position(list)?;
    let (id, day) = position.split_once(' ').map_or((position, None), |(id, day)| (id, Some(day)));
    let day = day.map(str::parse).transpose().map_err(|_| damaged())?;
    Ok((id.parse().map_err(|_| damaged())?, day))
}

/// The rows as other ones, each by itself: one that cannot become one is a bad row with its key.
pub(super) fn neutral<T, U>(
    rows: Rows<T>,
    key: impl Fn(&T) -> (Option<i32>, Option<String>),
    into: impl Fn(T) -> Result<U>,
) -> Rows<U> {
    let one = |(position, row): (usize, Result<T, BadRow>)| {
        row.and_then(|row| {
            let (id, kod) = key(&row);
            into(row).map_err(|error| BadRow::new(position, error).with_key(id, kod))
        })
    };
    rows.into_iter().enumerate().map(one).collect()
}
