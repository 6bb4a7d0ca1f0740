//! A trial of writing, for a test database only: an order into the buffer, looked up, sent again, changed, cancelled.

use super::report::{Check, Report};
use crate::altone::GetWebServiceInfo;
use crate::{
    AnulowanieZamowienia, Client, DokumentId, ErrorKind, Installation, KluczZamowienia, KodOdmowy,
    NoweZamowienie, Refusal, Result, StanDokumentu, Zamowienia,
};

const CREATE: &str = "write.create";
const LOOK_UP: &str = "write.look_up";
const AGAIN: &str = "write.same_guid_again";
const OTHER: &str = "write.same_guid_other_content";

/// Tries what orders rely on, with an order of yours: that it comes into the buffer, is found by its Guid, that the same Guid
/// makes no second document, whatever is sent with it, and that it can be cancelled.
///
/// It writes, so it wants the name of the database, which must be the one that the server tells of itself (by either contract; where
/// neither is installed, the one in the application token); otherwise nothing is sent. `contract` makes the areas from this very
/// client. The order is never approved. Give it a Guid that was never used. Documents that it could not cancel are named in the
/// report.
///
/// ```no_run
/// # async fn run(client: soneta_webapi::Client, order: soneta_webapi::NoweZamowienie) {
/// use soneta_webapi::preflight::verify_write;
///
/// let report = verify_write(&client, |client| client.b2b().installation(), order, "firma_test").await;
/// println!("{}", report.redacted());
/// # }
/// ```
pub async fn verify_write(
    client: &Client,
    contract: impl FnOnce(&Client) -> Installation,
    order: NoweZamowienie,
    database: &str,
) -> Report {
    let mut report = Report::default();
    let installation = contract(client);
    let order = NoweZamowienie { zatwierdz: false, ..order };
    match guard(client, database).await {
        Ok(check) => report.add(check),
        Err(check) => {
            report.add(check);
            return report;
        }
    }
    let zamowienia = match installation.zamowienia() {
        Ok(zamowienia) => zamowienia,
        Err(error) => {
            report.add(Check::of_error(CREATE, &error));
            return report;
        }
    };
    let Some(id) = create(&*zamowienia, &order, &mut report).await else { return report };
    report.add(look_up(&*zamowienia, &order, id).await);
    report.add(again(&*zamowienia, &order, id).await);
    let (check, second) = other_content(&*zamowienia, &order, id).await;
    report.add(check);
    for id in std::iter::once(id).chain(second) {
        report.add(cancel(&installation, &*zamowienia, id).await);
    }
    report
}

/// Whether the server is the test database that was named.
async fn guard(client: &Client, database: &str) -> Result<Check, Check> {
    const ID: &str = "write.database";
    const NAME_IT: &str =
        "Name the test database exactly as the server does. Never try writing on a company that works.";
    let b2b = client.b2b().info().await.ok().and_then(|info| info.baza_nazwa);
    let told = match b2b {
        Some(name) => Some(name),
        None => client
            .send(&GetWebServiceInfo::default())
            .await
            .ok()
            .flatten()
            .and_then(|info| info.nazwa_bazy_enova),
    };
    let claimed = || client.application_token_claims().and_then(|claims| claims.database.clone());
    let told = told.filter(|name| !name.is_empty()).or_else(claimed);
    match told {
        Some(name) if name == database => {
            Ok(Check::ok(ID, "the database is the one that was named").detail(name))
        }
        Some(name) => {
            Err(Check::failed(ID, "another database answers; nothing was sent", NAME_IT).detail(name))
        }
        None => Err(Check::failed(ID, "the server does not tell its database; nothing was sent", NAME_IT)),
    }
}

async fn create(
    zamowienia: &dyn Zamowienia,
    order: &NoweZamowienie,
    report: &mut Report,
) -> Option<DokumentId> {
    match zamowienia.get_zamowienie(&KluczZamowienia::Guid(order.guid)).await {
        Ok(None) => {}
        Ok(Some(_)) => {
            report.add(Check::failed(
                CREATE,
                "an order with this Guid exists already",
                "Give the trial a new Guid.",
            ));
            return None;
        }
        Err(error) => {
            report.add(Check::of_error(LOOK_UP, &error));
            return None;
        }
    }
    match zamowienia.create_once(order).await {
        Ok(created) if created.is_numbered() => {
            report.add(
                Check::warning(
                    CREATE,
                    "the order was numbered at once, though it was to stay in the buffer",
                    "Look whether the definition of the document approves by itself.",
                )
                .detail(created.numer),
            );
            Some(created.id)
        }
        Ok(created) => {
            report.add(Check::ok(CREATE, "in the buffer").detail(format!("document {}", created.id)));
            Some(created.id)
        }
        Err(error) if error.may_have_been_applied() => {
            let found = zamowienia.find(order).await.ok().flatten().map(|found| found.id);
            let detail = found.map_or_else(|| format!("Guid {}", order.guid), |id| format!("document {id}"));
            report.add(Check::of_error(CREATE, &error).detail(detail));
            found
        }
        Err(error) => {
            report.add(Check::of_error(CREATE, &error));
            None
        }
    }
}

async fn look_up(zamowienia: &dyn Zamowienia, order: &NoweZamowienie, id: DokumentId) -> Check {
    match zamowienia.get_zamowienie(&KluczZamowienia::Guid(order.guid)).await {
        Ok(Some(found)) if found.id == id => Check::ok(LOOK_UP, "found by its Guid"),
        Ok(Some(_)) => {
            Check::failed(LOOK_UP, "the Guid finds another document", "Have the look-up by Guid corrected.")
        }
        Ok(None) => Check::failed(
            LOOK_UP,
            "an order that exists is not found by its Guid",
            "Have the look-up by Guid corrected: without it an order whose answer is lost waits for a person.",
        ),
        Err(error) => Check::of_error(LOOK_UP, &error),
    }
}

async fn again(zamowienia: &dyn Zamowienia, order: &NoweZamowienie, id: DokumentId) -> Check {
    match zamowienia.create_once(order).await {
        Ok(created) if created.id == id => Check::ok(AGAIN, "answers the first document"),
        Ok(_) => Check::failed(
            AGAIN,
            "a second document was made",
            "Have the add-on answer the first document for a Guid that it knows. Delete the second one from the buffer.",
        ),
        Err(error) if is_conflict(&error) => Check::warning(
            AGAIN,
            "refused, though the content is the same",
            "No second document is made, which is what counts; the add-on should answer the first one.",
        ),
        Err(error) => Check::of_error(AGAIN, &error),
    }
}

/// The check, and the second document if one was made.
async fn other_content(
    zamowienia: &dyn Zamowienia,
    order: &NoweZamowienie,
    id: DokumentId,
) -> (Check, Option<DokumentId>) {
    let mut other = order.clone();
    other.uwagi = Some(format!("{} (2)", order.uwagi.as_deref().unwrap_or_default()));
    other.pozycje.extend(order.pozycje.first().cloned());
    match zamowienia.create_once(&other).await {
        Err(error) if is_conflict(&error) => (Check::ok(OTHER, "refused with Konflikt"), None),
        Err(error) => (Check::of_error(OTHER, &error), None),
        Ok(made) => {
            let check = Check::failed(
                OTHER,
                "an order with other content was taken or answered as if it were the first one",
                "Have the add-on refuse a known Guid with other content (Konflikt).",
            );
            (check, Some(made.id).filter(|made| *made != id))
        }
    }
}

fn is_conflict(error: &crate::Error) -> bool {
    let among = Refusal::of(error).is_some_and(|refusal| refusal.has(&KodOdmowy::Konflikt));
    error.kind() == ErrorKind::Refused && (among || KodOdmowy::of(error) == Some(KodOdmowy::Konflikt))
}

async fn cancel(installation: &Installation, zamowienia: &dyn Zamowienia, id: DokumentId) -> Check {
    const ID: &str = "write.cancel";
    const BY_HAND: &str = "Delete the document in enova365; from the buffer it may still be deleted.";
    let left = |finding: String, check: fn(&'static str, String, &str) -> Check| {
        check(ID, finding, BY_HAND).detail(format!("document {id}"))
    };
    let Ok(zmiany) = installation.zmiany_zamowien() else {
        let finding = "this installation cancels no orders; the document stays in the buffer";
        return left(finding.to_owned(), Check::warning);
    };
    let wersja = match zamowienia.get_zamowienie(&KluczZamowienia::Id(id)).await {
        Ok(order) => order.and_then(|order| order.wersja),
        Err(error) => return left(error.to_string(), Check::failed),
    };
    let Some(wersja) = wersja else {
        return left(
            "the order does not tell its version, without which nothing is changed".to_owned(),
            Check::failed,
        );
    };
    match zmiany.cancel_zamowienie(&AnulowanieZamowienia::builder().id(id).wersja(wersja).build()).await {
        Ok(order) if order.stan == StanDokumentu::Anulowany => Check::ok(ID, "cancelled"),
        Ok(_) => left("answered, but the document is not cancelled".to_owned(), Check::failed),
        Err(error) => left(error.to_string(), Check::failed),
    }
}
