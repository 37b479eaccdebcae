//! The class `Locker`, as `index.js` uses it.
//!
//! A verb and its `Sync` twin stand next to each other and share the body that makes their future.

use std::{collections::HashMap, time::Duration};

use locker_core::{CallOptions, Config, Error};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use secrecy::zeroize::Zeroize;

use crate::{
    batch::SecretBatch,
    cancel::CancelHandle,
    convert::{EnvironmentRecord, SecretRecord, SecretText},
    error,
    log::{LogQueue, LogRecord, Wake},
    options::{
        NativeCallOptions, NativeEnvironmentChange, NativeNewEnvironment, NativeNewSecret, NativeOptions,
        NativeSecretChange,
    },
    parts::SecretParts,
    reply::{Reply, promise, wait},
    watch::NativeWatch,
};

/// A promise of what a call gives; it is rejected with whatever goes wrong.
type Promise<'env, T> = napi::Result<PromiseRaw<'env, Reply<T>>>;

/// A client of one project.
#[napi]
pub struct NativeLocker {
    core: locker_core::Locker,
    log: LogQueue,
}

#[napi]
impl NativeLocker {
    /// A client with these options, and with the environment variables that stand in for what they leave out.
    ///
    /// # Errors
    /// An option that is unusable.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        env: &Env,
        options: NativeOptions,
        mut variables: HashMap<String, String>,
        wake: Wake,
    ) -> napi::Result<Self> {
        let log = LogQueue::default();
        let config = Config::new(options.into_core(log.sink(wake)), |name| variables.get(name).cloned());
        // One of them may be the secret of the access key.
        variables.values_mut().for_each(Zeroize::zeroize);
        let config = config.map_err(|problem| error::to_js(env, &problem))?;
        Ok(Self { core: locker_core::Locker::new(config), log })
    }

    /// The log records since the last time; null if there are none.
    #[napi(catch_unwind)]
    pub fn take_log_records(&self) -> Option<Vec<LogRecord>> {
        self.log.take()
    }

    /// Begins to watch the project, looking every `interval_ms`, and calls `wake` when there is something to take.
    ///
    /// # Errors
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn watch(
        &self,
        interval_ms: f64,
        options: Option<NativeCallOptions>,
        wake: Wake,
    ) -> napi::Result<NativeWatch> {
        let interval = Duration::from_secs_f64(interval_ms / 1000.0);
        NativeWatch::start(self.core.watcher(), interval, call_options(options), wake)
    }

    /// Forgets what was read, in memory and on disk.
    ///
    /// # Errors
    /// Only if the promise itself cannot be made.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn clear_cache<'env>(&self, env: &'env Env) -> Promise<'env, ()> {
        promise(env, None, self.clear_cache_call())
    }

    /// Forgets what was read, in memory and on disk.
    #[napi(catch_unwind, ts_return_type = "void")]
    pub fn clear_cache_sync(&self) -> Reply<()> {
        wait(self.clear_cache_call())
    }

    /// Begins to read every secret, or those of one environment.
    ///
    /// # Errors
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn list(
        &self,
        environment: Option<String>,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> napi::Result<SecretParts> {
        let (core, options) = (self.core.clone(), call_options(options));
        SecretParts::start(cancel, |parts| async move {
            core.list_in_parts(environment.as_deref(), &options, |part| parts.give(part)).await
        })
    }

    /// Every secret, or those of one environment.
    #[napi(catch_unwind, ts_return_type = "SecretBatch")]
    pub fn list_sync(
        &self,
        environment: Option<String>,
        options: Option<NativeCallOptions>,
    ) -> Reply<SecretBatch> {
        wait(self.list_call(environment, options))
    }

    /// The value of a secret, or null.
    ///
    /// # Errors
    /// Only if the promise itself cannot be made.
    #[napi(ts_return_type = "Promise<string | null>")]
    pub fn get<'env>(
        &self,
        env: &'env Env,
        key: String,
        environment: Option<String>,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> Promise<'env, Option<SecretText>> {
        let options = call_options(options);
        match self.core.get_kept(&key, environment.as_deref(), &options) {
            Some(kept) => PromiseRaw::resolve(env, Ok(kept.map(SecretText::from)).into()),
            None => promise(env, cancel, self.get_call(key, environment, options)),
        }
    }

    /// The value of a secret, or null.
    #[napi(catch_unwind, ts_return_type = "string | null")]
    pub fn get_sync(
        &self,
        key: String,
        environment: Option<String>,
        options: Option<NativeCallOptions>,
    ) -> Reply<Option<SecretText>> {
        let options = call_options(options);
        match self.core.get_kept(&key, environment.as_deref(), &options) {
            Some(kept) => Ok(kept.map(SecretText::from)).into(),
            None => wait(self.get_call(key, environment, options)),
        }
    }

    /// A whole secret.
    ///
    /// # Errors
    /// Only if the promise itself cannot be made.
    #[napi(ts_return_type = "Promise<SecretRecord>")]
    pub fn retrieve<'env>(
        &self,
        env: &'env Env,
        key: String,
        environment: Option<String>,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> Promise<'env, SecretRecord> {
        promise(env, cancel, self.retrieve_call(key, environment, options))
    }

    /// A whole secret.
    #[napi(catch_unwind, ts_return_type = "SecretRecord")]
    pub fn retrieve_sync(
        &self,
        key: String,
        environment: Option<String>,
        options: Option<NativeCallOptions>,
    ) -> Reply<SecretRecord> {
        wait(self.retrieve_call(key, environment, options))
    }

    /// Creates a secret.
    ///
    /// # Errors
    /// Only if the promise itself cannot be made.
    #[napi(ts_return_type = "Promise<SecretRecord>")]
    pub fn create<'env>(
        &self,
        env: &'env Env,
        secret: NativeNewSecret,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> Promise<'env, SecretRecord> {
        promise(env, cancel, self.create_call(secret, options))
    }

    /// Creates a secret.
    #[napi(catch_unwind, ts_return_type = "SecretRecord")]
    pub fn create_sync(
        &self,
        secret: NativeNewSecret,
        options: Option<NativeCallOptions>,
    ) -> Reply<SecretRecord> {
        wait(self.create_call(secret, options))
    }

    /// Changes a secret.
    ///
    /// # Errors
    /// Only if the promise itself cannot be made.
    #[napi(ts_return_type = "Promise<SecretRecord>")]
    pub fn modify<'env>(
        &self,
        env: &'env Env,
        key: String,
        environment: Option<String>,
        change: NativeSecretChange,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> Promise<'env, SecretRecord> {
        promise(env, cancel, self.modify_call(key, environment, change, options))
    }

    /// Changes a secret.
    #[napi(catch_unwind, ts_return_type = "SecretRecord")]
    pub fn modify_sync(
        &self,
        key: String,
        environment: Option<String>,
        change: NativeSecretChange,
        options: Option<NativeCallOptions>,
    ) -> Reply<SecretRecord> {
        wait(self.modify_call(key, environment, change, options))
    }

    /// Every environment.
    ///
    /// # Errors
    /// Only if the promise itself cannot be made.
    #[napi(ts_return_type = "Promise<EnvironmentRecord[]>")]
    pub fn list_environments<'env>(
        &self,
        env: &'env Env,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> Promise<'env, Vec<EnvironmentRecord>> {
        promise(env, cancel, self.list_environments_call(options))
    }

    /// Every environment.
    #[napi(catch_unwind, ts_return_type = "EnvironmentRecord[]")]
    pub fn list_environments_sync(
        &self,
        options: Option<NativeCallOptions>,
    ) -> Reply<Vec<EnvironmentRecord>> {
        wait(self.list_environments_call(options))
    }

    /// An environment, or null.
    ///
    /// # Errors
    /// Only if the promise itself cannot be made.
    #[napi(ts_return_type = "Promise<EnvironmentRecord | null>")]
    pub fn get_environment<'env>(
        &self,
        env: &'env Env,
        name: String,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> Promise<'env, Option<EnvironmentRecord>> {
        promise(env, cancel, self.get_environment_call(name, options))
    }

    /// An environment, or null.
    #[napi(catch_unwind, ts_return_type = "EnvironmentRecord | null")]
    pub fn get_environment_sync(
        &self,
        name: String,
        options: Option<NativeCallOptions>,
    ) -> Reply<Option<EnvironmentRecord>> {
        wait(self.get_environment_call(name, options))
    }

    /// Creates an environment.
    ///
    /// # Errors
    /// Only if the promise itself cannot be made.
    #[napi(ts_return_type = "Promise<EnvironmentRecord>")]
    pub fn create_environment<'env>(
        &self,
        env: &'env Env,
        environment: NativeNewEnvironment,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> Promise<'env, EnvironmentRecord> {
        promise(env, cancel, self.create_environment_call(environment, options))
    }

    /// Creates an environment.
    #[napi(catch_unwind, ts_return_type = "EnvironmentRecord")]
    pub fn create_environment_sync(
        &self,
        environment: NativeNewEnvironment,
        options: Option<NativeCallOptions>,
    ) -> Reply<EnvironmentRecord> {
        wait(self.create_environment_call(environment, options))
    }

    /// Changes an environment.
    ///
    /// # Errors
    /// Only if the promise itself cannot be made.
    #[napi(ts_return_type = "Promise<EnvironmentRecord>")]
    pub fn modify_environment<'env>(
        &self,
        env: &'env Env,
        name: String,
        change: NativeEnvironmentChange,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> Promise<'env, EnvironmentRecord> {
        promise(env, cancel, self.modify_environment_call(name, change, options))
    }

    /// Changes an environment.
    #[napi(catch_unwind, ts_return_type = "EnvironmentRecord")]
    pub fn modify_environment_sync(
        &self,
        name: String,
        change: NativeEnvironmentChange,
        options: Option<NativeCallOptions>,
    ) -> Reply<EnvironmentRecord> {
        wait(self.modify_environment_call(name, change, options))
    }
}

fn call_options(given: Option<NativeCallOptions>) -> CallOptions {
    given.unwrap_or_default().into()
}

/// The bodies that a verb and its `Sync` twin share.
impl NativeLocker {
    fn clear_cache_call(&self) -> impl Future<Output = Result<(), Error>> + Send + use<> {
        let core = self.core.clone();
        async move { core.clear_cache().await }
    }

    fn list_call(
        &self,
        environment: Option<String>,
        options: Option<NativeCallOptions>,
    ) -> impl Future<Output = Result<SecretBatch, Error>> + Send + use<> {
        let (core, options) = (self.core.clone(), call_options(options));
        async move { core.list(environment.as_deref(), &options).await.map(SecretBatch::from) }
    }

    fn get_call(
        &self,
        key: String,
        environment: Option<String>,
        options: CallOptions,
    ) -> impl Future<Output = Result<Option<SecretText>, Error>> + Send + use<> {
        let core = self.core.clone();
        async move {
            let value = core.get(&key, environment.as_deref(), &options).await?;
            Ok(value.map(SecretText::from))
        }
    }

    fn retrieve_call(
        &self,
        key: String,
        environment: Option<String>,
        options: Option<NativeCallOptions>,
    ) -> impl Future<Output = Result<SecretRecord, Error>> + Send + use<> {
        let (core, options) = (self.core.clone(), call_options(options));
        async move { core.retrieve(&key, environment.as_deref(), &options).await.map(SecretRecord::from) }
    }

    fn create_call(
        &self,
        secret: NativeNewSecret,
        options: Option<NativeCallOptions>,
    ) -> impl Future<Output = Result<SecretRecord, Error>> + Send + use<> {
        let (core, options) = (self.core.clone(), call_options(options));
        async move { core.create(&secret.into(), &options).await.map(SecretRecord::from) }
    }

    fn modify_call(
        &self,
        key: String,
        environment: Option<String>,
        change: NativeSecretChange,
        options: Option<NativeCallOptions>,
    ) -> impl Future<Output = Result<SecretRecord, Error>> + Send + use<> {
        let (core, options) = (self.core.clone(), call_options(options));
        async move {
            let environment = environment.as_deref();
            core.modify(&key, environment, &change.into(), &options).await.map(SecretRecord::from)
        }
    }

    fn list_environments_call(
        &self,
        options: Option<NativeCallOptions>,
    ) -> impl Future<Output = Result<Vec<EnvironmentRecord>, Error>> + Send + use<> {
        let (core, options) = (self.core.clone(), call_options(options));
        async move {
            let environments = core.list_environments(&options).await?;
            Ok(environments.into_iter().map(EnvironmentRecord::from).collect())
        }
    }

    fn get_environment_call(
        &self,
        name: String,
        options: Option<NativeCallOptions>,
    ) -> impl Future<Output = Result<Option<EnvironmentRecord>, Error>> + Send + use<> {
        let (core, options) = (self.core.clone(), call_options(options));
        async move {
            let environment = core.get_environment(&name, &options).await?;
            Ok(environment.map(EnvironmentRecord::from))
        }
    }

    fn create_environment_call(
        &self,
        environment: NativeNewEnvironment,
        options: Option<NativeCallOptions>,
    ) -> impl Future<Output = Result<EnvironmentRecord, Error>> + Send + use<> {
        let (core, options) = (self.core.clone(), call_options(options));
        async move { core.create_environment(&environment.into(), &options).await.map(EnvironmentRecord::from) }
    }

    fn modify_environment_call(
        &self,
        name: String,
        change: NativeEnvironmentChange,
        options: Option<NativeCallOptions>,
    ) -> impl Future<Output = Result<EnvironmentRecord, Error>> + Send + use<> {
        let (core, options) = (self.core.clone(), call_options(options));
        async move { core.modify_environment(&name, &change.into(), &options).await.map(EnvironmentRecord::from) }
    }
}
