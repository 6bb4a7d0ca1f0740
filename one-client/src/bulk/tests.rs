//! Lines that are checked before they are sent. What can be seen from outside is tested from outside.

use super::*;
use crate::pricing::{PutRetailPrices, RetailPrice};
use proptest::prelude::*;
use rust_decimal::Decimal;
use url::Url;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

const LIMIT: Decimal = Decimal::TEN;

fn key(line: &RetailPrice) -> &str {
    line.product_id.as_str()
}

fn check(line: &RetailPrice) -> Result<()> {
    if line.price < LIMIT { Ok(()) } else { Err(Error::config("too dear")) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_line_that_the_check_refuses_fails_alone_and_unsent(
        prices in prop::collection::vec((0_u8..9, 0_u8..14), 0..60),
        chunk_lines in 1_usize..20,
        resume_at in 0_usize..70,
    ) {
        let lines: Vec<_> =
            prices.iter().map(|(sku, price)| RetailPrice::new(format!("Ł/{sku}"), (*price).into())).collect();
        let options = BulkWrite::builder().chunk_lines(chunk_lines).resume_at(resume_at).build();
        let call = BulkCall { key, check, endpoint: PutRetailPrices::new, not_found: NotFound::ALine };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (report, requests) = runtime.block_on(async {
            let server = MockServer::builder().start().await;
            Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
            let url = Url::parse(&server.uri()).unwrap();
            let one = Client::builder(url, "my-tenant", "secret-key".into()).build().unwrap();
            let report = write(&one, &lines, &options, call).await;
            (report, server.received_requests().await.unwrap())
        });
        let start = resume_at.min(lines.len());
        let sent: Vec<RetailPrice> =
            requests.iter().flat_map(|request| serde_json::from_slice::<Vec<_>>(&request.body).unwrap()).collect();
        let good: Vec<_> = lines[start..].iter().filter(|line| line.price < LIMIT).cloned().collect();
        prop_assert_eq!(&sent, &good, "in order, and no other");
        prop_assert_eq!((report.accepted(), report.resume_at(), report.in_doubt()), (good.len(), None, None));
        for (failed, _) in report.failures() {
            prop_assert_eq!(failed.len(), 1);
            prop_assert!(lines[failed.start].price >= LIMIT);
        }
        for (index, line) in lines.iter().enumerate().skip(start) {
            prop_assert_eq!(report.line(index).unwrap().is_ok(), line.price < LIMIT);
        }
        prop_assert!(report.line(lines.len()).is_none());
    }
}
