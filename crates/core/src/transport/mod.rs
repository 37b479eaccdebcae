//! The one place that speaks HTTP: limits, retries, TLS and proxies.

mod answer;
mod deadline;
mod http_client;
mod retry;
mod tls;

use std::{sync::Arc, time::Instant};

use http::{Method, header};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::OnceCell;

pub(crate) use self::deadline::Deadline;
use self::{
    answer::{Answered, NoAnswer},
    retry::RetryPolicy,
};
use crate::{
    config::Config,
    error::{Error, ErrorKind},
    log::{Log, RequestRecord},
};

/// What is told when nobody knows whether a write happened.
const OUTCOME_UNKNOWN: &str =
    "It is not known whether the server carried out the write: read before you repeat it.";

/// Sends requests to one API base with one access key.
pub(crate) struct Transport {
    config: Arc<Config>,
    log: Log,
    retry: RetryPolicy,
    /// Made by the first request, because it reads certificates from files.
    client: OnceCell<reqwest::Client>,
}

impl Transport {
    pub(crate) fn new(config: Arc<Config>, log: Log) -> Self {
        let retry = RetryPolicy { max_retries: config.max_retries };
        Self { config, log, retry, client: OnceCell::new() }
    }

    /// Reads `path` (with its query, relative to the API base), again if that may help and the deadline allows.
    pub(crate) async fn read<T: DeserializeOwned>(&self, path: &str, deadline: Deadline) -> Result<T, Error> {
        let mut attempt = 1;
        loop {
            let outcome = self.attempt(Method::GET, path, None, attempt, deadline).await;
            let error = match outcome.map_err(|failed| failed.error).and_then(Answered::into_json) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let Some(delay) = self.retry.delay(attempt, &error, deadline.remaining()) else {
                return Err(error);
            };
            self.log.debug(format_args!("trying again in {} ms: {error}", delay.as_millis()));
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }

    /// Sends a write exactly once.
    pub(crate) async fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        deadline: Deadline,
    ) -> Result<T, Error> {
        let body = serde_json::to_vec(body).map_err(|source| {
            Error::new(ErrorKind::Other, "the request cannot be written as JSON").with_source(source)
        })?;
        let answer = match self.attempt(method, path, Some(body), 1, deadline).await {
            Ok(answer) => answer,
            Err(failed) if failed.may_have_arrived => return Err(failed.error.with_note(OUTCOME_UNKNOWN)),
            Err(failed) => return Err(failed.error),
        };
        // A server that failed, or a gateway before it, may have done so after the write.
        let may_be_done = answer.is_success() || answer.is_failure();
        answer.into_json().map_err(|error| if may_be_done { error.with_note(OUTCOME_UNKNOWN) } else { error })
    }

    async fn attempt(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        attempt: u32,
        deadline: Deadline,
    ) -> Result<Answered, NoAnswer> {
        let send = async {
            let client = self.client().await.map_err(NoAnswer::not_sent)?;
            let url = format!("{}{path}", self.config.api_base.as_str().trim_end_matches('/'));
            let mut request = client.request(method.clone(), url);
            if let Some(body) = body {
                request = request.header(header::CONTENT_TYPE, "application/json").body(body);
            }
            Answered::receive(request.send().await?).await
        };
        let started = Instant::now();
        let outcome = deadline.limit(send).await;
        let outcome = outcome.unwrap_or_else(|timeout| Err(NoAnswer::interrupted(timeout)));
        self.log.request(|| RequestRecord {
            method: method.to_string(),
            path: path.split('?').next().unwrap_or_default().to_owned(),
            status: outcome.as_ref().ok().and_then(Answered::status),
            duration: started.elapsed(),
            attempt,
            request_id: outcome.as_ref().ok().and_then(|answer| answer.request_id().map(str::to_owned)),
        });
        outcome
    }

    async fn client(&self) -> Result<&reqwest::Client, Error> {
        let make = || http_client::make(Arc::clone(&self.config), self.log.clone());
        self.client.get_or_try_init(make).await
    }
}
