//! How often one may call.

use std::{
    fmt,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};

use super::error::ApiError;

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

/// The same rate for each access key, and for each address whose calls are refused; or none.
#[derive(Debug)]
pub(super) struct RateLimits {
    calls: Option<Limiter<String>>,
    refusals: Option<Limiter<IpAddr>>,
}

impl RateLimits {
    pub(super) fn new(rate: Option<Rate>) -> Self {
        Self { calls: rate.map(Limiter::new), refusals: rate.map(Limiter::new) }
    }

    /// Counts a call of an access key.
    pub(super) fn count_call(&self, access_key_id: &str) -> Result<(), ApiError> {
        self.calls.as_ref().map_or(Ok(()), |calls| calls.count(&access_key_id.to_owned()))
    }

    /// Counts a call that is going to be refused.
    pub(super) fn count_refusal(&self, address: IpAddr) -> Result<(), ApiError> {
        self.refusals.as_ref().map_or(Ok(()), |refusals| refusals.count(&subscriber(address)))
    }
}

/// A subscriber has one IPv4 address, and at least 2^64 IPv6 addresses.
fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// Counts per key, and forgets keys that have been quiet for a second.
struct Limiter<K: Hash + Eq + Clone> {
    counts: DefaultKeyedRateLimiter<K>,
    counted: AtomicU32,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// Sweeping costs as much as there are keys, so it waits for as many calls.
    const SWEEP_EVERY: u32 = 4096;

    fn new(rate: Rate) -> Self {
        let counts = RateLimiter::keyed(Quota::per_second(rate.0));
        Self { counts, counted: AtomicU32::new(0) }
    }

    fn count(&self, key: &K) -> Result<(), ApiError> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % Self::SWEEP_EVERY == Self::SWEEP_EVERY - 1 {
            self.counts.retain_recent();
            self.counts.shrink_to_fit();
        }
        self.counts
            .check_key(key)
            .map_err(|until| ApiError::too_many(until.wait_time_from(self.counts.clock().now())))
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for Limiter<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_calls_per_second() {
        assert_eq!("50/s".parse::<Rate>().unwrap().to_string(), "50/s");
        for text in ["50", "0/s", "-1/s", "1.5/s", "/s", ""] {
            assert_eq!(text.parse::<Rate>(), Err(RateError), "{text}");
        }
    }

    #[test]
    fn neighbours_in_an_ipv6_network_count_as_one() {
        let limits = RateLimits::new("1/s".parse().ok());
        let refuse = |address: &str| limits.count_refusal(address.parse().unwrap());
        assert!(refuse("2001:db8::1").is_ok());
        assert!(refuse("2001:db8::2").is_err());
        assert!(refuse("2001:db8:0:1::1").is_ok());
        assert!(refuse("192.0.2.1").is_ok());
        assert!(refuse("192.0.2.2").is_ok());
        assert!(refuse("192.0.2.1").is_err());
    }

    #[test]
    fn forgets_who_is_quiet() {
        // At this rate a key is quiet again at once.
        let limiter = Limiter::new("1000000/s".parse().unwrap());
        for key in 0..Limiter::<u32>::SWEEP_EVERY * 4 {
            assert!(limiter.count(&key).is_ok());
        }
        assert!(limiter.counts.len() <= Limiter::<u32>::SWEEP_EVERY as usize);
    }
}
