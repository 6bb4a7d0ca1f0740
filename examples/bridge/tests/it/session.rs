use api_transport::simulation::Fault;

use crate::company::Company;

#[tokio::test]
async fn a_session_that_expires_in_the_middle_of_a_batch_costs_one_login_and_no_record() {
    let company = Company::of_goods_in_pages(1_000, 100).await;
    let enova = &company.simulation.enova;
    let fault = enova.faults().add(Fault::on("B2BStany/Lista").nth(5).expire_session());
    let bridge = company.bridge(company.settings(|_| {})).await;
    let before = enova.logins();
    let summary = bridge.once(Default::default()).await.unwrap();
    assert!(summary.is_clean(), "{summary}");
    assert_eq!(fault.met(), 1);
    assert_eq!(enova.logins(), before + 2, "one to begin with, one after the expiry");
    let stocks: usize = enova.goods().iter().map(|good| good.stany.len()).sum();
    assert_eq!(company.lines().0, u64::try_from(stocks).unwrap());
}

#[tokio::test]
async fn throttling_and_outages_of_both_systems_cost_time_and_no_record() {
    let company = Company::of_goods(500).await;
    company.simulation.enova.faults().add(Fault::on("").every(3).too_many_requests(None));
    company.simulation.one.faults().add(Fault::on("").every(3).unavailable());
    company.place(company.order(1));
    company.rounds_until_clean(company.settings(|_| {})).await;
    assert_eq!(company.documents(), 1);
    assert_eq!(company.lines().1, u64::try_from(company.simulation.enova.goods().len()).unwrap());
}
