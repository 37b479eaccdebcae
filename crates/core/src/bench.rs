//! The hot paths, for `benches/` and `examples/hot_paths.rs`: only with the feature `bench`, and no part of the API.

use serde::de::Error as _;
use serde_json::{Value, json};

use crate::{
    client::{Opening, Session},
    crypto::{CryptoError, NameHash, SymmetricKey},
    error::Error,
    secrets::Secrets,
    wire::{Item, Profile, SecretItem},
};

const PROJECT_ID: i64 = 1;
/// Of five secrets so many have an environment and a description: 3.2 encrypted fields and 800 bytes for each.
const OF_FIVE: usize = 3;

/// A project that an access key has opened.
pub struct Project(Session);

/// A page of a list, parsed and not opened.
pub struct ParsedPage(Vec<SecretItem>);

impl Project {
    /// A project with a new key.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`] if the operating system gives no random bytes.
    pub fn make() -> Result<Self, CryptoError> {
        let profile = Profile { key: String::new(), project_id: PROJECT_ID };
        Ok(Self(Session::new(profile, SymmetricKey::make()?)))
    }

    /// The JSON of a page with `count` secrets, as a server sends it.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`] if the operating system gives no random bytes.
    pub fn page(&self, count: usize) -> Result<Vec<u8>, CryptoError> {
        let results = (0..count).map(|number| self.secret(number)).collect::<Result<Vec<_>, _>>()?;
        let page =
            json!({ "count": count, "next": null, "previous": null, "revision_date": 1, "results": results });
        Ok(page.to_string().into_bytes())
    }

    fn secret(&self, number: usize) -> Result<Value, CryptoError> {
        let seal = |text: &str| self.0.key.seal_text(text).map(|sealed| sealed.to_string());
        let key = format!("SERVICE_{number:06}_TOKEN");
        let is_described = number % 5 < OF_FIVE;
        let environment = ["development", "staging", "production"].get(number % 5);
        let date = 1_700_000_000.25 + number as f64;
        Ok(json!({
            "object": "secret", "id": uuid(number), "creation_date": date, "revision_date": date,
            "updated_date": date, "deleted_date": null, "last_use_date": null, "project_id": PROJECT_ID,
            "environment_id": environment.map(|_| uuid(number % 5)),
            "environment_hash": environment.map(|name| self.0.name_hash(name)),
            "environment_name": environment.map(|name| seal(name)).transpose()?,
            "key": seal(&key)?, "secret_hash": self.0.name_hash(&key),
            "value": seal(&"0123456789abcdef".repeat(1 + number % 4))?,
            "description": if is_described { seal("used by the service of that number")? } else { String::new() },
        }))
    }

    /// Opens every secret of a page, as a list does.
    ///
    /// # Errors
    /// [`ErrorKind::Integrity`](crate::ErrorKind::Integrity) if one of them is not of this project.
    pub fn open(&self, page: &ParsedPage) -> Result<Secrets, Error> {
        Opening::new(&self.0).secrets(page.0.iter(), None)
    }

    /// The hash by which a server finds the name of a secret.
    #[must_use]
    pub fn name_hash(&self, name: &str) -> NameHash {
        self.0.name_hash(name)
    }

    /// The key of the project.
    #[must_use]
    pub fn key(&self) -> &SymmetricKey {
        &self.0.key
    }
}

impl ParsedPage {
    /// Parses the JSON of a page, as a list does.
    ///
    /// # Errors
    /// If it is no page.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let json = str::from_utf8(json).map_err(serde_json::Error::custom)?;
        Ok(Self(SecretItem::page(json)?.results))
    }
}

fn uuid(number: usize) -> String {
    format!("018bcfe5-6800-7000-8000-{number:012}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_large_as_those_of_the_targets() {
        let project = Project::make().unwrap();
        let json = project.page(1000).unwrap();
        assert!((760_000..840_000).contains(&json.len()), "{} bytes", json.len());
        let secrets = project.open(&ParsedPage::parse(&json).unwrap()).unwrap();
        let fields = secrets.iter().map(|secret| {
            2 + usize::from(!secret.description.is_empty()) + usize::from(secret.environment.is_some())
        });
        assert_eq!(fields.sum::<usize>(), 3200);
    }
}
