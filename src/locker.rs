//! The class `Locker`, as `index.js` uses it.
//!
//! A verb and its `Sync` twin stand next to each other and share the body that makes their future. The verb begins it and
//! gives its number, under which JavaScript learns of its end; the twin waits for that.

use std::{collections::HashMap, time::Duration};

use futures_util::{FutureExt, future};
use locker_core::{CallOptions, Config, Error, Part};
use napi::{
    Env,
    bindgen_prelude::{Array, Either, Function, Undefined},
};
use napi_derive::napi;
use secrecy::zeroize::Zeroize;

use crate::{
    batch::SecretBatch,
    calls::Calls,
    cancel::CancelHandle,
    convert::{EnvironmentRecord, Name, SecretRecord, SecretText},
    error,
    log::{LogQueue, LogRecord},
    options::{
        NativeCallOptions, NativeEnvironmentChange, NativeNewEnvironment, NativeNewSecret, NativeOptions,
        NativeSecretChange,
    },
    parts::SecretParts,
    reply::{Reply, wait},
    wake::{Bell, Wake},
    watch::NativeWatch,
};

/// The value of a secret or null, or undefined if the server has to be asked.
type Kept = Either<Option<SecretText>, Undefined>;

/// A client of one project.
#[napi]
pub struct NativeLocker {
    core: locker_core::Locker,
    log: LogQueue,
    pub(crate) calls: Calls,
}

#[napi]
impl NativeLocker {
    /// A client with these options, and with the environment variables that stand in for what they leave out. It calls `wake`
    /// when there is something to take.
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
        let (log, bell) = (LogQueue::default(), Bell::from(wake));
        let sink = log.sink(bell.clone());
        let config = Config::new(options.into_core(sink), |name| variables.get(name).cloned());
        // One of them may be the secret of the access key.
        variables.values_mut().for_each(Zeroize::zeroize);
        let config = config.map_err(|problem| error::to_js(env, &problem))?;
        Ok(Self { core: locker_core::Locker::new(config), log, calls: Calls::new(bell) })
    }

    /// The log records since the last time; null if there are none.
    #[napi(catch_unwind)]
    pub fn take_log_records(&self) -> Option<Vec<LogRecord>> {
        self.log.take()
    }

    /// The calls that have ended since the last time: for each its number, whether it failed, and its value or its error.
    /// Null if there are none.
    ///
    /// # Errors
    /// If JavaScript has no memory for them.
    #[napi(catch_unwind, ts_return_type = "(number | boolean | unknown)[] | null")]
    pub fn take_ended<'env>(&self, env: &'env Env) -> napi::Result<Option<Array<'env>>> {
        self.calls.take(env)
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
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn clear_cache(&self, env: &Env) -> napi::Result<u32> {
        self.calls.begin(env, None, self.clear_cache_call())
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
        SecretParts::start(self.calls.clone(), cancel, |parts| async move {
            let give = |part| parts.clone().give(part).boxed();
            core.list_in_parts(environment.as_deref(), &options, give).await
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

    /// A function that gives the value of a secret, if it is in memory and fresh: null if there is no such secret, and
    /// undefined if the server has to be asked. It is no method, because a method first makes sure of what it is called on,
    /// which takes as long as opening a text.
    ///
    /// # Errors
    /// If JavaScript has no memory for it.
    #[napi(
        catch_unwind,
        ts_return_type = "(key: string, environment: string | undefined, options: NativeCallOptions | undefined) => string | null | undefined"
    )]
    pub fn kept_reader<'env>(&self, env: &'env Env) -> napi::Result<Function<'env, (), Kept>> {
        let core = self.core.clone();
        env.create_function_from_closure("getKept", move |call| {
            let (key, environment, options) =
                call.args::<(Name, Option<Name>, Option<NativeCallOptions>)>()?;
            let environment = environment.as_ref().map(Name::as_str);
            let kept = core.get_kept(key.as_str(), environment, &call_options(options));
            Ok(kept.map_or(Either::B(()), |value| Either::A(value.map(SecretText::from))))
        })
    }

    /// The value of a secret, or null.
    ///
    /// # Errors
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn get(
        &self,
        env: &Env,
        key: String,
        environment: Option<String>,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> napi::Result<u32> {
        self.calls.begin(env, cancel, self.get_call(key, environment, options))
    }

    /// The value of a secret, or null.
    #[napi(catch_unwind, ts_return_type = "string | null")]
    pub fn get_sync(
        &self,
        key: String,
        environment: Option<String>,
        options: Option<NativeCallOptions>,
    ) -> Reply<Option<SecretText>> {
        wait(self.get_call(key, environment, options))
    }

    /// A whole secret.
    ///
    /// # Errors
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn retrieve(
        &self,
        env: &Env,
        key: String,
        environment: Option<String>,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> napi::Result<u32> {
        self.calls.begin(env, cancel, self.retrieve_call(key, environment, options))
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
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn create(
        &self,
        env: &Env,
        secret: NativeNewSecret,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> napi::Result<u32> {
        self.calls.begin(env, cancel, self.create_call(secret, options))
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
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn modify(
        &self,
        env: &Env,
        key: String,
        environment: Option<String>,
        change: NativeSecretChange,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> napi::Result<u32> {
        self.calls.begin(env, cancel, self.modify_call(key, environment, change, options))
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
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn list_environments(
        &self,
        env: &Env,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> napi::Result<u32> {
        self.calls.begin(env, cancel, self.list_environments_call(options))
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
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn get_environment(
        &self,
        env: &Env,
        name: String,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> napi::Result<u32> {
        self.calls.begin(env, cancel, self.get_environment_call(name, options))
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
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn create_environment(
        &self,
        env: &Env,
        environment: NativeNewEnvironment,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> napi::Result<u32> {
        self.calls.begin(env, cancel, self.create_environment_call(environment, options))
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
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn modify_environment(
        &self,
        env: &Env,
        name: String,
        change: NativeEnvironmentChange,
        options: Option<NativeCallOptions>,
        cancel: Option<&CancelHandle>,
    ) -> napi::Result<u32> {
        self.calls.begin(env, cancel, self.modify_environment_call(name, change, options))
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
        async move {
            let mut slices = Vec::new();
            let take = |part: Part| {
                if part.is_anew {
                    slices.clear();
                }
                slices.push(part.secrets);
                future::ready(()).boxed()
            };
            core.list_in_parts(environment.as_deref(), &options, take).await?;
            Ok(SecretBatch::from(slices))
        }
    }

    fn get_call(
        &self,
        key: String,
        environment: Option<String>,
        options: Option<NativeCallOptions>,
    ) -> impl Future<Output = Result<Option<SecretText>, Error>> + Send + use<> {
        let (core, options) = (self.core.clone(), call_options(options));
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
