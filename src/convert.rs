//! Texts that are secret, and core values to the plain records that cross to JavaScript.

use locker_core::{Dates, Environment, Secret};
use napi::{bindgen_prelude::ToNapiValue, sys};
use napi_derive::napi;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};

/// A secret text on its way from JavaScript. It is copied once, exactly, and the original is zeroed: a text with room to
/// spare would be moved by a conversion, and leave a copy behind.
pub(crate) fn secret_text(mut text: String) -> SecretString {
    let secret = SecretString::from(text.as_str());
    text.zeroize();
    secret
}

/// A secret value on its way to JavaScript, without a copy that outlives the way.
pub struct SecretText(SecretString);

impl From<SecretString> for SecretText {
    fn from(text: SecretString) -> Self {
        Self(text)
    }
}

impl ToNapiValue for SecretText {
    #[allow(unsafe_code)]
    unsafe fn to_napi_value(env: sys::napi_env, text: Self) -> napi::Result<sys::napi_value> {
        // SAFETY: `env` is the one that napi passed in, on its own thread.
        unsafe { <&str as ToNapiValue>::to_napi_value(env, text.0.expose_secret()) }
    }
}

/// A secret, for the class `Secret` of `index.js`.
#[napi(object, object_from_js = false)]
pub struct SecretRecord {
    pub id: String,
    pub key: String,
    #[napi(ts_type = "string")]
    pub value: SecretText,
    pub description: String,
    pub environment_name: Option<String>,
    pub environment_id: Option<String>,
    pub project_id: i64,
    pub creation_date: Option<f64>,
    pub revision_date: Option<f64>,
    pub updated_date: Option<f64>,
}

/// An environment, for the class `Environment` of `index.js`.
#[napi(object, object_from_js = false)]
pub struct EnvironmentRecord {
    pub id: String,
    pub name: String,
    pub external_url: String,
    pub description: String,
    pub project_id: i64,
    pub creation_date: Option<f64>,
    pub revision_date: Option<f64>,
    pub updated_date: Option<f64>,
}

impl From<Secret> for SecretRecord {
    fn from(secret: Secret) -> Self {
        let Dates { creation, revision, updated } = secret.dates;
        Self {
            id: secret.id,
            key: secret.key,
            value: SecretText(secret.value),
            description: secret.description,
            environment_name: secret.environment_name.map(|name| name.to_string()),
            environment_id: secret.environment_id.map(|id| id.to_string()),
            project_id: secret.project_id,
            creation_date: creation,
            revision_date: revision,
            updated_date: updated,
        }
    }
}

impl From<Environment> for EnvironmentRecord {
    fn from(environment: Environment) -> Self {
        let Dates { creation, revision, updated } = environment.dates;
        Self {
            id: environment.id,
            name: environment.name,
            external_url: environment.external_url,
            description: environment.description,
            project_id: environment.project_id,
            creation_date: creation,
            revision_date: revision,
            updated_date: updated,
        }
    }
}
