//! The program `bridge`.

use std::path::Path;
use std::process::{Output, Stdio};

use secrecy::ExposeSecret;
use tokio::process::{Child, Command};

use crate::company::{Company, lapse_soon};

/// More processes than anything may take that comes to its end.
const PROCESSES: usize = 500;

/// `bridge once` with the company's settings, which may be killed.
pub(crate) fn bridge(company: &Company) -> Command {
    bridge_at(company, &company.settings_file_with(lapse_soon), &["once"])
}

/// The program with these words, settings and the company's secrets.
pub(crate) fn bridge_at(company: &Company, settings: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bridge"));
    command
        .args(words)
        .arg("--settings")
        .arg(settings)
        .arg("--data")
        .arg(company.folder.path())
        .env("ENOVA_APPLICATION_TOKEN", company.simulation.enova.application_token().expose_secret())
        .env("ONE_API_KEY", company.simulation.one.api_key().expose_secret())
        .kill_on_drop(true);
    command
}

pub(crate) fn start(company: &Company) -> Child {
    bridge(company).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// What the program did.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) async fn ran(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
}

/// Runs the program until it exits with 0: each time it lists what waits for a later attempt, and ends.
pub(crate) async fn until_clean(company: &Company) {
    until_clean_with(company, &company.settings_file_with(lapse_soon), |_| {}).await;
}

pub(crate) async fn until_clean_with(company: &Company, settings: &Path, change: impl Fn(&mut Command)) {
    let mut last = String::new();
    for _ in 0..PROCESSES {
        let mut command = bridge_at(company, settings, &["once"]);
        change(&mut command);
        let Ran { code, out, err } = ran(&mut command).await;
        assert!(code < 2, "the program ended with {code}:\n{out}\n{err}");
        if code == 0 {
            return;
        }
        last = out;
    }
    panic!("something stays open for ever:\n{last}");
}

async fn simulated(data: &Path, goods: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bridge"))
        .args(["once", "--simulate", "--goods", goods, "--data"])
        .arg(data)
        .output()
        .await
        .unwrap()
}

/// The closing table's rows: flow → (read, sent).
fn table(output: &Output) -> Vec<(String, u64, u64)> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let rows = text.lines().skip(1).take_while(|line| !line.is_empty()).map(|line| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        (cells[0].to_owned(), cells[1].parse().unwrap(), cells[2].parse().unwrap())
    });
    rows.collect()
}

#[tokio::test]
async fn the_main_command_ends_by_itself_and_the_second_time_sends_nothing() {
    let data = tempfile::tempdir().unwrap();
    let first = simulated(data.path(), "50").await;
    assert!(first.status.success(), "{first:?}");
    let rows = table(&first);
    for entry in bridge::entries() {
        let name = format!("demo/{}", entry.id);
        assert!(rows.iter().any(|(flow, ..)| *flow == name), "{name} is not simulated");
    }
    // nothing is refused there
    let idle: Vec<&str> =
        rows.iter().filter(|(_, _, sent)| *sent == 0).map(|(flow, ..)| flow.as_str()).collect();
    assert_eq!(idle, ["demo/order-refusals"], "{rows:?}");

    let second = simulated(data.path(), "50").await;
    assert!(second.status.success(), "{second:?}");
    assert!(table(&second).iter().all(|(_, _, sent)| *sent == 0), "{second:?}");
}

#[tokio::test]
async fn an_order_that_waits_is_listed_and_the_program_says_so_by_its_exit_code() {
    use api_transport::simulation::Fault;
    let company = Company::of_goods(5).await;
    let shipment = company.place(company.order(1));
    company.simulation.enova.faults().add(Fault::on("B2BZamowienia/Dodaj").always().drop_before());
    let output = bridge(&company).output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(&format!("order:demo:{shipment} in_doubt")), "{text}");
}

#[tokio::test]
async fn settings_that_are_wrong_are_named_with_the_field() {
    let company = Company::of_goods(5).await;
    let file = company.settings_file();
    let text = std::fs::read_to_string(&file).unwrap().replace("dispatch_every", "dispatch_evry");
    std::fs::write(company.folder.path().join("wrong.toml"), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bridge"))
        .args(["once", "--settings"])
        .arg(company.folder.path().join("wrong.toml"))
        .arg("--data")
        .arg(company.folder.path())
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("wrong.toml:")
            && text.contains("engine.dispatch_evry: is not known here; did you mean dispatch_every?"),
        "{text}"
    );
}

#[tokio::test]
async fn a_simulation_that_runs_for_ever_says_that_it_listens_nowhere() {
    use tokio::io::{AsyncBufReadExt, BufReader};
    let mut command = Command::new(env!("CARGO_BIN_EXE_bridge"));
    command.args(["run", "--simulate", "--goods", "3"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains("it listens nowhere") {
            return;
        }
    }
    panic!("it ended without a word");
}
