//! Prints what a data export of enova365 holds and what is odd in it. Ends with 1 when a check failed, with 2 when a file cannot be
//! read.
//!
//! ```text
//! cargo run -p soneta-webapi --features export --example export_profile -- FOLDER_OR_FILE... [--json]
//! ```

use std::process::ExitCode;

use soneta_webapi::export::{ProfileSettings, Severity, profile};

fn main() -> ExitCode {
    let (options, paths): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|path| path.starts_with("--"));
    if paths.is_empty() || options.iter().any(|option| option != "--json") {
        eprintln!("usage: export_profile FOLDER_OR_FILE... [--json]");
        return ExitCode::from(2);
    }
    let profil = match profile(paths, &ProfileSettings::default()) {
        Ok(profil) => profil,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    match options.is_empty() {
        true => print!("{profil}"),
        false => match serde_json::to_string_pretty(&profil) {
            Ok(text) => println!("{text}"),
            Err(error) => eprintln!("{error}"),
        },
    }
    if profil.worst() == Severity::Failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
