//! The story, as `--simulate` tells it.

use portal::story;

#[tokio::test]
async fn the_story_goes_from_catalogue_to_invoice() {
    let mut told = Vec::new();
    story::tell(&mut told).await.unwrap();
    let told = String::from_utf8(told).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    let at = |words: &str| match lines.iter().position(|line| line.contains(words)) {
        Some(line) => line,
        None => panic!("{words:?} is not in the story:\n{told}"),
    };
    let order = [
        "The shop opens",
        "sees",
        "is shown that good",
        "He confirms the new price",
        ": accepted, document",
        "(not numbered yet)",
        "answered 204",
        ": shipped, document",
        "as a PDF of",
        "loses its tick",
    ];
    let places: Vec<usize> = order.iter().map(|words| at(words)).collect();
    assert!(places.is_sorted(), "{told}");
}
