//! The protocol's JSON, nothing else. Every `Sealed` field is ciphertext.

mod scan;

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::texts::Texts;

/// A text as it is in the answer, copied only if it has escapes.
#[derive(Deserialize, Serialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// An EncString as it came, checked only when it is opened. Null and empty both mean the empty text.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Sealed(Option<Box<str>>);

impl Sealed {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// This, or `other` where this is nothing.
    fn or(self, other: Self) -> Self {
        if self.as_str().is_empty() { other } else { self }
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.as_str().is_empty() { "Sealed(empty)" } else { "Sealed(..)" })
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
#[serde(bound = "T: Deserialize<'de>")]
pub(crate) struct Page<T> {
    pub(crate) count: u64,
    pub(crate) next: Option<String>,
    pub(crate) revision_date: Option<f64>,
    pub(crate) results: Vec<T>,
}

/// What a page says of its list before its items, if it says so.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) count: u64,
    pub(crate) next: String,
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

    /// A copy that keeps nothing of the items it came with.
    fn alone(&self) -> Self;

    /// A page of a list of these items.
    ///
    /// # Errors
    /// If the text is no page.
    fn page(json: &str) -> serde_json::Result<Page<Self>> {
        serde_json::from_str(json)
    }

    /// How such a page begins, if another page follows it. It costs next to nothing, and nothing of it has been checked.
    fn head(json: &str) -> Option<Head>;
}

/// Where which text of a secret is.
const ID: usize = 0;
const ENVIRONMENT_ID: usize = 1;
const ENVIRONMENT_HASH: usize = 2;
const SECRET_HASH: usize = 3;
const ENVIRONMENT_NAME: usize = 4;
const KEY: usize = 5;
const VALUE: usize = 6;
const DESCRIPTION: usize = 7;

/// A secret. ALL is `environment_id` null with `environment_hash` null.
pub(crate) struct SecretItem {
    texts: Texts<8>,
    pub(crate) project_id: i64,
    /// Those of creation, revision and update. NaN, which JSON does not have, stands for null and takes no space.
    dates: [f64; 3],
}

impl SecretItem {
    /// A secret of its texts, each in its place, and of its dates of creation, revision and update.
    fn new(texts: Texts<8>, project_id: i64, dates: [Option<f64>; 3]) -> Self {
        Self { texts, project_id, dates: dates.map(|date| date.unwrap_or(f64::NAN)) }
    }

    pub(crate) fn creation_date(&self) -> Option<f64> {
        self.date(0)
    }

    pub(crate) fn revision_date(&self) -> Option<f64> {
        self.date(1)
    }

    pub(crate) fn updated_date(&self) -> Option<f64> {
        self.date(2)
    }

    fn date(&self, at: usize) -> Option<f64> {
        Some(self.dates[at]).filter(|date| !date.is_nan())
    }

    pub(crate) fn environment_id(&self) -> Option<&str> {
        self.texts.get(ENVIRONMENT_ID)
    }

    pub(crate) fn environment_hash(&self) -> Option<&str> {
        self.texts.get(ENVIRONMENT_HASH)
    }

    /// The name of the environment, sealed. Of the sealed texts, null and empty both mean the empty one.
    pub(crate) fn environment_name(&self) -> &str {
        self.texts.get(ENVIRONMENT_NAME).unwrap_or_default()
    }

    /// The name by which the secret is read, sealed.
    pub(crate) fn key(&self) -> &str {
        self.texts.get(KEY).unwrap_or_default()
    }

    /// The value, sealed.
    pub(crate) fn value(&self) -> &str {
        self.texts.get(VALUE).unwrap_or_default()
    }

    /// The note, sealed.
    pub(crate) fn description(&self) -> &str {
        self.texts.get(DESCRIPTION).unwrap_or_default()
    }
}

impl fmt::Debug for SecretItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretItem").field("id", &self.id()).finish_non_exhaustive()
    }
}

/// A secret as JSON has it.
#[derive(Deserialize, Serialize)]
struct SecretFields<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    project_id: i64,
    #[serde(borrow)]
    environment_id: Option<Text<'a>>,
    #[serde(borrow)]
    environment_hash: Option<Text<'a>>,
    #[serde(borrow)]
    secret_hash: Option<Text<'a>>,
    #[serde(borrow)]
    environment_name: Option<Text<'a>>,
    #[serde(borrow)]
    key: Option<Text<'a>>,
    #[serde(borrow)]
    value: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    creation_date: Option<f64>,
    revision_date: Option<f64>,
    updated_date: Option<f64>,
    #[serde(borrow, default, skip_serializing)]
    data: Option<SecretText<'a>>,
}

/// The text fields of a secret, where an answer to POST or PUT has them apart.
#[derive(Default, Deserialize)]
struct SecretText<'a> {
    #[serde(borrow)]
    environment_name: Option<Text<'a>>,
    #[serde(borrow)]
    key: Option<Text<'a>>,
    #[serde(borrow)]
    value: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
}

impl<'de> Deserialize<'de> for SecretItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = SecretFields::deserialize(deserializer)?;
        let apart = fields.data.unwrap_or_default();
        let texts = [
            Some(&*fields.id.0),
            as_str(&fields.environment_id),
            as_str(&fields.environment_hash),
            as_str(&fields.secret_hash),
            either(&fields.environment_name, &apart.environment_name),
            either(&fields.key, &apart.key),
            either(&fields.value, &apart.value),
            either(&fields.description, &apart.description),
        ];
        let dates = [fields.creation_date, fields.revision_date, fields.updated_date];
        let texts = Texts::new(texts).ok_or_else(|| D::Error::custom("a secret of 4 GiB"))?;
        Ok(Self::new(texts, fields.project_id, dates))
    }
}

impl Serialize for SecretItem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |at| self.texts.get(at).map(|text| Text(Cow::Borrowed(text)));
        let fields = SecretFields {
            id: Text(Cow::Borrowed(self.id())),
            project_id: self.project_id,
            environment_id: text(ENVIRONMENT_ID),
            environment_hash: text(ENVIRONMENT_HASH),
            secret_hash: text(SECRET_HASH),
            environment_name: text(ENVIRONMENT_NAME),
            key: text(KEY),
            value: text(VALUE),
            description: text(DESCRIPTION),
            creation_date: self.creation_date(),
            revision_date: self.revision_date(),
            updated_date: self.updated_date(),
            data: None,
        };
        fields.serialize(serializer)
    }
}

fn as_str<'a>(text: &'a Option<Text<'_>>) -> Option<&'a str> {
    text.as_ref().map(|text| &*text.0)
}

/// The text itself, or where there is nothing the one that stands apart.
fn either<'a>(own: &'a Option<Text<'_>>, apart: &'a Option<Text<'_>>) -> Option<&'a str> {
    as_str(own).filter(|text| !text.is_empty()).or_else(|| as_str(apart))
}

/// An environment.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(from = "EnvironmentFields")]
pub(crate) struct EnvironmentItem {
    pub(crate) id: Box<str>,
    pub(crate) project_id: i64,
    pub(crate) hash: Option<Box<str>>,
    pub(crate) name: Sealed,
    pub(crate) external_url: Sealed,
    pub(crate) description: Sealed,
    pub(crate) creation_date: Option<f64>,
    pub(crate) revision_date: Option<f64>,
    pub(crate) updated_date: Option<f64>,
}

/// An environment as JSON has it.
#[derive(Deserialize)]
struct EnvironmentFields {
    id: Box<str>,
    project_id: i64,
    hash: Option<Box<str>>,
    #[serde(default)]
    name: Sealed,
    #[serde(default)]
    external_url: Sealed,
    #[serde(default)]
    description: Sealed,
    creation_date: Option<f64>,
    revision_date: Option<f64>,
    updated_date: Option<f64>,
    #[serde(default)]
    data: Option<EnvironmentText>,
}

/// The text fields of an environment, where an answer to POST or PUT has them apart.
#[derive(Default, Deserialize)]
#[serde(default)]
struct EnvironmentText {
    name: Sealed,
    external_url: Sealed,
    description: Sealed,
}

impl From<EnvironmentFields> for EnvironmentItem {
    fn from(fields: EnvironmentFields) -> Self {
        let apart = fields.data.unwrap_or_default();
        Self {
            id: fields.id,
            project_id: fields.project_id,
            hash: fields.hash,
            name: fields.name.or(apart.name),
            external_url: fields.external_url.or(apart.external_url),
            description: fields.description.or(apart.description),
            creation_date: fields.creation_date,
            revision_date: fields.revision_date,
            updated_date: fields.updated_date,
        }
    }
}

impl Item for SecretItem {
    const PATH: &'static str = "/v1/secrets";
    const COUNT_PARAMETER: &'static str = "count_secrets";

    fn id(&self) -> &str {
        self.texts.get(ID).unwrap_or_default()
    }

    fn name_hash(&self) -> &str {
        self.texts.get(SECRET_HASH).unwrap_or_default()
    }

    fn alone(&self) -> Self {
        Self { texts: self.texts.alone(), ..*self }
    }

    fn page(json: &str) -> serde_json::Result<Page<Self>> {
        scan::page(json).map_or_else(|| serde_json::from_str(json), Ok)
    }

    fn head(json: &str) -> Option<Head> {
        scan::head(json)
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

    fn alone(&self) -> Self {
        self.clone()
    }

    /// Of environments there is hardly ever a second page.
    fn head(_: &str) -> Option<Head> {
        None
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
