//! How long ago something happened, within a process and from one process to the next.

use std::{
    fs,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// A moment in the past, which may be before this process began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Past {
    since: Instant,
    before: Duration,
}

impl Past {
    pub(crate) fn now() -> Self {
        Self::ago(Duration::ZERO)
    }

    pub(crate) fn ago(age: Duration) -> Self {
        Self { since: Instant::now(), before: age }
    }

    pub(crate) fn age(self) -> Duration {
        self.since.elapsed().saturating_add(self.before)
    }

    /// The moment that was `earlier` before this one.
    pub(crate) fn before(self, earlier: Duration) -> Self {
        Self { before: self.before.saturating_add(earlier), ..self }
    }

    /// Whether it was after `moment`. Reads no clock, so that nothing passes between two looks at one.
    pub(crate) fn is_after(self, moment: Instant) -> bool {
        moment.checked_add(self.before).is_some_and(|moment| moment < self.since)
    }
}

/// A moment that another process can tell the age of.
///
/// The wall clock can be set back, and what looks young then is not. So the time since the machine was started stands
/// beside it, where the system tells that, and the older answer counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    /// Since the Unix epoch.
    wall: Duration,
    uptime: Option<Uptime>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Uptime {
    boot_id: String,
    since_boot: Duration,
}

impl Stamp {
    pub(crate) fn now() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { wall, uptime: Uptime::now() }
    }

    /// How long ago it was; `None` if it is in the future, so that nobody knows.
    pub(crate) fn age(&self) -> Option<Duration> {
        self.age_at(&Self::now())
    }

    fn age_at(&self, now: &Self) -> Option<Duration> {
        let by_wall = now.wall.checked_sub(self.wall)?;
        let by_uptime = match (&self.uptime, &now.uptime) {
            (Some(then), Some(now)) if then.boot_id == now.boot_id => {
                now.since_boot.checked_sub(then.since_boot)?
            }
            _ => Duration::ZERO,
        };
        Some(by_wall.max(by_uptime))
    }
}

impl Uptime {
    /// Linux tells it in two small files; `/proc/uptime` goes on while the machine sleeps.
    fn now() -> Option<Self> {
        let boot_id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let uptime = fs::read_to_string("/proc/uptime").ok()?;
        let seconds: f64 = uptime.split_whitespace().next()?.parse().ok()?;
        let since_boot = Duration::try_from_secs_f64(seconds).ok()?;
        Some(Self { boot_id: boot_id.trim().to_owned(), since_boot })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(wall: u64, uptime: Option<(&str, u64)>) -> Stamp {
        let uptime = uptime.map(|(boot_id, seconds)| Uptime {
            boot_id: boot_id.to_owned(),
            since_boot: Duration::from_secs(seconds),
        });
        Stamp { wall: Duration::from_secs(wall), uptime }
    }

    fn age(then: &Stamp, now: &Stamp) -> Option<u64> {
        then.age_at(now).map(|age| age.as_secs())
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nothing_younger() {
        let then = stamp(1000, Some(("a", 50)));
        assert_eq!(age(&then, &stamp(1010, Some(("a", 60)))), Some(10));
        assert_eq!(age(&then, &stamp(1001, Some(("a", 350)))), Some(300));
        assert_eq!(age(&then, &stamp(999, Some(("a", 350)))), None);
        assert_eq!(age(&then, &stamp(1300, Some(("a", 51)))), Some(300));
    }

    #[test]
    fn after_a_restart_only_the_wall_clock_is_left() {
        let then = stamp(1000, Some(("a", 50)));
        assert_eq!(age(&then, &stamp(1010, Some(("b", 5)))), Some(10));
        assert_eq!(age(&then, &stamp(1010, None)), Some(10));
        assert_eq!(age(&then, &stamp(990, Some(("b", 5)))), None);
    }

    #[test]
    fn moments_are_compared_without_a_clock() {
        let moment = Instant::now();
        let later = Past { since: moment + Duration::from_secs(10), before: Duration::ZERO };
        assert!(later.is_after(moment));
        assert!(later.before(Duration::from_secs(9)).is_after(moment));
        assert!(!later.before(Duration::from_secs(10)).is_after(moment));
        assert!(!later.before(Duration::MAX).is_after(moment));
    }

    #[test]
    fn the_present_is_young() {
        assert!(Stamp::now().age().is_some_and(|age| age < Duration::from_secs(60)));
    }
}
