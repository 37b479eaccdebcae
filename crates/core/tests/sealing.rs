//! What is sealed opens again, and nothing else does.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use locker_core::crypto::{AccessKeySecret, CryptoError, EncString, SymmetricKey};
use proptest::prelude::*;
use secrecy::ExposeSecret;

fn key() -> SymmetricKey {
    SymmetricKey::make().expect("randomness")
}

proptest! {
    #[test]
    fn any_unicode_text_survives(text in any::<String>()) {
        let key = key();
        let wire = key.seal_text(&text).expect("sealing").to_string();
        let sealed: EncString = wire.parse().expect("an EncString");
        prop_assert_eq!(key.open_text(&sealed), Ok(text.clone()));
        let secret = key.open_secret_text(&sealed).expect("opens");
        prop_assert_eq!(secret.expose_secret(), text.as_str());
    }

    #[test]
    fn any_bytes_survive(plain in prop::collection::vec(any::<u8>(), 0..600)) {
        let key = key();
        let sealed = key.seal(&plain).expect("sealing");
        prop_assert_eq!(&key.open(&sealed).expect("opens")[..], &plain[..]);
    }

    #[test]
    fn any_flipped_bit_is_noticed(plain in any::<String>(), position: prop::sample::Index, bit in 0_u8..8) {
        let key = key();
        let wire = key.seal_text(&plain).expect("sealing").to_string();
        let mut altered = wire.clone().into_bytes();
        let position = position.index(altered.len());
        altered[position] ^= 1 << bit;
        let opened = String::from_utf8(altered)
            .ok()
            .and_then(|altered| altered.parse::<EncString>().ok())
            .map(|sealed| key.open(&sealed));
        prop_assert!(!matches!(opened, Some(Ok(_))));
    }

    #[test]
    fn parsing_never_panics(text in any::<String>()) {
        let _ = text.parse::<EncString>();
        let _ = format!("2.{text}").parse::<EncString>();
        let _ = text.parse::<AccessKeySecret>();
    }
}

#[test]
fn the_same_text_is_never_sealed_the_same_way() {
    let key = key();
    assert_ne!(key.seal(b"text").expect("sealing"), key.seal(b"text").expect("sealing"));
}

#[test]
fn another_key_does_not_open() {
    let sealed = key().seal(b"text").expect("sealing");
    assert_eq!(key().open(&sealed).map(|_| ()), Err(CryptoError::MacMismatch));
}

#[test]
fn a_project_key_survives_its_access_key() {
    let access_key = AccessKeySecret::make().expect("randomness");
    let project = key();
    let sealed = access_key.derive_key().seal_key(&project).expect("sealing");
    let again: AccessKeySecret = access_key.to_base64().expose_secret().parse().expect("a secret");
    assert!(again.derive_key().open_key(&sealed).expect("opens") == project);
    assert!(key() != project);
}

#[test]
fn debug_output_shows_nothing() {
    let secret = AccessKeySecret::make().expect("randomness");
    let sealed = key().seal(b"text").expect("sealing");
    assert_eq!(format!("{secret:?}"), "AccessKeySecret([REDACTED])");
    assert_eq!(format!("{:?}", key()), "SymmetricKey([REDACTED])");
    assert_eq!(format!("{sealed:?}"), "EncString(16 bytes)");
}
