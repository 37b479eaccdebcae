//! The protocol's JSON, nothing else. Every `Sealed` field is ciphertext.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::crypto::{CryptoError, EncString, SymmetricKey};

/// An EncString as it came, checked only when it is opened. Null and empty both mean the empty text.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Sealed(Option<Box<str>>);

impl Sealed {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.as_deref().unwrap_or_default().is_empty()
    }

    /// Opens the field with `open`, a method of [`SymmetricKey`] such as `open_text`.
    pub(crate) fn open<T: From<String>>(
        &self,
        key: &SymmetricKey,
        open: impl FnOnce(&SymmetricKey, &EncString) -> Result<T, CryptoError>,
    ) -> Result<T, CryptoError> {
        match self.0.as_deref() {
            None | Some("") => Ok(String::new().into()),
            Some(text) => open(key, &text.parse()?),
        }
    }

    /// Takes `other` where there is nothing yet.
    fn fill(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
        }
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "Sealed(empty)" } else { "Sealed(..)" })
    }
}

/// `GET v1/profile`.
#[derive(Debug, Deserialize)]
pub(crate) struct ProfileAnswer {
    pub(crate) profile: Profile,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Profile {
    /// The project key, sealed for the access key.
    pub(crate) key: String,
    pub(crate) project_id: i64,
}

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Page<T> {
    pub(crate) count: u64,
    pub(crate) next: Option<String>,
    pub(crate) revision_date: Option<f64>,
    pub(crate) results: Vec<T>,
}

/// An item of the project, as the server keeps it.
pub(crate) trait Item: serde::de::DeserializeOwned + Serialize + Send + Sync + 'static {
    /// The item's path below the API base.
    const PATH: &'static str;
    /// The query parameter that asks the server to count.
    const COUNT_PARAMETER: &'static str;

    fn id(&self) -> &str;
    /// The hash of the name by which the item is read.
    fn name_hash(&self) -> &str;
    /// POST and PUT may answer with the text fields in `data`; brings them to where lists have them.
    fn normalise(&mut self);
}

/// A secret. ALL is `environment_id` null with `environment_hash` null.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct SecretItem {
    pub(crate) id: Box<str>,
    pub(crate) project_id: i64,
    pub(crate) environment_id: Option<Box<str>>,
    pub(crate) environment_hash: Option<Box<str>>,
    #[serde(default)]
    pub(crate) environment_name: Sealed,
    pub(crate) secret_hash: Option<Box<str>>,
    #[serde(default)]
    pub(crate) key: Sealed,
    #[serde(default)]
    pub(crate) value: Sealed,
    #[serde(default)]
    pub(crate) description: Sealed,
    pub(crate) creation_date: Option<f64>,
    pub(crate) revision_date: Option<f64>,
    pub(crate) updated_date: Option<f64>,
    #[serde(default, skip_serializing)]
    data: Option<SecretText>,
}

/// The text fields of a secret, where an answer to POST or PUT has them apart.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SecretText {
    key: Sealed,
    value: Sealed,
    description: Sealed,
    environment_name: Sealed,
}

/// An environment.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct EnvironmentItem {
    pub(crate) id: Box<str>,
    pub(crate) project_id: i64,
    pub(crate) hash: Option<Box<str>>,
    #[serde(default)]
    pub(crate) name: Sealed,
    #[serde(default)]
    pub(crate) external_url: Sealed,
    #[serde(default)]
    pub(crate) description: Sealed,
    pub(crate) creation_date: Option<f64>,
    pub(crate) revision_date: Option<f64>,
    pub(crate) updated_date: Option<f64>,
    #[serde(default, skip_serializing)]
    data: Option<EnvironmentText>,
}

/// The text fields of an environment, where an answer to POST or PUT has them apart.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct EnvironmentText {
    name: Sealed,
    external_url: Sealed,
    description: Sealed,
}

impl Item for SecretItem {
    const PATH: &'static str = "/v1/secrets";
    const COUNT_PARAMETER: &'static str = "count_secrets";

    fn id(&self) -> &str {
        &self.id
    }

    fn name_hash(&self) -> &str {
        self.secret_hash.as_deref().unwrap_or_default()
    }

    fn normalise(&mut self) {
        if let Some(data) = self.data.take() {
            self.key.fill(data.key);
            self.value.fill(data.value);
            self.description.fill(data.description);
            self.environment_name.fill(data.environment_name);
        }
    }
}

impl Item for EnvironmentItem {
    const PATH: &'static str = "/v1/environments";
    const COUNT_PARAMETER: &'static str = "count_environment";

    fn id(&self) -> &str {
        &self.id
    }

    fn name_hash(&self) -> &str {
        self.hash.as_deref().unwrap_or_default()
    }

    fn normalise(&mut self) {
        if let Some(data) = self.data.take() {
            self.name.fill(data.name);
            self.external_url.fill(data.external_url);
            self.description.fill(data.description);
        }
    }
}

/// The body of `POST v1/secrets` and `PUT v1/secrets/ID`. What is `None` is left out.
#[derive(Serialize)]
pub(crate) struct SecretBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    pub(crate) hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// Empty in a PUT: move to ALL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment_name: Option<String>,
}

/// The body of `POST v1/environments` and `PUT v1/environments/ID`. What is `None` is left out.
#[derive(Serialize)]
pub(crate) struct EnvironmentBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
}

/// The body of a refusal. All of it is optional: the status decides.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Refusal {
    #[serde(default)]
    pub(crate) message: Option<String>,
}
