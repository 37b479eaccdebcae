//! The one place that speaks HTTP: limits, retries, TLS and proxies.

mod answer;
mod authorization;
mod body;
mod buffers;
mod connect;
mod deadline;
mod http_client;
mod retry;
mod tls;

use std::{sync::Arc, time::Instant};

use futures_util::FutureExt;
use http::Method;
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::OnceCell;

use self::{
    answer::{Answered, NoAnswer},
    buffers::Buffers,
    http_client::HttpClient,
    retry::RetryPolicy,
};
pub(crate) use self::{
    authorization::{AccessKeyId, Authorization, Refusals, sensitive},
    deadline::Deadline,
};
use crate::{
    config::Connection,
    error::{Error, ErrorKind},
    log::RequestRecord,
};

/// What is told when nobody knows whether a write happened.
const OUTCOME_UNKNOWN: &str =
    "It is not known whether the server carried out the write: read before you repeat it.";

/// Sends requests to one API base, in the name of one caller.
pub(crate) struct Transport<A> {
    connection: Connection,
    caller: A,
    retry: RetryPolicy,
    buffers: Arc<Buffers>,
    /// Made by the first request, because it reads certificates from files.
    client: OnceCell<HttpClient>,
}

impl<A: Authorization> Transport<A> {
    pub(crate) fn new(connection: Connection, caller: A) -> Self {
        let retry = RetryPolicy { max_retries: connection.max_retries };
        Self { connection, caller, retry, buffers: Arc::default(), client: OnceCell::new() }
    }

    pub(crate) fn caller(&self) -> &A {
        &self.caller
    }

    /// The deadline of a call that begins now and has none of its own.
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline::after(self.connection.timeout)
    }

    /// Reads `path` (with its query, relative to the API base), again if that may help and the deadline allows.
    pub(crate) async fn read<T>(&self, path: &str, deadline: Deadline) -> Result<T, Error>
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.read_with(path, deadline, |json| serde_json::from_str(json)).await
    }

    /// As [`Transport::read`], for an answer that `parse` understands.
    pub(crate) async fn read_with<T: Send + 'static>(
        &self,
        path: &str,
        deadline: Deadline,
        parse: impl Fn(&str) -> serde_json::Result<T> + Clone + Send + 'static,
    ) -> Result<T, Error> {
        let mut attempt = 1;
        loop {
            let outcome = match self.attempt(Method::GET, path, None, attempt, deadline).await {
                Ok(answer) => answer.parse_aside(parse.clone()).await,
                Err(failed) => Err(failed.error),
            };
            let error = match outcome {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let Some(delay) = self.retry.delay(attempt, &error, deadline.remaining()) else {
                return Err(error);
            };
            self.connection.log.debug(format_args!("trying again in {} ms: {error}", delay.as_millis()));
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }

    /// Asks, once, what does not fit into a path and changes nothing.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        deadline: Deadline,
    ) -> Result<T, Error> {
        let answer = self.attempt(Method::POST, path, Some(json(body)?), 1, deadline).await;
        answer.map_err(|failed| failed.error)?.into_json()
    }

    /// Sends a write exactly once.
    pub(crate) async fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        deadline: Deadline,
    ) -> Result<T, Error> {
        self.write_once(method, path, Some(json(body)?), deadline, Answered::into_json).await
    }

    /// Deletes what is at `path`, exactly once.
    pub(crate) async fn delete(&self, path: &str, deadline: Deadline) -> Result<(), Error> {
        self.write_once(Method::DELETE, path, None, deadline, Answered::into_nothing).await
    }

    async fn write_once<T>(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        deadline: Deadline,
        content: impl FnOnce(Answered) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let answer = match self.attempt(method, path, body, 1, deadline).await {
            Ok(answer) => answer,
            Err(failed) if failed.may_have_arrived => return Err(failed.error.with_note(OUTCOME_UNKNOWN)),
            Err(failed) => return Err(failed.error),
        };
        // A server that failed, or a gateway before it, may have done so after the write.
        let may_be_done = answer.is_success() || answer.is_failure();
        content(answer).map_err(|error| if may_be_done { error.with_note(OUTCOME_UNKNOWN) } else { error })
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
            let headers = self.caller.headers().map_err(NoAnswer::not_sent)?;
            let response = client.send(method.clone(), path, headers, body).await?;
            self.caller.note(response.headers());
            Answered::receive(response, A::REFUSALS, &self.buffers).await
        };
        let started = Instant::now();
        let outcome = deadline.limit(send).await;
        let outcome = outcome.unwrap_or_else(|timeout| Err(NoAnswer::interrupted(timeout)));
        self.connection.log.request(|| RequestRecord {
            method: method.to_string(),
            path: path.split('?').next().unwrap_or_default().to_owned(),
            status: outcome.as_ref().ok().and_then(Answered::status),
            duration: started.elapsed(),
            attempt,
            request_id: outcome.as_ref().ok().and_then(|answer| answer.request_id().map(str::to_owned)),
        });
        outcome
    }

    async fn client(&self) -> Result<&HttpClient, Error> {
        // Boxed, so that calls that find it made do not have room for its making.
        self.client.get_or_try_init(|| HttpClient::new(&self.connection).boxed()).await
    }
}

fn json(body: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(body).map_err(|source| {
        Error::new(ErrorKind::Other, "the request cannot be written as JSON").with_source(source)
    })
}
