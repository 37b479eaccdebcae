//! How often one may call.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use governor::{DefaultKeyedRateLimiter, RateLimiter, clock::Clock};
use sha2::{Digest, Sha256};

use super::{error::ApiError, leases::Leases};
use crate::{
    domain::DomainError,
    store::{Quota, Store, Timestamp},
};

/// A number of calls per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(NonZeroU32);

/// A text is no [`Rate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a whole number of calls per second, at least 1, such as 50/s")]
pub struct RateError;

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        text.strip_suffix("/s").and_then(|number| number.parse().ok()).map(Self).ok_or(RateError)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

impl Rate {
    fn quota(self) -> Quota {
        let micros = 1_000_000_u32.div_ceil(self.0.get());
        Quota { burst: self.0.get(), interval: Duration::from_micros(micros.into()) }
    }
}

/// The same rate for each access key, and for each address whose calls are refused; or none.
#[derive(Debug)]
pub(super) struct RateLimits {
    store: Store,
    calls: Option<Limiter>,
    refusals: Option<Limiter>,
}

impl RateLimits {
    pub(super) fn new(rate: Option<Rate>, store: &Store) -> Self {
        let limiter = |kind| rate.map(|rate| Limiter::new(kind, rate, store));
        Self { calls: limiter("call"), refusals: limiter("refusal"), store: store.clone() }
    }

    /// Counts a call of an access key.
    pub(super) async fn count_call(&self, access_key_id: &str) -> Result<(), ApiError> {
        self.count(self.calls.as_ref(), access_key_id).await
    }

    /// Counts a call that is going to be refused.
    pub(super) async fn count_refusal(&self, address: IpAddr) -> Result<(), ApiError> {
        self.count(self.refusals.as_ref(), &subscriber(address).to_string()).await
    }

    async fn count(&self, limiter: Option<&Limiter>, subject: &str) -> Result<(), ApiError> {
        let counted = match limiter {
            None => Ok(()),
            Some(Limiter::Own(counts)) => counts.count(subject),
            Some(Limiter::Shared(leases)) => leases
                .take(subject, Timestamp::now, async |take| self.store.take(&[take]).await)
                .await
                .map_err(DomainError::from)?,
        };
        counted.map_err(ApiError::too_many)
    }
}

/// Where is counted.
#[derive(Debug)]
enum Limiter {
    /// Here, because no other server has the database.
    Own(Counts),
    /// In the database.
    Shared(Leases),
}

impl Limiter {
    fn new(kind: &'static str, rate: Rate, store: &Store) -> Self {
        if store.is_shared() {
            Self::Shared(Leases::new(kind, rate.quota()))
        } else {
            Self::Own(Counts::new(rate))
        }
    }
}

/// What the database knows a subject as. It need not say who has tried to do what.
pub(super) fn subject(kind: &str, name: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("locker-server rate limit\0{kind}\0{name}")))
}

/// A subscriber has one IPv4 address, and at least 2^64 IPv6 addresses.
pub(super) fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// Counts per subject, and forgets subjects that have been quiet for a second.
struct Counts {
    counts: DefaultKeyedRateLimiter<String>,
    counted: AtomicU32,
}

impl Counts {
    /// Sweeping costs as much as there are subjects, so it waits for as many calls.
    const SWEEP_EVERY: u32 = 4096;

    fn new(rate: Rate) -> Self {
        let counts = RateLimiter::keyed(governor::Quota::per_second(rate.0));
        Self { counts, counted: AtomicU32::new(0) }
    }

    fn count(&self, subject: &str) -> Result<(), Duration> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % Self::SWEEP_EVERY == Self::SWEEP_EVERY - 1 {
            self.counts.retain_recent();
            self.counts.shrink_to_fit();
        }
        self.counts
            .check_key(&subject.to_owned())
            .map_err(|until| until.wait_time_from(self.counts.clock().now()))
    }
}

impl fmt::Debug for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counts").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Database;

    #[test]
    fn a_rate_is_calls_per_second() {
        assert_eq!("50/s".parse::<Rate>().unwrap().to_string(), "50/s");
        for text in ["50", "0/s", "-1/s", "1.5/s", "/s", ""] {
            assert_eq!(text.parse::<Rate>(), Err(RateError), "{text}");
        }
    }

    #[tokio::test]
    async fn neighbours_in_an_ipv6_network_count_as_one() {
        let store = Store::open(&Database::SqliteMemory).await.unwrap();
        let limits = RateLimits::new("1/s".parse().ok(), &store);
        let refuse = async |address: &str| limits.count_refusal(address.parse().unwrap()).await;
        assert!(refuse("2001:db8::1").await.is_ok());
        assert!(refuse("2001:db8::2").await.is_err());
        assert!(refuse("2001:db8:0:1::1").await.is_ok());
        assert!(refuse("192.0.2.1").await.is_ok());
        assert!(refuse("192.0.2.2").await.is_ok());
        assert!(refuse("192.0.2.1").await.is_err());
    }

    #[test]
    fn a_quota_is_no_more_than_its_rate() {
        let interval = |text: &str| text.parse::<Rate>().unwrap().quota().interval;
        assert_eq!(interval("1/s"), Duration::from_secs(1));
        assert_eq!(interval("300/s"), Duration::from_micros(3334));
        assert_eq!(interval("4000000000/s"), Duration::from_micros(1));
    }

    #[test]
    fn forgets_who_is_quiet() {
        // At this rate a key is quiet again at once.
        let counts = Counts::new("1000000/s".parse().unwrap());
        for subject in 0..Counts::SWEEP_EVERY * 4 {
            assert!(counts.count(&subject.to_string()).is_ok());
        }
        assert!(counts.counts.len() <= Counts::SWEEP_EVERY as usize);
    }
}
