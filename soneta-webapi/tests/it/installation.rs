//! Areas of the contracts, and what the README says of them.

use soneta_webapi::altone::AltOneZmiany;
use soneta_webapi::{Area, Client, Installation};

use crate::erp::Erp;

fn altone(client: &Client) -> Installation {
    let changes = AltOneZmiany::builder()
        .client(client.clone())
        .external_system("SHOP")
        .security_code("secret".into())
        .build();
    client.altone().installation().with_kolejka_zmian(changes)
}

#[tokio::test]
async fn the_readme_tells_which_add_on_gives_which_area() {
    let client = Erp::start().await.client();
    let (b2b, altone) = (client.b2b().installation(), altone(&client));
    let readme = include_str!("../../README.md");
    let told: Vec<(&str, bool, bool)> = readme
        .lines()
        .filter_map(|line| {
            let cells: Vec<_> =
                line.strip_prefix("| ")?.split(" | ").map(|cell| cell.trim_matches([' ', '|'])).collect();
            let area = Area::ALL.iter().find(|area| area.as_str() == cells[0])?;
            Some((area.as_str(), cells[3] != "—", cells[4] != "—"))
        })
        .collect();
    let given: Vec<_> =
        Area::ALL.iter().map(|area| (area.as_str(), b2b.has(*area), altone.has(*area))).collect();
    assert_eq!(told, given);
}

#[tokio::test]
async fn areas_are_chosen_by_the_names_of_add_ons() {
    let client = Erp::start().await.client();
    let choose = |json: &str| {
        let add_ons = [("b2b", client.b2b().installation()), ("altone", altone(&client))];
        Installation::choose(&serde_json::from_str(json).unwrap(), add_ons)
    };
    let mixed = choose(r#"{"goods": "altone", "stock": "b2b", "change_queue": "altone"}"#).unwrap();
    assert_eq!(mixed.areas().collect::<Vec<_>>(), [Area::Goods, Area::Stock, Area::ChangeQueue]);
    let lacking = choose(r#"{"stock": "altone"}"#).unwrap_err().to_string();
    assert!(lacking.contains("no stock here; it gives goods, contractors"), "{lacking}");
}
