//! ONe's price lists: creating them, their prices, and who has them.

mod assignments;
mod prices;

pub use assignments::AssignmentSink;
pub use prices::ListPriceSink;

use async_trait::async_trait;
use one_client::Client;
use one_client::pricing::DiscountPricing;
use sync_core::{Act, Created, Error, ErrorKind, Link, Result, Submission, Submitter};

use crate::client_error::judge;
use crate::flows::client_prices::{PRICE_LIST_LINK, PriceListRequest};

/// Creates ONe's price lists, without any discount and for nobody yet.
///
/// ONe tells no list of price lists, so one that may have been created is looked for by a person, who finds it by the name
/// (`[profile:7]`).
#[derive(Debug, Clone)]
pub struct PriceListSubmitter {
    one: Client,
}

impl PriceListSubmitter {
    /// Creates with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }
}

#[async_trait]
impl Submitter for PriceListSubmitter {
    async fn submit(&self, act: &Act) -> Submission {
        let request: PriceListRequest = match act.payload.decode() {
            Ok(request) => request,
            Err(error) => return Submission::NotSent(error),
        };
        // "global" is not said to be off by default, and a list for everybody would show one client's prices to all
        let pricing = DiscountPricing::builder().name(request.name).global(false).build();
        match self.one.pricings().create(&pricing).await {
            Ok(id) => {
                // open: it is there
                let link = Link::new(PRICE_LIST_LINK, id.as_str(), request.list.to_string()).open();
                Submission::Done(Created::new(id.as_str()).with_link(link))
            }
            Err(error) => judge(
                error,
                "nobody knows whether the price list was created",
                "the price list was not created",
            ),
        }
    }

    async fn look_up(&self, _act: &Act) -> Result<Option<Created>> {
        Err(Error::new(
            ErrorKind::Unsupported,
            "ONe cannot be asked for a price list: a person looks for its name there",
        ))
    }
}
