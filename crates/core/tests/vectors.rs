//! Test data made by another implementation of the protocol; `vectors.json` says how.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use locker_core::crypto::{AccessKeySecret, CryptoError, EncString, NameHash, SymmetricKey};
use secrecy::ExposeSecret;
use serde_json::Value;

static VECTORS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("vectors.json")).expect("the vectors are JSON"));

fn cases(name: &str) -> &'static [Value] {
    let cases = VECTORS[name].as_array().expect("an array of cases");
    assert!(!cases.is_empty(), "{name} has cases");
    cases
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().unwrap_or_else(|| panic!("{field} of {}", case["name"]))
}

fn bytes(case: &Value, field: &str) -> Vec<u8> {
    STANDARD.decode(text(case, field)).expect("base64")
}

/// A key whose halves the vectors give. Such a key can only be had by opening it, as a client does.
fn key(enc_half: &[u8], mac_half: &[u8]) -> SymmetricKey {
    let wrapping = SymmetricKey::make().expect("randomness");
    let sealed = wrapping.seal(&[enc_half, mac_half].concat()).expect("randomness");
    wrapping.open_key(&sealed).expect("64 bytes")
}

fn open(key: &SymmetricKey, sealed: &str) -> Result<Vec<u8>, CryptoError> {
    Ok(key.open(&sealed.parse::<EncString>()?)?.to_vec())
}

/// Checks an outcome against `must`: accept, reject, or either.
fn check<T>(case: &Value, outcome: Result<T, CryptoError>) {
    match (text(case, "must"), outcome) {
        ("accept", Ok(_)) | ("reject", Err(_)) | ("either", _) => {}
        (must, Ok(_)) => panic!("{}: was accepted, must {must}", case["name"]),
        (must, Err(error)) => panic!("{}: was rejected ({error}), must {must}", case["name"]),
    }
}

#[test]
fn access_keys_open_their_projects() {
    for case in cases("access_keys") {
        let secret: AccessKeySecret = text(case, "secret_b64").parse().expect("a secret");
        assert_eq!(secret.to_base64().expose_secret(), text(case, "secret_b64"));
        let stretched = secret.derive_key();
        assert!(
            stretched == key(&bytes(case, "stretched_enc_b64"), &bytes(case, "stretched_mac_b64")),
            "{}: the derived key differs",
            case["name"]
        );
        let sealed = text(case, "profile_key").parse().expect("an EncString");
        let project = stretched.open_key(&sealed).expect("the project key opens");
        assert!(project == key(&bytes(case, "project_enc_b64"), &bytes(case, "project_mac_b64")));
    }
}

#[test]
fn items_open_to_their_plain_text() {
    for case in cases("access_keys") {
        let key = key(&bytes(case, "project_enc_b64"), &bytes(case, "project_mac_b64"));
        for item in case["items"].as_array().expect("items") {
            let sealed: EncString = text(item, "enc_string").parse().expect("an EncString");
            assert_eq!(sealed.to_string(), text(item, "enc_string"));
            assert_eq!(
                key.open(&sealed).expect("opens").to_vec(),
                bytes(item, "plain_b64"),
                "{}",
                item["name"]
            );
            match String::from_utf8(bytes(item, "plain_b64")) {
                Ok(plain) => assert!(key.open_text(&sealed).expect("opens") == plain, "{}", item["name"]),
                Err(_) => assert_eq!(key.open_text(&sealed), Err(CryptoError::Undecryptable)),
            }
        }
    }
}

#[test]
fn names_hash_as_elsewhere() {
    for case in cases("hashes") {
        let project_id = text(case, "project_id_str").parse().expect("an integer");
        let name = String::from_utf8(bytes(case, "key_b64")).expect("UTF-8");
        assert_eq!(NameHash::derive(project_id, &name).as_str(), text(case, "hash"), "{project_id} {name}");
    }
}

#[test]
fn altered_items_are_rejected() {
    for case in cases("negative_items") {
        check(case, open(&key(&bytes(case, "enc_b64"), &bytes(case, "mac_b64")), text(case, "input")));
    }
}

#[test]
fn altered_project_keys_are_rejected() {
    for case in cases("negative_profile_keys") {
        let key = key(&bytes(case, "enc_b64"), &bytes(case, "mac_b64"));
        check(case, text(case, "input").parse().and_then(|sealed: EncString| key.open_key(&sealed)));
    }
}

#[test]
fn malformed_access_key_secrets_are_rejected() {
    for case in cases("negative_secrets") {
        check(case, text(case, "input").parse::<AccessKeySecret>());
    }
}

#[test]
fn what_is_wrong_behind_the_mac_is_not_told_apart() {
    let behind_the_mac = |case: &&Value| text(case, "why").starts_with("padding");
    let mut seen = 0;
    for case in cases("negative_items").iter().filter(behind_the_mac) {
        let key = key(&bytes(case, "enc_b64"), &bytes(case, "mac_b64"));
        if let Err(error) = text(case, "input").parse().and_then(|sealed: EncString| key.open(&sealed)) {
            assert_eq!(error, CryptoError::Undecryptable, "{}", case["name"]);
            seen += 1;
        }
    }
    assert!(seen >= 8, "only {seen} cases have wrong padding behind a right MAC");
}

#[test]
fn request_bodies_of_another_client_open() {
    for case in cases("request_bodies") {
        let index = usize::try_from(case["access_key"].as_u64().expect("an index")).expect("a small index");
        let access_key = &cases("access_keys")[index];
        let key = key(&bytes(access_key, "project_enc_b64"), &bytes(access_key, "project_mac_b64"));
        for (field, plain) in case["plain"].as_object().expect("plain texts") {
            let sealed = text(&case["body"], field);
            assert_eq!(
                open(&key, sealed).expect("opens"),
                plain.as_str().expect("text").as_bytes(),
                "{field}"
            );
        }
        let name = case["plain"]["key"].as_str().or(case["plain"]["name"].as_str()).expect("a name");
        let project_id = access_key["project_id"].as_i64().expect("an integer");
        assert_eq!(NameHash::derive(project_id, name).as_str(), text(&case["body"], "hash"));
    }
}
