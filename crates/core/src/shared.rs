//! Items that came together, in one allocation.

use std::{fmt, ops::Deref, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One of the items that came together. They are kept as long as one of them is, so that thousands cost one allocation.
pub(crate) struct Shared<T> {
    all: Arc<Vec<T>>,
    at: usize,
}

impl<T> Shared<T> {
    /// Each of these items.
    pub(crate) fn each(items: Vec<T>) -> impl ExactSizeIterator<Item = Self> {
        let all = Arc::new(items);
        (0..all.len()).map(move |at| Self { all: Arc::clone(&all), at })
    }

    /// An item that came alone.
    pub(crate) fn alone(item: T) -> Self {
        Self { all: Arc::new(vec![item]), at: 0 }
    }

    /// Whether both are the very same item.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.all, &other.all) && self.at == other.at
    }

    /// Whether most of the items that this one keeps are of no use to anybody.
    pub(crate) fn is_wasteful(&self) -> bool {
        Arc::strong_count(&self.all) < self.all.len().div_ceil(2)
    }
}

// Derived, it would ask that the items can be cloned, which are shared.
impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { all: Arc::clone(&self.all), at: self.at }
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.all[self.at]
    }
}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

/// Reads a list whose items share their memory.
pub(crate) fn together<'de, T, D>(deserializer: D) -> Result<Arc<[Shared<T>]>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Vec::deserialize(deserializer).map(|items| Shared::each(items).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_itself() {
        let shared: Vec<_> = Shared::each(vec!["a", "b"]).collect();
        assert_eq!((*shared[0], *shared[1], *Shared::alone("c")), ("a", "b", "c"));
        assert!(shared[1].is(&shared[1].clone()));
        assert!(!shared[0].is(&shared[1]));
        assert!(!shared[0].is(&Shared::alone("a")));
    }

    #[test]
    fn the_last_of_many_are_wasteful() {
        let mut shared: Vec<_> = Shared::each((0..10).collect()).collect();
        shared.truncate(5);
        assert!(!shared[0].is_wasteful());
        shared.truncate(4);
        assert!(shared[0].is_wasteful());
        assert!(!Shared::alone(1).is_wasteful());
    }
}
