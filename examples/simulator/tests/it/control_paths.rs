//! The `/_sim/` paths of README are those that the simulators have.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const README: &str = include_str!("../../../../README.md");

/// Where the simulators' own paths are.
const SOURCES: [&str; 3] =
    ["soneta-webapi/src/simulator", "one-client/src/simulator", "api-transport/src/simulation"];

/// What follows each `before` in a text, up to the first sign that no path has.
fn paths(text: &str, before: &str, all: &mut BTreeSet<String>) {
    for rest in text.split(before).skip(1) {
        let end = rest.find(|sign: char| !(sign.is_ascii_alphanumeric() || "_/{}".contains(sign)));
        let path = &rest[..end.unwrap_or(rest.len())];
        if !path.is_empty() {
            all.insert(path.to_owned());
        }
    }
}

fn routes(folder: &Path, all: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes(&path, all);
        } else if path.extension().is_some_and(|end| end == "rs") {
            paths(&fs::read_to_string(&path).unwrap(), "\"/_sim/", all);
        }
    }
}

#[test]
fn readme_lists_every_path_by_which_a_simulator_is_driven_and_no_other() {
    let (mut there, mut told) = (BTreeSet::new(), BTreeSet::new());
    for folder in SOURCES {
        routes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder), &mut there);
    }
    paths(README, "`/_sim/", &mut told);
    assert!(there.len() > 30, "{there:?}");
    assert_eq!(told, there);
}
