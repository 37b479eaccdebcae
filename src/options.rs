//! What JavaScript passes in, to core values. Types are checked by `index.js`, meanings by the core.

use std::collections::HashMap;

use locker_core::{
    CacheFolder, CallOptions, ConnectionOptions, EnvironmentChange, NewEnvironment, NewSecret, Options,
    SecretChange, Sink,
};
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::convert::secret_text;

/// The options of `new Locker`, as `index.js` passes them on.
#[napi(object, object_to_js = false)]
pub struct NativeOptions {
    pub access_key_id: Option<String>,
    pub access_key_secret: Option<String>,
    pub secret_access_key: Option<String>,
    pub api_base: Option<String>,
    pub headers: Option<HashMap<String, String>>,
    /// The option `unsafe`, whose name is a keyword here.
    pub accept_any_certificate: Option<bool>,
    pub log_level: Option<f64>,
    pub fetch: Option<bool>,
    pub rest_time: Option<f64>,
    pub stale_if_error: Option<f64>,
    pub cache_dir: Option<String>,
    /// The option `cacheOptions.dir` is null.
    pub cache_in_memory: Option<bool>,
    pub timeout_ms: Option<f64>,
    pub max_retries: Option<f64>,
    pub ca_cert: Option<Uint8Array>,
    pub proxy: Option<String>,
    pub user_agent: String,
}

impl NativeOptions {
    pub(crate) fn into_core(self, log_sink: Sink) -> Options {
        let cache_folder = match self.cache_dir {
            _ if self.cache_in_memory == Some(true) => CacheFolder::None,
            Some(folder) => CacheFolder::At(folder.into()),
            None => CacheFolder::Platform,
        };
        let connection = ConnectionOptions {
            api_base: self.api_base,
            headers: self.headers.unwrap_or_default().into_iter().collect(),
            accept_any_certificate: self.accept_any_certificate.unwrap_or_default(),
            log_level: self.log_level,
            log_sink: Some(log_sink),
            timeout_ms: self.timeout_ms,
            max_retries: self.max_retries,
            ca_cert: self.ca_cert.map(|pem| pem.to_vec()),
            proxy: self.proxy,
            user_agent: Some(self.user_agent),
        };
        Options {
            access_key_id: self.access_key_id,
            access_key_secret: self.access_key_secret.map(secret_text),
            secret_access_key: self.secret_access_key.map(secret_text),
            connection,
            fetch: self.fetch.unwrap_or_default(),
            rest_time: self.rest_time,
            stale_if_error: self.stale_if_error,
            cache_folder,
        }
    }
}

/// The options of one call.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct NativeCallOptions {
    pub fetch: Option<bool>,
    pub rest_time: Option<f64>,
    pub timeout_ms: Option<f64>,
}

impl From<NativeCallOptions> for CallOptions {
    fn from(options: NativeCallOptions) -> Self {
        Self { fetch: options.fetch, rest_time: options.rest_time, timeout_ms: options.timeout_ms }
    }
}

/// The secret that `create` is given.
#[napi(object, object_to_js = false)]
pub struct NativeNewSecret {
    pub key: String,
    pub value: String,
    pub environment_name: Option<String>,
    pub description: Option<String>,
}

/// What `modify` is given. No environment means ALL.
#[napi(object, object_to_js = false)]
pub struct NativeSecretChange {
    pub value: Option<String>,
    pub environment_name: Option<String>,
    pub description: Option<String>,
}

/// The environment that `createEnvironment` is given.
#[napi(object, object_to_js = false)]
pub struct NativeNewEnvironment {
    pub name: String,
    pub external_url: String,
    pub description: Option<String>,
}

/// What `modifyEnvironment` is given.
#[napi(object, object_to_js = false)]
pub struct NativeEnvironmentChange {
    pub external_url: Option<String>,
    pub description: Option<String>,
}

impl From<NativeNewSecret> for NewSecret {
    fn from(secret: NativeNewSecret) -> Self {
        let NativeNewSecret { key, value, environment_name, description } = secret;
        Self { key, value: secret_text(value), environment_name, description }
    }
}

impl From<NativeSecretChange> for SecretChange {
    fn from(change: NativeSecretChange) -> Self {
        let NativeSecretChange { value, environment_name, description } = change;
        Self { value: value.map(secret_text), environment_name, description }
    }
}

impl From<NativeNewEnvironment> for NewEnvironment {
    fn from(environment: NativeNewEnvironment) -> Self {
        let NativeNewEnvironment { name, external_url, description } = environment;
        Self { name, external_url, description }
    }
}

impl From<NativeEnvironmentChange> for EnvironmentChange {
    fn from(change: NativeEnvironmentChange) -> Self {
        let NativeEnvironmentChange { external_url, description } = change;
        Self { external_url, description }
    }
}
