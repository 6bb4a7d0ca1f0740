use std::time::UNIX_EPOCH;

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::*;

/// The published example of the specification, and openssl's answer to it.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MSG: (&str, &str, &[u8]) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

/// A hint with letters outside ASCII, signed by another program with both secrets.
const HINT: (&str, &str, &str) = (
    "zd-1",
    "1795251600",
    r#"{"Zdarzenie":"ZamowienieStatus","ID":101,"Kod":"Łódź","Chwila":"2026-11-21T10:00:00+01:00"}"#,
);
const HINT_SIGNED: &str = "v1,DOPECzlhC0HfPJdqxCorVgBqfOkpdLUBfd3O4xoBB1E=";
const HINT_SIGNED_ANEW: &str = "v1,rxLyMvmphqROchV4sjTk97AZJk2aQjL4LE8UIM9WiAU=";

fn builder(now: u64) -> WebhookVerifierBuilder {
    WebhookVerifier::builder().now(move || UNIX_EPOCH + Duration::from_secs(now))
}

fn old(now: u64) -> WebhookVerifier {
    builder(now).secret(SECRET.to_owned().into()).build().unwrap()
}

fn anew(now: u64) -> WebhookVerifier {
    builder(now).secret_bytes((0..32).collect::<Vec<u8>>()).build().unwrap()
}

fn kind<T: fmt::Debug>(result: Result<T, WebhookError>) -> WebhookErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn the_published_example_and_a_hint_of_another_program_are_verified() {
    let delivery = old(1_614_265_330).verify_parts(MSG.0, MSG.1, SIGNED, MSG.2).unwrap();
    assert_eq!((delivery.id.as_str(), delivery.sent.timestamp()), (MSG.0, 1_614_265_330));
    let body = HINT.2.as_bytes();
    old(1_795_251_600).verify_parts(HINT.0, HINT.1, HINT_SIGNED, body).unwrap();
    anew(1_795_251_600).verify_parts(HINT.0, HINT.1, HINT_SIGNED_ANEW, body).unwrap();
}

#[test]
fn while_secrets_are_exchanged_either_is_accepted_and_afterwards_the_old_one_is_not() {
    let body = HINT.2.as_bytes();
    let both = builder(1_795_251_600)
        .secret(SECRET.to_owned().into())
        .secret_bytes((0..32).collect::<Vec<u8>>())
        .build()
        .unwrap();
    for signature in [HINT_SIGNED, HINT_SIGNED_ANEW] {
        both.verify_parts(HINT.0, HINT.1, signature, body).unwrap();
    }
    let refused = anew(1_795_251_600).verify_parts(HINT.0, HINT.1, HINT_SIGNED, body);
    assert_eq!(kind(refused), WebhookErrorKind::BadSignature);
}

#[test]
fn one_of_several_signatures_is_enough() {
    let verify = |signatures: &str| old(1_614_265_330).verify_parts(MSG.0, MSG.1, signatures, MSG.2);
    verify(&format!("v1a,AAAA {HINT_SIGNED_ANEW} {SIGNED}")).unwrap();
    verify(&format!("{SIGNED} v1,?")).unwrap();
    for none in
        ["", "v1,", "v1", HINT_SIGNED_ANEW, &SIGNED.replace("v1,", "v1a,"), &SIGNED.replace("v1,", "")]
    {
        assert_eq!(kind(verify(none)), WebhookErrorKind::BadSignature, "{none}");
    }
}

#[test]
fn the_tolerance_holds_to_both_sides_and_its_edge_is_inside() {
    let at = |now| old(now).verify_parts(MSG.0, MSG.1, SIGNED, MSG.2);
    for now in [1_614_265_330 - 300, 1_614_265_330 + 300] {
        at(now).unwrap();
    }
    for now in [1_614_265_330 - 301, 1_614_265_330 + 301, 0] {
        assert_eq!(kind(at(now)), WebhookErrorKind::Stale);
    }
    let narrow = builder(1_614_265_331).secret(SECRET.to_owned().into()).tolerance(Duration::ZERO);
    let narrow = narrow.build().unwrap().verify_parts(MSG.0, MSG.1, SIGNED, MSG.2);
    assert_eq!(kind(narrow), WebhookErrorKind::Stale);
}

#[test]
fn another_id_time_or_body_is_refused() {
    let verify = |id: &str, timestamp: &str, body: &[u8]| {
        kind(old(1_614_265_330).verify_parts(id, timestamp, SIGNED, body))
    };
    assert_eq!(verify("msg_other", MSG.1, MSG.2), WebhookErrorKind::BadSignature);
    assert_eq!(verify(MSG.0, "1614265331", MSG.2), WebhookErrorKind::BadSignature);
    assert_eq!(verify(MSG.0, MSG.1, br#"{"test":2432232314}"#), WebhookErrorKind::BadSignature);
    for timestamp in ["", "+1614265330", "1614265330.0", "dziś", "99999999999999999999", "9999999999999999"]
    {
        assert_eq!(verify(MSG.0, timestamp, MSG.2), WebhookErrorKind::BadHeader, "{timestamp}");
    }
}

#[test]
fn a_signed_text_cannot_be_cut_elsewhere() {
    // Id "a", time 1614265330 and body "1614265331.x" sign the same bytes as id "a.1614265330", time 1614265331 and body "x".
    for id in ["a.1614265330", ".", ""] {
        let cut = old(1_614_265_331).verify_parts(id, "1614265331", SIGNED, b"x");
        assert_eq!(kind(cut), WebhookErrorKind::BadHeader);
    }
}

#[test]
fn headers_are_found_whatever_their_case_and_a_missing_one_is_named() {
    let mut headers = HeaderMap::new();
    for (name, value) in [("Webhook-Id", MSG.0), ("WEBHOOK-TIMESTAMP", MSG.1), ("webhook-signature", SIGNED)]
    {
        headers.insert(http::HeaderName::try_from(name).unwrap(), HeaderValue::from_static(value));
    }
    old(1_614_265_330).verify(&headers, MSG.2).unwrap();
    for name in [ID, TIMESTAMP, SIGNATURE] {
        let mut headers = headers.clone();
        headers.remove(name);
        let error = old(1_614_265_330).verify(&headers, MSG.2).unwrap_err();
        assert_eq!(error.kind(), WebhookErrorKind::MissingHeader);
        assert!(error.to_string().contains(name));
        headers.insert(name, HeaderValue::from_bytes(b"\xb3").unwrap());
        assert_eq!(kind(old(1_614_265_330).verify(&headers, MSG.2)), WebhookErrorKind::BadHeader);
    }
}

#[test]
fn a_secret_of_the_path_is_compared_whole_and_may_be_exchanged() {
    let secrets = ["0123456789abcdefghijklmn", "nmlkjihgfedcba9876543210"];
    let verifier = builder(0)
        .path_secret(secrets[0].to_owned().into())
        .path_secret(secrets[1].to_owned().into())
        .build()
        .unwrap();
    for secret in secrets {
        verifier.verify_path(secret).unwrap();
    }
    for other in ["", "0123456789abcdefghijklm", "0123456789abcdefghijklmno", "0123456789ABCDEFGHIJKLMN"] {
        assert_eq!(kind(verifier.verify_path(other)), WebhookErrorKind::BadSignature);
    }
    // Secrets of one sort are of no use for the other.
    let signed = verifier.verify_parts(MSG.0, MSG.1, SIGNED, MSG.2);
    assert_eq!(kind(signed), WebhookErrorKind::BadSignature);
    assert_eq!(kind(old(0).verify_path("")), WebhookErrorKind::BadSignature);
}

#[test]
fn a_verifier_without_a_good_secret_is_not_made_and_shows_none() {
    for settings in [
        builder(0),
        builder(0).secret("whsec_tajne".to_owned().into()),
        builder(0).secret("whsec_dGFqbmU=".to_owned().into()),
        builder(0).secret_bytes([1; 23]),
        builder(0).path_secret("krótki".to_owned().into()),
        builder(0).secret(SECRET.to_owned().into()).tolerance(Duration::MAX),
    ] {
        assert!(!format!("{settings:?}").contains("tajne"));
        let error = settings.build().unwrap_err();
        assert_eq!(error.kind(), WebhookErrorKind::Settings);
        assert!(!format!("{error} {error:?}").contains("tajne"));
    }
    assert!(!format!("{:?}", old(0)).contains("MfKQ"));
}

proptest! {
    #[test]
    fn any_flipped_bit_is_refused(part in 0..4_usize, place in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut parts =
            [HINT.0.as_bytes().to_vec(), HINT.1.as_bytes().to_vec(), HINT_SIGNED.as_bytes().to_vec(), HINT.2.into()];
        let place = place.index(parts[part].len());
        parts[part][place] ^= 1_u8 << bit;
        let [id, timestamp, signature, body] = parts;
        let header = |bytes: &[u8]| HeaderValue::from_bytes(bytes).ok();
        // What is no header at all does not reach the verifier.
        if let (Some(id), Some(timestamp), Some(signature)) = (header(&id), header(&timestamp), header(&signature)) {
            let headers = HeaderMap::from_iter([
                (http::HeaderName::from_static(ID), id),
                (http::HeaderName::from_static(TIMESTAMP), timestamp),
                (http::HeaderName::from_static(SIGNATURE), signature),
            ]);
            prop_assert!(old(1_795_251_600).verify(&headers, &body).is_err());
        }
    }
}
