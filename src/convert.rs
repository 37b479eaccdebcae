//! Texts that are secret, and core values to the plain records that cross to JavaScript.

use locker_core::{Dates, Environment, Secret};
use napi::{
    Env, JsString, JsValue,
    bindgen_prelude::{FromNapiValue, ToNapiValue},
    sys,
};
use napi_derive::napi;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};

/// The bytes of a name that is read in one go.
const SHORT: usize = 256;
/// Node-API ends before a character that does not fit, and leaves room for a NUL.
const SURELY_WHOLE: usize = SHORT - "\u{10ffff}\0".len();

/// A JavaScript string. Most texts are ASCII, which needs no decoding.
pub(crate) fn text<'env>(env: &'env Env, text: &str) -> napi::Result<JsString<'env>> {
    if text.is_ascii() { env.create_string_latin1(text) } else { env.create_string(text) }
}

/// A name on its way from JavaScript. Where a `String` goes over it three times, to learn its length first, a name of the
/// usual length is read at once.
pub(crate) struct Name(String);

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromNapiValue for Name {
    #[allow(unsafe_code)]
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        let (mut buffer, mut length) = ([0_u8; SHORT], 0);
        // SAFETY: `env` and `value` are those that napi passed in, on their own thread, and the buffer has so many bytes.
        let status = unsafe {
            sys::napi_get_value_string_utf8(env, value, buffer.as_mut_ptr().cast(), SHORT, &raw mut length)
        };
        let is_whole = status == sys::Status::napi_ok && length < SURELY_WHOLE;
        match str::from_utf8(&buffer[..length]) {
            Ok(name) if is_whole => Ok(Self(name.to_owned())),
            // SAFETY: As above.
            _ => unsafe { String::from_napi_value(env, value) }.map(Self),
        }
    }
}

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
        let env = Env::from_raw(env);
        let text = self::text(&env, text.0.expose_secret())?;
        Ok(text.raw())
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
