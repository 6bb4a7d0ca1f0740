//! One whole story on the simulated enova365: what a buyer, the people at the ERP and the shop do, and what the shop's tables say
//! after it.

use std::io::Write;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use soneta_webapi::simulator::Simulator;
use soneta_webapi::webhook::WebhookVerifier;
use soneta_webapi::{Client, KontrahentId};
use sync_core::{Error, JobEnd, Result, RunContext};
use sync_flows::catalog::Entry;
use sync_flows::flows::{goods, invoices, order_status, orders as order_flows};

use crate::catalogue::{self, Offer};
use crate::{Confirmed, Portal, PortalSettings, SEND_ORDERS, basket, orders};

/// The last segment of the path to which the ERP posts its hints. Of a story, so no secret.
const PATH_SECRET: &str = "an-example-and-no-secret-either";

/// Plays the story and writes down what happens.
///
/// # Errors
/// Something did not work.
pub async fn tell(out: &mut (dyn Write + Send)) -> Result<()> {
    let enova = Simulator::builder().goods(40).seed(7).start().await.map_err(broken)?;
    let folder = tempfile::tempdir().map_err(broken)?;
    let erp = Client::builder(enova.url().clone(), enova.application_token()).build().map_err(broken)?;
    let settings = PortalSettings::builder()
        .file(folder.path().join("shop.sqlite"))
        .erp(erp)
        .database(enova.database_id().to_string())
        .invoices_since(NaiveDate::default())
        .build();
    let portal = Portal::open(settings).await?;
    let mut say = |line: String| writeln!(out, "{line}").map_err(broken);

    say("The shop opens: everything is read once.".into())?;
    for report in portal.round(&RunContext::default()).await {
        say(format!("  {report}"))?;
    }

    let (client, offers) = buyer(&portal, &enova).await?;
    say(format!("Client {client} sees {} goods at his own prices:", offers.len()))?;
    let wanted: Vec<&Offer> =
        offers.iter().filter(|offer| offer.available >= Some(Decimal::TEN)).take(2).collect();
    let [first, second] = wanted[..] else {
        return Err(Error::bug("the simulated company has too little to sell"));
    };
    for Offer { code, name, net, available, unit, .. } in wanted.iter().copied() {
        say(format!("  {code}  {name}: {net} PLN, {} {unit} to sell", available.unwrap_or_default()))?;
    }

    basket::put(&portal.shop, client, first.good, Decimal::TWO).await?;
    basket::put(&portal.shop, client, second.good, Decimal::ONE).await?;
    say("He takes two of the first and one of the second. Meanwhile the first becomes dearer in the ERP."
        .into())?;
    enova.set_price(&first.code, first.net * Decimal::TEN).map_err(broken)?;

    let Confirmed::Changed(changes) = portal.checkout.confirm(client).await? else {
        return Err(Error::bug("a changed price was not shown"));
    };
    for change in &changes {
        let now = change.now.map(|now| now.to_string()).unwrap_or_default();
        say(format!(
            "He confirms, and is shown that good {} costs {now} PLN now, not {}.",
            change.good, change.shown
        ))?;
    }
    let Confirmed::Placed(number) = portal.checkout.confirm(client).await? else {
        return Err(Error::bug("the order was not placed"));
    };
    say(format!("He confirms the new price: order {number}, in one commit with what will send it."))?;

    step(&portal, &SEND_ORDERS).await?;
    step(&portal, &order_flows::ORDER_OUTCOMES).await?;
    let document = order(&portal, client, &mut say).await?;

    say("In the ERP it is approved and shipped; a hint comes by webhook, so the shop need not wait for its next poll.".into())?;
    let verifier =
        WebhookVerifier::builder().path_secret(PATH_SECRET.to_owned().into()).build().map_err(broken)?;
    let hints = portal.hints(verifier, None)?;
    enova.approve(document).map_err(broken)?;
    enova.ship(document, &[]).map_err(broken)?;
    let hint = |event: &str, id: i32| format!(r#"{{"Zdarzenie":"{event}","ID":{id}}}"#);
    let answer = hints.by_path(PATH_SECRET, hint("ZamowienieStatus", document).as_bytes()).await;
    say(format!("  the webhook is answered {answer}"))?;
    step(&portal, &order_status::STATUS_TO_PORTAL).await?;
    order(&portal, client, &mut say).await?;

    let invoice = enova.invoice(document).map_err(broken)?;
    hints.by_path(PATH_SECRET, hint("FakturaWystawiona", invoice.id).as_bytes()).await;
    step(&portal, &invoices::PORTAL_INVOICES).await?;
    say("It is invoiced. The client sees:".into())?;
    for invoice in crate::invoices::of_client(&portal.shop, client).await? {
        let pdf = portal.pdfs.get(client, invoice.id).await?;
        let bytes = pdf.map(|pdf| pdf.bytes.len()).unwrap_or_default();
        let gross = invoice.gross.unwrap_or_default();
        say(format!("  {} of {}, {gross}, as a PDF of {bytes} bytes", invoice.number, invoice.issued_on))?;
    }

    enova.set_ticked(&second.code, false).map_err(broken)?;
    step(&portal, &goods::GOODS).await?;
    let left = catalogue::offers(&portal.shop, client).await?;
    say(format!(
        "Good {} loses its tick: {} of {} goods are left to see.",
        second.code,
        left.len(),
        offers.len()
    ))
}

/// A client whom the shop may sell to, and what he sees.
async fn buyer(portal: &Portal, enova: &Simulator) -> Result<(KontrahentId, Vec<Offer>)> {
    for contractor in enova.contractors().iter().filter(|contractor| !contractor.blokada_sprzedazy) {
        let client = KontrahentId(contractor.id);
        let offers = catalogue::offers(&portal.shop, client).await?;
        if !offers.is_empty() {
            return Ok((client, offers));
        }
    }
    Err(Error::bug("the simulated company has nobody to sell to"))
}

async fn step(portal: &Portal, entry: &Entry) -> Result<()> {
    match portal.run(entry, &RunContext::default()).await.map(|report| report.end) {
        Some(JobEnd::Done) => Ok(()),
        Some(JobEnd::Failed(error)) => Err(error),
        _ => Err(Error::bug("a job did not come to its end")),
    }
}

/// Says how the client's last order stands; its document in the ERP.
async fn order(
    portal: &Portal,
    client: KontrahentId,
    say: &mut impl FnMut(String) -> Result<()>,
) -> Result<i32> {
    let order = orders::of_client(&portal.shop, client).await?.into_iter().next();
    let Some((order, document)) =
        order.and_then(|order| Some((order.document?, order)).map(|(id, order)| (order, id)))
    else {
        return Err(Error::bug("the order has no document"));
    };
    let number = order.erp_number.as_deref().unwrap_or("not numbered yet");
    say(format!("  order {}: {}, document {document} in the ERP ({number})", order.number, order.status))?;
    Ok(document)
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::bug("the story cannot go on").with_source(error)
}
