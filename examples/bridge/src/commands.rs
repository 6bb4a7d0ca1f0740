//! The program: one file per command.

pub(crate) mod approve;
mod backfill;
mod doubts;
mod explain;
mod once;
mod plan;
mod preflight;
mod rebind;
mod rejects;
mod run;
mod status;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use sync_core::CancellationToken;

use crate::error::{Error, ErrorKind, Result};

/// Keeps enova365 companies and their ONe tenants in step.
#[derive(Debug, Parser)]
#[command(name = "bridge", version, after_help = EXIT_CODES)]
struct Cli {
    /// Print JSON to standard output, errors too; the shapes are in docs/commands.md.
    #[arg(long, global = true, display_order = 900)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done, and nothing is open
  1    done, and something is open: what, the help of each command says
  2    wrong use or wrong settings
  3    it could not run: a system or the store is away, or something is not as the command supposes
  130  ended by a second Ctrl-C

Environment variables:
  ENOVA_APPLICATION_TOKEN, ONE_API_KEY  the secrets of a single tenant, unless the settings name others, or files
  RUST_LOG                              how much is logged to standard error (RUST_LOG=info)";

#[derive(Debug, Subcommand)]
enum Command {
    /// Work for ever, each flow at its own times, until Ctrl-C or SIGTERM.
    ///
    /// Beside the flows it watches over their age and raises alerts, and listens on the addresses that the settings name in [faces]:
    /// health and metrics, webhooks. A simulation has no settings, so it listens nowhere: for that, run both simulators as programs
    /// (examples/simulator) and name them in settings. The first Ctrl-C lets the pages in hand end.
    Run(run::Run),
    /// Run every flow to its end, whatever its schedule, and end with a table.
    ///
    /// Each flow runs after those that the catalogue names before it (a client before its orders, orders before stock), the others side
    /// by side. For trying things out, or a scheduler of one's own; `run` works for ever, each flow at its own times.
    #[command(
        after_help = "Exits with 1 if a flow did not come to its end, an act is open, an order is rejected, an act was refused now, or a \
                      flow holds something back until a person approves it (`bridge approve`). Rejects of the other flows are \
                      listed, and no reason for 1."
    )]
    Once(once::Once),
    /// Say what a flow would do now, without doing it.
    ///
    /// Reads the source and asks the store, and changes nothing; where there is no state yet, it makes none. What is due now is planned: changes, rejects, what was approved.
    #[command(
        after_help = "Exits with 1 if a flow would fail, hold something back, or not read to its source's end."
    )]
    Plan(plan::PlanFlows),
    /// Look at both systems before anything is built on them; writes nothing, no state either.
    ///
    /// Only reads. Which areas the installation gives, what its data looks like, what the server calls its database, whether ONe answers,
    /// and whether enova365 has the contractors, warehouses and price list that the settings name (of retail prices the first 20,000
    /// are looked at).
    #[command(after_help = "Exits with 1 if a check failed; warnings are no reason for 1.")]
    Preflight(preflight::Preflight),
    /// Show how the flows stand, what is held back, and what waits in the outbox.
    ///
    /// What the store knows, so it tells the same whichever process works. Why a flow pauses is known to the running process alone: it is
    /// asked at `faces.private` of the settings, if that names an address. Calls neither system.
    #[command(
        after_help = "Exits with 1 if anything is held, rejected, open in the outbox, fails, or alarms, or if a flow is stopped because its \
                      source is another one now (`bridge rebind`)."
    )]
    Status(status::Status),
    /// See to records that were turned away.
    ///
    /// Records that were turned away wait here until they go through, or a person drops them. Calls neither system.
    #[command(subcommand)]
    Rejects(rejects::Rejects),
    /// See to orders and other acts that are in doubt, held, refused, or wait for a person.
    ///
    /// Acts happen at most once, so what is unclear is looked up or waits for a person. Calls neither system.
    #[command(subcommand)]
    Doubts(doubts::Doubts),
    /// Say why the target has what it has of a record, or why not.
    ///
    /// What was sent last of a record, when and by what run; why it was turned away; what became of its acts. Calls neither system.
    #[command(after_help = "Exits with 1 if the record is turned away.")]
    Explain(explain::Explain),
    /// Have a flow read and compare everything once.
    ///
    /// It begins with the flow's next run, sends what differs, and goes on over restarts. Calls neither system.
    Backfill(backfill::Backfill),
    /// Let go what a flow holds back.
    ///
    /// A flow holds back what would take away or turn away too much at once. Without a token: shows what is held. With it: lets that go
    /// with the flow's next run. Calls neither system.
    #[command(after_help = "Exits with 1 if something is held and no token was given.")]
    Approve(approve::Approve),
    /// Bind a flow to a source that is another now: a moved or restored database, another price list.
    ///
    /// A flow stops with `fingerprint-mismatch` when its source is another than before, and with `went-back` when that was restored from
    /// a backup. Look why first. Calls neither system.
    Rebind(rebind::Rebind),
}

/// Who says something, and why.
#[derive(Debug, Clone, Args)]
pub(crate) struct Person {
    /// Who decides.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// Why, for whoever asks later.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

impl Person {
    /// Says in the log what was decided about what; the store keeps it besides where it has a place for it.
    fn decided(&self, command: &'static str, about: &str) {
        let Self { by, reason } = self;
        tracing::info!(command, about, by, reason, "a person's decision");
    }
}

/// Runs the program with these arguments, the first of which is its name.
pub async fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let code = error.exit_code();
            if error.use_stderr() && arguments.iter().any(|word| word == "--json") {
                let text = error.to_string();
                let text = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
                tell_json(&Error::config(text.to_owned()));
            }
            // a closed pipe is no failure
            let _ = error.print();
            return ExitCode::from(u8::try_from(code).unwrap_or(2));
        }
    };
    let json = cli.json;
    match act(cli).await {
        Ok(code) => code,
        Err(error) => {
            tell(&error, json);
            ExitCode::from(match error.kind() {
                ErrorKind::Config => 2,
                _ => 3,
            })
        }
    }
}

/// An error goes to standard error; with `--json` to standard output as well, as an object.
fn tell(error: &Error, json: bool) {
    // a closed pipe is no failure
    let _ = writeln!(std::io::stderr(), "error: {error:?}");
    if json {
        tell_json(error);
    }
}

fn tell_json(error: &Error) {
    #[derive(Serialize)]
    struct Told<'a> {
        error: String,
        because: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        what_to_do: Option<&'a str>,
    }
    let mut because = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        because.push(error.to_string());
        cause = error.source();
    }
    let told = Told { error: error.to_string(), because, what_to_do: error.advice() };
    if let Ok(text) = serde_json::to_string_pretty(&told) {
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}

async fn act(cli: Cli) -> Result<ExitCode> {
    let json = cli.json;
    let clean = match cli.command {
        Command::Run(command) => command.act(json).await,
        Command::Once(command) => command.act(json).await,
        Command::Plan(command) => command.act(json).await,
        Command::Preflight(command) => command.act(json).await,
        Command::Status(command) => command.act(json).await,
        Command::Rejects(command) => command.act(json).await,
        Command::Doubts(command) => command.act(json).await,
        Command::Explain(command) => command.act(json).await,
        Command::Backfill(command) => command.act(json).await,
        Command::Approve(command) => command.act(json).await,
        Command::Rebind(command) => command.act(json).await,
    }?;
    Ok(match clean {
        Clean::Yes => ExitCode::SUCCESS,
        Clean::No => ExitCode::FAILURE,
    })
}

/// Whether something is open after a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clean {
    Yes,
    No,
}

impl Clean {
    fn if_(clean: bool) -> Self {
        if clean { Self::Yes } else { Self::No }
    }
}

/// Cancelled at the first Ctrl-C, or when the service manager says so; at the second Ctrl-C the program ends at once.
fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    tokio::spawn(async move {
        asked_to_stop().await;
        eprintln!("stopping: what is in hand is finished first; press Ctrl-C again to end at once");
        cancel.cancel();
        asked_to_stop().await;
        std::process::exit(130);
    });
    stop
}

/// What `work` answers, unless it is told to stop before: for what only reads, so that nothing is left half done.
async fn unless_stopped<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        done = work => done,
        () = stop_on_signal().cancelled_owned() => Err(Error::new("it was stopped before its end")),
    }
}

/// Ctrl-C, or on Unix SIGTERM. Never comes if the system offers neither.
async fn asked_to_stop() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = ctrl_c => {}
        () = terminated => {}
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    /// The help of every command, as a person reads it.
    #[test]
    fn the_help_of_every_command() {
        fn told(command: &mut clap::Command, path: &str, all: &mut String) {
            all.push_str(&format!("$ {path} --help\n{}\n", command.render_long_help()));
            let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
            for name in names.iter().filter(|name| *name != "help") {
                if let Some(sub) = command.find_subcommand_mut(name) {
                    told(sub, &format!("{path} {name}"), all);
                }
            }
        }
        let mut command = Cli::command();
        command.build();
        let mut all = String::new();
        told(&mut command, "bridge", &mut all);
        insta::assert_snapshot!(all);
    }

    /// Every line of a shell block that calls the program.
    fn calls(page: &str) -> impl Iterator<Item = &str> {
        let blocks = page.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
        blocks.flat_map(str::lines).filter(|line| line.starts_with("bridge ")).map(|line| {
            let comment = line.find(" # ").unwrap_or(line.len());
            line.get(..comment).unwrap_or(line)
        })
    }

    /// As a shell would, of words and texts in double quotes.
    fn words(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        for (index, part) in line.split('"').enumerate() {
            match index % 2 {
                0 => words.extend(part.split_whitespace().map(str::to_owned)),
                _ => words.push(part.to_owned()),
            }
        }
        words
    }

    #[test]
    fn the_commands_that_readme_and_the_guide_tell_are_understood() {
        let pages = [include_str!("../../../README.md"), include_str!("../../../docs/guide.md")];
        let mut told = 0;
        for line in pages.into_iter().flat_map(calls) {
            let understood = Cli::try_parse_from(words(line));
            assert!(
                understood.is_ok(),
                "{line}: {}",
                understood.err().map(|e| e.to_string()).unwrap_or_default()
            );
            told += 1;
        }
        assert!(told > 15, "{told}");
    }

    #[test]
    fn the_settings_that_readme_and_the_guide_show_are_without_a_mistake() {
        for page in [include_str!("../../../README.md"), include_str!("../../../docs/guide.md")] {
            let blocks = page.split("```toml\n").skip(1).filter_map(|block| block.split("```").next());
            let whole: Vec<&str> = blocks.filter(|block| block.contains("\n[[tenants]]")).collect();
            assert_eq!(whole.len(), 1);
            for block in whole {
                crate::Settings::from_toml(block).unwrap();
            }
        }
    }

    #[test]
    fn the_arguments_contradict_nowhere() {
        Cli::command().debug_assert();
    }
}
