//! How often one may try to sign in.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{extract::FromRequestParts, http::request::Parts};

use super::{
    App,
    client_address::address_of,
    error::ApiError,
    rate_limit::{subject, subscriber},
};
use crate::{
    domain::{DomainError, fields::Email},
    store::{Quota, Store, Take},
};

/// Guesses at the password of an account from one address.
const PAIR: Quota = per_minute(10);
/// Guesses from one address.
const ADDRESS: Quota = per_minute(50);
/// Guesses at the password of an account. So many that one address, or a few, cannot lock its owner out.
const ACCOUNT: Quota = per_minute(100);

/// So many at once, then so many a minute.
const fn per_minute(permits: u32) -> Quota {
    Quota { burst: permits, interval: Duration::from_micros(60_000_000 / permits as u64) }
}

/// Counts attempts to sign in, in the database: each is worth a write, and no server forgets them in a restart.
#[derive(Debug)]
pub(super) struct SignInLimit {
    store: Store,
    address: IpAddr,
}

impl FromRequestParts<Arc<App>> for SignInLimit {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        Ok(Self { store: app.store.clone(), address: address_of(parts, app) })
    }
}

impl SignInLimit {
    /// Counts an account that is about to be made: it costs as much as an attempt to sign in, and tells as well who has
    /// an account already.
    pub(super) async fn count_sign_up(self) -> Result<(), ApiError> {
        let takes = [take("sign-up from an address", &subscriber(self.address).to_string(), ADDRESS)];
        let taken = self.store.take(&takes).await.map_err(DomainError::from)?;
        taken.map_err(ApiError::too_many)
    }

    /// Counts an attempt, before a password is looked at. It stays counted unless it succeeds.
    pub(super) async fn begin(self, email: &Email) -> Result<SignInAttempt, ApiError> {
        let (address, email) = (subscriber(self.address).to_string(), email.as_str());
        // In this order everywhere, so that two attempts never wait for each other.
        let takes = [
            take("sign-in from an address to an account", &format!("{address} {email}"), PAIR),
            take("sign-in from an address", &address, ADDRESS),
            take("sign-in to an account", email, ACCOUNT),
        ];
        let taken = self.store.take(&takes).await.map_err(DomainError::from)?;
        taken.map_err(ApiError::too_many)?;
        Ok(SignInAttempt { store: self.store, takes })
    }
}

fn take(kind: &str, name: &str, quota: Quota) -> Take {
    Take { subject: subject(kind, name), permits: 1, quota }
}

/// An attempt that has been counted.
#[derive(Debug)]
pub(super) struct SignInAttempt {
    store: Store,
    takes: [Take; 3],
}

impl SignInAttempt {
    /// Takes the attempt out of the count: who knows the password may sign in as often as they like.
    pub(super) async fn succeeded(self) {
        if let Err(error) = self.store.give_back(&self.takes).await {
            tracing::warn!(%error, "a successful sign-in stays counted as an attempt");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Database;

    async fn store() -> Store {
        Store::open(&Database::SqliteMemory).await.unwrap()
    }

    async fn attempt(store: &Store, email: &str, address: &str) -> Option<SignInAttempt> {
        let limit = SignInLimit { store: store.clone(), address: address.parse().unwrap() };
        limit.begin(&email.to_owned().try_into().unwrap()).await.ok()
    }

    /// How many of so many attempts are let through, `address` making an address of the number of one.
    async fn attempts(store: &Store, email: &str, count: u32, address: impl Fn(u32) -> String) -> usize {
        let mut begun = 0;
        for n in 0..count {
            begun += usize::from(attempt(store, email, &address(n)).await.is_some());
        }
        begun
    }

    #[tokio::test]
    async fn one_address_guesses_ten_times_at_an_account() {
        let store = store().await;
        assert_eq!(attempts(&store, "ann@example.com", 20, |_| "192.0.2.1".to_owned()).await, 10);
        // Neither the owner elsewhere nor the rest of the office is locked out.
        assert!(attempt(&store, "ANN@example.com", "192.0.2.2").await.is_some());
        assert!(attempt(&store, "bob@example.com", "192.0.2.1").await.is_some());
    }

    #[tokio::test]
    async fn one_address_guesses_fifty_times_at_all_accounts() {
        let store = store().await;
        let mut begun = 0;
        for n in 0..60 {
            let (email, address) = (format!("u{n}@example.com"), format!("2001:db8::{n}"));
            begun += usize::from(attempt(&store, &email, &address).await.is_some());
        }
        assert_eq!(begun, 50);
    }

    #[tokio::test]
    async fn all_addresses_guess_a_hundred_times_at_an_account() {
        let store = store().await;
        assert_eq!(attempts(&store, "ann@example.com", 110, |n| format!("2001:db8:{n}::1")).await, 100);
    }

    #[tokio::test]
    async fn a_success_does_not_count() {
        let store = store().await;
        for _ in 0..120 {
            let attempt = attempt(&store, "ann@example.com", "192.0.2.1").await.unwrap();
            attempt.succeeded().await;
        }
    }
}
