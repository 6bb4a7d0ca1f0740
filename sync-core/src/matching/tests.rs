use proptest::prelude::*;

use super::*;

const NIP: &str = "5252248481";
const OTHER_NIP: &str = "7740001454";

fn found(wanted: &WantedClient, erp: &[ErpClient]) -> Option<(String, Evidence)> {
    match match_client(wanted, erp) {
        Match::Is { id, by } => Some((id, by)),
        _ => None,
    }
}

fn doubt(wanted: &WantedClient, erp: &[ErpClient]) -> Option<(Doubt, Vec<String>)> {
    match match_client(wanted, erp) {
        Match::Doubtful { why, candidates } => Some((why, candidates.into_keys().collect())),
        _ => None,
    }
}

fn wanted() -> WantedClient {
    WantedClient::new()
}

fn erp(id: &str) -> ErpClient {
    ErpClient::new(id)
}

#[test]
fn f71_a_nip_spelled_differently_is_the_same_client() {
    let known = [erp("17").tax_number("PL 525-224-84-81"), erp("18").tax_number(OTHER_NIP), erp("19")];
    for spelling in ["5252248481", "525-224-84-81", "pl5252248481", " 525 224 84 81 "] {
        let hit = found(&wanted().tax_number(spelling), &known);
        assert_eq!(hit, Some(("17".into(), Evidence::TaxNumber)), "{spelling}");
    }
    // the country of one side is not known
    let hit = found(&wanted().tax_number(NIP).country("pl"), &known);
    assert_eq!(hit.map(|(id, _)| id), Some("17".into()));
}

#[test]
fn f71_duplicates_in_the_erp_are_for_a_person() {
    let twice = [erp("17").tax_number(NIP), erp("18").tax_number("525-224-84-81"), erp("19")];
    let both = vec!["17".to_owned(), "18".to_owned()];
    assert_eq!(
        doubt(&wanted().tax_number(NIP), &twice),
        Some((Doubt::Several(Evidence::TaxNumber), both.clone()))
    );
    // a code does not decide between two of one tax number
    let coded = [twice[0].clone().code("ALFA"), twice[1].clone()];
    assert_eq!(
        doubt(&wanted().tax_number(NIP).code("ALFA"), &coded),
        Some((Doubt::Several(Evidence::TaxNumber), both.clone()))
    );
    let codes = [erp("17").code("ALFA"), erp("18").code("ALFA")];
    assert_eq!(doubt(&wanted().code("ALFA"), &codes), Some((Doubt::Several(Evidence::Code), both.clone())));
    let references = [erp("17").reference("ONE-1"), erp("18").reference("ONE-1")];
    assert_eq!(
        doubt(&wanted().reference("ONE-1"), &references),
        Some((Doubt::Several(Evidence::Reference), both))
    );
    // the same one given twice is no duplicate
    let again = [erp("17").tax_number(NIP), erp("17").tax_number(NIP)];
    assert_eq!(found(&wanted().tax_number(NIP), &again).map(|(id, _)| id), Some("17".into()));
}

#[test]
fn f71_without_a_nip_an_email_alone_never_decides() {
    let guest = wanted().email("Buyer@Example.com");
    let known = [erp("17").email("buyer@example.com"), erp("18").email("other@example.com")];
    assert_eq!(doubt(&guest, &known), Some((Doubt::EmailOnly, vec!["17".into()])));
    // nor does it against another tax number
    let shared = [erp("17").email("buyer@example.com").tax_number(OTHER_NIP)];
    assert_eq!(doubt(&guest.clone().tax_number(NIP), &shared), Some((Doubt::EmailOnly, vec!["17".into()])));
    assert_eq!(match_client(&guest, &[erp("18")]), Match::Nobody);
    assert_eq!(match_client(&wanted(), &[erp("18")]), Match::Nobody);
    assert_eq!(match_client(&wanted(), &[]), Match::Nobody);
}

#[test]
fn f71_what_is_missing_on_both_sides_is_nothing_in_common() {
    let empty = wanted().tax_number("").code(" ").reference("").email("").country("");
    let known = [erp("17").tax_number("").code("").reference(" ").email("").country("")];
    assert_eq!(match_client(&empty, &known), Match::Nobody);
}

#[test]
fn f71_a_tax_number_that_is_none_is_for_a_person() {
    let known = [erp("17").tax_number("525-224-84-82"), erp("18").code("ALFA")];
    let typo = wanted().tax_number("5252248482").code("ALFA");
    assert_eq!(doubt(&typo, &known), Some((Doubt::UnreadableTaxNumber, vec!["17".into(), "18".into()])));
    assert_eq!(
        doubt(&wanted().tax_number("0000000000"), &[]),
        Some((Doubt::UnreadableTaxNumber, Vec::new()))
    );
    // but a reference of ours stands
    let known = [erp("17").reference("ONE-1")];
    let hit = found(&typo.reference("ONE-1"), &known);
    assert_eq!(hit, Some(("17".into(), Evidence::Reference)));
}

#[test]
fn f71_the_same_digits_in_another_country_are_for_a_person() {
    let polish = wanted().tax_number(NIP).country("PL");
    for foreign in [
        erp("17").tax_number(NIP).country("BE"),
        erp("17").tax_number("BE5252248481"),
        erp("17").tax_number("PL5252248481").country("BE"),
    ] {
        let doubt = doubt(&polish, &[foreign]);
        assert_eq!(doubt, Some((Doubt::OtherCountry(Evidence::TaxNumber), vec!["17".into()])));
    }
    let greek = [erp("17").tax_number("EL123456789").country("GR")];
    assert!(found(&wanted().tax_number("GR 123456789").country("gr"), &greek).is_some());
}

#[test]
fn a_code_is_not_enough_against_another_tax_number_or_country() {
    let known = [erp("17").code("ALFA").tax_number(OTHER_NIP)];
    let other = Doubt::OtherTaxNumber(Evidence::Code);
    assert_eq!(doubt(&wanted().code("ALFA").tax_number(NIP), &known), Some((other, vec!["17".into()])));
    let abroad = Doubt::OtherCountry(Evidence::Code);
    assert_eq!(doubt(&wanted().code("ALFA").country("DE"), &known), Some((abroad, vec!["17".into()])));
    assert_eq!(found(&wanted().code("ALFA"), &known), Some(("17".into(), Evidence::Code)));
    assert_eq!(match_client(&wanted().code("alfa"), &known), Match::Nobody);
}

#[test]
fn the_ladder_goes_from_the_link_down_to_the_code() {
    let known = [
        erp("link"),
        erp("reference").reference("ONE-1"),
        erp("number").tax_number(NIP),
        erp("code").code("ALFA"),
    ];
    let all = wanted().linked_id("link").reference("ONE-1").tax_number(NIP).code("ALFA");
    assert_eq!(found(&all, &known), Some(("link".into(), Evidence::Link)));
    let gone = all.clone().linked_id("gone");
    assert_eq!(doubt(&gone, &known).map(|(why, _)| why), Some(Doubt::LinkedClientIsGone));
    let all = WantedClient { linked_id: None, ..all };
    assert_eq!(found(&all, &known), Some(("reference".into(), Evidence::Reference)));
    let all = WantedClient { reference: None, ..all };
    assert_eq!(found(&all, &known), Some(("number".into(), Evidence::TaxNumber)));
    let all = WantedClient { tax_number: None, ..all };
    assert_eq!(found(&all, &known), Some(("code".into(), Evidence::Code)));
}

#[test]
fn clients_are_not_shown() {
    let wanted = wanted().tax_number(NIP).email("canary@example.com").code("canary");
    let known = erp("17").tax_number(NIP).email("canary@example.com").country("canary");
    let shown = format!("{wanted:?} {known:?} {:?}", match_client(&wanted, std::slice::from_ref(&known)));
    assert!(!shown.contains("canary") && !shown.contains(NIP), "{shown}");
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop::sample::select(texts)).prop_map(|text| text.map(str::to_owned))
}

prop_compose! {
    fn any_client()(
        id in "[1-4]", reference in one_of(&["", "R1", "R2"]), email in one_of(&["a@b.pl", "A@b.pl", ""]),
        tax_number in one_of(&["", "5252248481", "PL525-224-84-81", "7740001454", "BE5252248481", "1234567890"]),
        country in one_of(&["", "PL", "pl", "BE"]), code in one_of(&["", "ALFA", "BETA"]),
    ) -> ErpClient {
        ErpClient { id, reference, tax_number, country, code, email }
    }
}

#[test]
fn a_client_that_was_told_in_two_ways_is_for_a_person_in_either_order() {
    // renamed while the ERP was asked twice
    let (old, new) = (erp("17").code("ALFA").tax_number(OTHER_NIP), erp("17").code("ALFA").tax_number(NIP));
    let wanted = wanted().code("ALFA").tax_number(NIP).country("PL");
    for known in [[old.clone(), new.clone()], [new.clone(), old.clone()]] {
        assert_eq!(found(&wanted, &known), Some(("17".into(), Evidence::TaxNumber)));
        let by_code = WantedClient { tax_number: None, ..wanted.clone() };
        assert_eq!(doubt(&by_code, &known), Some((Doubt::Several(Evidence::Code), vec!["17".into()])));
    }
}

proptest! {
    #[test]
    fn f71_the_order_of_the_candidates_never_matters(
        erp in prop::collection::vec(any_client(), 0..6), like in any_client(), linked in prop::option::of("[1-5]"),
    ) {
        let ErpClient { id: _, reference, tax_number, country, code, email } = like;
        let wanted = WantedClient { linked_id: linked, reference, tax_number, country, code, email };
        let reversed: Vec<ErpClient> = erp.iter().rev().cloned().collect();
        prop_assert_eq!(match_client(&wanted, &erp), match_client(&wanted, &reversed));
    }

    #[test]
    fn f71_a_match_is_one_known_client_whatever_the_order_and_never_by_email(
        erp in prop::collection::vec(any_client(), 0..5), like in any_client(), linked in prop::option::of("[1-5]"),
    ) {
        let mut ids = BTreeSet::new();
        let erp: Vec<ErpClient> = erp.into_iter().filter(|client| ids.insert(client.id.clone())).collect();
        let ErpClient { id: _, reference, tax_number, country, code, email } = like;
        let wanted = WantedClient { linked_id: linked, reference, tax_number, country, code, email };
        let result = match_client(&wanted, &erp);
        let reversed: Vec<ErpClient> = erp.iter().rev().cloned().collect();
        prop_assert_eq!(&result, &match_client(&wanted, &reversed));
        match result {
            Match::Is { id, by } => {
                prop_assert!(by < Evidence::Email);
                let hit = erp.iter().find(|client| client.id == id).unwrap();
                let parsed = |number: &Option<String>, country: &Option<String>| {
                    TaxNumber::parse(number.as_deref().unwrap_or(""), country.as_deref()).ok()
                };
                if by == Evidence::TaxNumber {
                    let number = parsed(&wanted.tax_number, &wanted.country);
                    prop_assert!(number.is_some() && number == parsed(&hit.tax_number, &hit.country));
                    let same = erp.iter().filter(|c| parsed(&c.tax_number, &c.country) == number).count();
                    prop_assert_eq!(same, 1);
                }
            }
            Match::Doubtful { candidates, .. } => {
                prop_assert!(candidates.keys().all(|id| erp.iter().any(|client| client.id == *id)));
                prop_assert!(candidates.values().all(|evidence| !evidence.is_empty()));
            }
            Match::Nobody => {
                let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
                for client in &erp {
                    prop_assert!(filled(&wanted.code).is_none() || wanted.code != client.code);
                    prop_assert!(filled(&wanted.reference).is_none() || wanted.reference != client.reference);
                }
            }
        }
    }
}
