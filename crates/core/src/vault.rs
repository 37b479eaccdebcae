//! The project's items as ciphertext, and how long ago they were read.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{crypto::NameHash, wire::Item};

/// How many names are remembered that were asked for one by one. An application that asks for more wants a list.
const MAX_LOOKED_UP: usize = 10_000;

/// Items of one kind, shared with the calls that are using them.
pub(crate) type Items<T> = Arc<[Arc<T>]>;

/// Which items a read asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Query {
    /// Every item of the project.
    All,
    /// The items of one name, in every environment.
    Name(NameHash),
}

/// The items of one kind. Only ciphertext is kept here; it is opened when a value is asked for.
pub(crate) struct Shelf<T> {
    /// Counts the writes. What was read before a write must not be kept after it.
    generation: u64,
    whole: Option<Whole<T>>,
    looked_up: HashMap<NameHash, (Instant, Items<T>)>,
}

struct Whole<T> {
    read_at: Instant,
    items: Items<T>,
    by_name: HashMap<Box<str>, Vec<Arc<T>>>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { generation: 0, whole: None, looked_up: HashMap::new() }
    }
}

impl<T: Item> Shelf<T> {
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// The items that `query` asks for, if they were read less than `max_age` ago.
    pub(crate) fn find(&self, query: &Query, max_age: Duration) -> Option<Items<T>> {
        let is_fresh = |read_at: Instant| read_at.elapsed() < max_age;
        let whole = self.whole.as_ref().filter(|whole| is_fresh(whole.read_at));
        match query {
            Query::All => whole.map(|whole| Arc::clone(&whole.items)),
            Query::Name(hash) => self
                .looked_up
                .get(hash)
                .filter(|(read_at, _)| is_fresh(*read_at))
                .map(|(_, items)| Arc::clone(items))
                .or_else(|| whole.map(|whole| whole.named(hash))),
        }
    }

    /// Keeps what a read that began at `read_at`, in `generation`, has brought.
    pub(crate) fn keep(&mut self, query: Query, items: &Items<T>, generation: u64, read_at: Instant) {
        if generation != self.generation {
            return;
        }
        match query {
            Query::All => {
                self.looked_up.clear();
                self.whole = Some(Whole::new(Arc::clone(items), read_at));
            }
            Query::Name(hash) => {
                if self.looked_up.len() >= MAX_LOOKED_UP {
                    self.looked_up.clear();
                }
                self.looked_up.insert(hash, (read_at, Arc::clone(items)));
            }
        }
    }

    /// Forgets everything, because something was or may have been written, or the access key lost its right.
    pub(crate) fn clear(&mut self) {
        *self = Self { generation: self.generation + 1, ..Self::default() };
    }
}

impl<T: Item> Whole<T> {
    fn new(items: Items<T>, read_at: Instant) -> Self {
        let mut by_name: HashMap<Box<str>, Vec<Arc<T>>> = HashMap::with_capacity(items.len());
        for item in items.iter() {
            by_name.entry(item.name_hash().into()).or_default().push(Arc::clone(item));
        }
        Self { read_at, items, by_name }
    }

    fn named(&self, hash: &NameHash) -> Items<T> {
        self.by_name.get(hash.as_str()).map(|items| items.as_slice().into()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::EnvironmentItem;

    const FRESH: Duration = Duration::from_secs(60);

    fn item(id: &str, hash: &NameHash) -> Arc<EnvironmentItem> {
        let json = serde_json::json!({ "id": id, "project_id": 1, "hash": hash.as_str() });
        Arc::new(serde_json::from_value(json).unwrap())
    }

    fn name(name: &str) -> NameHash {
        NameHash::derive(1, name)
    }

    fn ids(found: Option<Items<EnvironmentItem>>) -> Option<Vec<String>> {
        found.map(|items| items.iter().map(|item| item.id().to_owned()).collect())
    }

    /// A shelf that holds everything, read at `read_at`.
    fn shelf(read_at: Instant) -> Shelf<EnvironmentItem> {
        let mut shelf = Shelf::default();
        let items = [item("1", &name("a")), item("2", &name("b")), item("3", &name("a"))].into();
        shelf.keep(Query::All, &items, 0, read_at);
        shelf
    }

    #[test]
    fn a_name_is_found_in_the_whole() {
        let shelf = shelf(Instant::now());
        assert_eq!(ids(shelf.find(&Query::All, FRESH)), Some(vec!["1".into(), "2".into(), "3".into()]));
        assert_eq!(ids(shelf.find(&Query::Name(name("a")), FRESH)), Some(vec!["1".into(), "3".into()]));
        assert_eq!(ids(shelf.find(&Query::Name(name("absent")), FRESH)), Some(vec![]));
    }

    #[test]
    fn a_single_name_says_nothing_of_others() {
        let mut shelf = Shelf::default();
        shelf.keep(Query::Name(name("a")), &[item("1", &name("a"))].into(), 0, Instant::now());
        assert_eq!(ids(shelf.find(&Query::Name(name("a")), FRESH)), Some(vec!["1".into()]));
        assert_eq!(ids(shelf.find(&Query::Name(name("b")), FRESH)), None);
        assert_eq!(ids(shelf.find(&Query::All, FRESH)), None);
    }

    #[test]
    fn age_counts_from_the_beginning_of_the_read() {
        let a_minute_ago = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        let shelf = shelf(a_minute_ago);
        assert!(shelf.find(&Query::All, Duration::from_secs(61)).is_some());
        assert!(shelf.find(&Query::All, Duration::from_secs(59)).is_none());
        assert!(shelf.find(&Query::Name(name("a")), Duration::ZERO).is_none());
    }

    #[test]
    fn what_was_read_before_a_write_is_not_kept_after_it() {
        let mut shelf = shelf(Instant::now());
        let before = shelf.generation();
        shelf.clear();
        shelf.keep(Query::All, &[item("1", &name("a"))].into(), before, Instant::now());
        assert_eq!(ids(shelf.find(&Query::All, FRESH)), None);
        shelf.keep(Query::All, &[item("1", &name("a"))].into(), shelf.generation(), Instant::now());
        assert_eq!(ids(shelf.find(&Query::All, FRESH)), Some(vec!["1".into()]));
    }

    #[test]
    fn single_names_are_bounded() {
        let mut shelf = Shelf::<EnvironmentItem>::default();
        for n in 0..=MAX_LOOKED_UP {
            shelf.keep(Query::Name(name(&n.to_string())), &[].into(), 0, Instant::now());
            assert!(shelf.looked_up.len() <= MAX_LOOKED_UP);
        }
        assert!(shelf.find(&Query::Name(name(&MAX_LOOKED_UP.to_string())), FRESH).is_some());
    }
}
