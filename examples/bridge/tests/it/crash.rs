//! The program is killed (SIGKILL) at points that the simulators hold; a later run finishes what it left.

use api_transport::simulation::{Fault, FaultHandle};

use crate::company::Company;
use crate::program::{bridge, start, until_clean};

/// Starts the program, waits until the simulated enova365 holds its request, kills it.
async fn killed_while_held(company: &Company, hold: &FaultHandle) {
    let mut child = start(company);
    tokio::select! {
        () = hold.held() => {}
        status = child.wait() => panic!("the program ended before the request was held: {status:?}"),
    }
    child.kill().await.unwrap();
}

async fn company_with_an_order() -> Company {
    let company = Company::of_goods(20).await;
    company.place(company.order(1));
    company
}

#[tokio::test]
async fn killed_before_the_create_was_sent() {
    let company = company_with_an_order().await;
    let hold = company.simulation.enova.faults().add(Fault::on("B2BCeny/Wycen").nth(1).hold_before());
    killed_while_held(&company, &hold).await;
    hold.open();
    until_clean(&company).await;
    assert_eq!(company.documents(), 1);
}

#[tokio::test]
async fn killed_while_the_create_was_on_its_way_and_applied_afterwards() {
    let company = company_with_an_order().await;
    let hold = company.simulation.enova.faults().add(Fault::on("B2BZamowienia/Dodaj").nth(1).hold_before());
    killed_while_held(&company, &hold).await;
    assert_eq!(company.documents(), 0);
    // the server goes on with what it was asked although nobody listens any more
    hold.open();
    until_clean(&company).await;
    assert_eq!(company.documents(), 1);
}

#[tokio::test]
async fn killed_while_the_create_was_on_its_way_and_applied_only_after_it_was_sent_again() {
    let company = company_with_an_order().await;
    let hold = company.simulation.enova.faults().add(Fault::on("B2BZamowienia/Dodaj").nth(1).hold_before());
    killed_while_held(&company, &hold).await;
    until_clean(&company).await;
    assert_eq!(company.documents(), 1);
    hold.open();
    // a round later the late request has been carried out as well, under the same Guid
    until_clean(&company).await;
    assert_eq!(company.documents(), 1);
    assert_eq!(company.simulation.enova.faults().calls("B2BZamowienia/Dodaj"), 2);
}

#[tokio::test]
async fn killed_after_the_create_was_applied_and_before_its_answer() {
    let company = company_with_an_order().await;
    let hold = company.simulation.enova.faults().add(Fault::on("B2BZamowienia/Dodaj").nth(1).hold_after());
    killed_while_held(&company, &hold).await;
    assert_eq!(company.documents(), 1);
    hold.open();
    until_clean(&company).await;
    assert_eq!(company.documents(), 1);
    assert_eq!(company.simulation.enova.faults().calls("B2BZamowienia/Dodaj"), 1, "it was looked up");
}

#[tokio::test]
async fn killed_after_everything_was_settled() {
    let company = company_with_an_order().await;
    let hold = company.simulation.enova.faults().add(Fault::on("LogoutApi").nth(1).hold_before());
    killed_while_held(&company, &hold).await;
    hold.open();
    let lines = company.lines();
    until_clean(&company).await;
    assert_eq!(company.documents(), 1);
    assert_eq!(company.lines(), lines, "nothing is sent a second time");
}

#[tokio::test]
async fn killed_between_the_stock_write_and_its_commit_loses_nothing() {
    let company = Company::of_goods(300).await;
    let hold = company.simulation.one.faults().add(Fault::on("stocks/incremental").nth(1).hold_after());
    killed_while_held(&company, &hold).await;
    hold.open();
    until_clean(&company).await;
    assert!(company.assert_stock_is_shown() > 0);
}

#[tokio::test]
async fn two_processes_on_the_same_data_make_one_document_and_send_each_line_once() {
    let company = company_with_an_order().await;
    let (a, b) = tokio::join!(bridge(&company).output(), bridge(&company).output());
    assert!(a.unwrap().status.success());
    assert!(b.unwrap().status.success());
    assert_eq!(company.documents(), 1);
    let stocks: usize = company.simulation.enova.goods().iter().map(|good| good.stany.len()).sum();
    let prices = company.simulation.enova.goods().len();
    assert_eq!(company.lines(), (u64::try_from(stocks).unwrap(), u64::try_from(prices).unwrap()));
}

#[tokio::test]
async fn a_second_process_leaves_the_order_to_the_first_one_that_hangs_with_it_and_says_so() {
    let company = company_with_an_order().await;
    let hold = company.simulation.enova.faults().add(Fault::on("B2BZamowienia/Dodaj").nth(1).hold_before());
    let mut first = start(&company);
    hold.held().await;
    let second = bridge(&company).output().await.unwrap();
    let text = String::from_utf8(second.stderr).unwrap();
    assert!(text.contains("another process is at work here"), "{text}");
    assert_eq!(company.documents(), 0);
    assert_eq!(company.simulation.enova.faults().calls("B2BZamowienia/Dodaj"), 1, "that of the first one");
    hold.open();
    first.wait().await.unwrap();
    until_clean(&company).await;
    assert_eq!(company.documents(), 1);
}
