//! The project's items as ciphertext, and how long ago they were read.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{
    clock::Past,
    crypto::NameHash,
    shared::{Shared, together},
    wire::Item,
};

/// How many names are remembered that were asked for one by one. An application that asks for more wants a list.
const MAX_LOOKED_UP: usize = 10_000;

/// To look through a longer list takes long enough to be noticed by a program that only does one thing at a time.
const LONG: usize = 1000;

/// Items of one kind, shared with the calls that are using them.
pub(crate) type Items<T> = Arc<[Shared<T>]>;

/// Which items a read asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Query {
    /// Every item of the project.
    All,
    /// The items of one name, in every environment.
    Name(NameHash),
}

/// What a read brought.
#[derive(Debug)]
pub(crate) struct Listing<T> {
    pub(crate) items: Items<T>,
    /// The project's revision date, as the server told it with the items.
    pub(crate) revision_date: Option<f64>,
}

// Derived, it would ask that the items can be cloned, which are shared.
impl<T> Clone for Listing<T> {
    fn clone(&self) -> Self {
        Self { items: Arc::clone(&self.items), revision_date: self.revision_date }
    }
}

/// The items of one kind. Only ciphertext is kept here; it is opened when a value is asked for.
pub(crate) struct Shelf<T> {
    /// Counts the writes. What was read before a write must not be kept after it.
    generation: u64,
    /// When everything was last forgotten.
    cleared_at: Option<Instant>,
    whole: Option<Whole<T>>,
    looked_up: HashMap<NameHash, (Past, Items<T>)>,
}

/// Every item of the project, and the state of the project that they show.
pub(crate) struct Whole<T> {
    read_at: Past,
    pub(crate) listing: Listing<T>,
    /// The server's date of the last deletion, if it was ever asked for.
    pub(crate) deleted_item_date: Option<f64>,
    /// Made by the first search: an application that lists never searches.
    by_name: OnceLock<HashMap<Box<str>, Items<T>>>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { generation: 0, cleared_at: None, whole: None, looked_up: HashMap::new() }
    }
}

impl<T: Item> Shelf<T> {
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Every item, however long ago they were read.
    pub(crate) fn whole(&self) -> Option<&Whole<T>> {
        self.whole.as_ref()
    }

    /// The items that `query` asks for, if they were read less than `max_age` ago.
    pub(crate) fn find(&self, query: &Query, max_age: Duration) -> Option<Items<T>> {
        match query {
            Query::All => self.fresh_whole(max_age).map(|whole| Arc::clone(&whole.listing.items)),
            Query::Name(hash) => self.find_named(hash, max_age),
        }
    }

    fn find_named(&self, name: &NameHash, max_age: Duration) -> Option<Items<T>> {
        let looked_up = self.looked_up.get(name).filter(|(read_at, _)| read_at.age() < max_age);
        let items = looked_up.map(|(_, items)| Arc::clone(items));
        items.or_else(|| self.fresh_whole(max_age).map(|whole| whole.named(name)))
    }

    fn fresh_whole(&self, max_age: Duration) -> Option<&Whole<T>> {
        self.whole.as_ref().filter(|whole| whole.read_at.age() < max_age)
    }

    /// The items of a name, as [`Shelf::find`] gives them, unless that would first have to look through a long list.
    pub(crate) fn find_at_once(&self, name: &NameHash, max_age: Duration) -> Option<Items<T>> {
        let is_long = |whole: &Whole<T>| whole.by_name.get().is_none() && whole.listing.items.len() > LONG;
        if self.whole.as_ref().is_some_and(is_long) {
            return None;
        }
        self.find_named(name, max_age)
    }

    /// Keeps every item, as a read that began at `read_at` has brought them.
    pub(crate) fn keep_whole(
        &mut self,
        listing: Listing<T>,
        deleted_item_date: Option<f64>,
        generation: u64,
        read_at: Past,
    ) {
        if generation == self.generation {
            self.looked_up.clear();
            self.whole = Some(Whole::new(listing, deleted_item_date, read_at));
        }
    }

    /// Keeps the items of one name, as a read that began at `read_at` has brought them.
    pub(crate) fn keep_named(&mut self, hash: NameHash, items: Items<T>, generation: u64, read_at: Past) {
        if generation == self.generation {
            if self.looked_up.len() >= MAX_LOOKED_UP {
                self.looked_up.clear();
            }
            self.looked_up.insert(hash, (read_at, items));
        }
    }

    /// Forgets everything, because something was or may have been written, or the access key lost its right.
    pub(crate) fn clear(&mut self) {
        let cleared_at = Some(Instant::now());
        *self = Self { generation: self.generation + 1, cleared_at, ..Self::default() };
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.whole.is_none() && self.looked_up.is_empty()
    }

    /// What is here, for another process.
    pub(crate) fn save(&self) -> SavedShelf<T> {
        SavedShelf {
            whole: self.whole.as_ref().map(|whole| SavedWhole {
                age: whole.read_at.age(),
                revision_date: whole.listing.revision_date,
                deleted_item_date: whole.deleted_item_date,
                items: Arc::clone(&whole.listing.items),
            }),
            looked_up: self
                .looked_up
                .iter()
                .map(|(hash, (read_at, items))| SavedLookup {
                    age: read_at.age(),
                    hash: hash.clone(),
                    items: Arc::clone(items),
                })
                .collect(),
        }
    }

    /// Takes over what is younger in `saved`, which another process has saved at `saved_at`. What it read before a write
    /// of this process stays out.
    pub(crate) fn adopt(&mut self, saved: SavedShelf<T>, saved_at: Past) {
        let cleared_at = self.cleared_at;
        let is_wanted = |read_at: Past, own: Option<Past>| {
            own.is_none_or(|own| read_at.age() < own.age())
                && cleared_at.is_none_or(|cleared_at| read_at.is_after(cleared_at))
        };
        if let Some(whole) = saved.whole {
            let read_at = saved_at.before(whole.age);
            if is_wanted(read_at, self.whole.as_ref().map(|own| own.read_at)) {
                let listing = Listing { items: whole.items, revision_date: whole.revision_date };
                self.whole = Some(Whole::new(listing, whole.deleted_item_date, read_at));
            }
        }
        for lookup in saved.looked_up {
            let read_at = saved_at.before(lookup.age);
            if is_wanted(read_at, self.looked_up.get(&lookup.hash).map(|(own, _)| *own)) {
                self.keep_named(lookup.hash, lookup.items, self.generation, read_at);
            }
        }
    }
}

/// A shelf on its way from one process to another.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedShelf<T> {
    whole: Option<SavedWhole<T>>,
    looked_up: Vec<SavedLookup<T>>,
}

#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct SavedWhole<T> {
    age: Duration,
    revision_date: Option<f64>,
    deleted_item_date: Option<f64>,
    #[serde(deserialize_with = "together")]
    items: Items<T>,
}

#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct SavedLookup<T> {
    age: Duration,
    hash: NameHash,
    #[serde(deserialize_with = "together")]
    items: Items<T>,
}

impl<T: Item> Whole<T> {
    fn new(listing: Listing<T>, deleted_item_date: Option<f64>, read_at: Past) -> Self {
        Self { read_at, listing, deleted_item_date, by_name: OnceLock::new() }
    }

    /// The items of one name.
    pub(crate) fn named(&self, hash: &NameHash) -> Items<T> {
        let by_name = self.by_name.get_or_init(|| by_name(&self.listing.items));
        by_name.get(hash.as_str()).cloned().unwrap_or_default()
    }
}

fn by_name<T: Item>(items: &Items<T>) -> HashMap<Box<str>, Items<T>> {
    let mut by_name: HashMap<&str, Vec<&Shared<T>>> = HashMap::with_capacity(items.len());
    for item in items.iter() {
        by_name.entry(item.name_hash()).or_default().push(item);
    }
    by_name.into_iter().map(|(name, same)| (name.into(), same.into_iter().cloned().collect())).collect()
}

impl<T: Item> Listing<T> {
    /// The same list after `changed` has come: what has a new form takes its place, what is new comes last.
    pub(crate) fn with_changes(&self, changed: Self) -> Self {
        if changed.items.is_empty() {
            return Self { items: Arc::clone(&self.items), revision_date: changed.revision_date };
        }
        let mut by_id: HashMap<&str, &Shared<T>> =
            changed.items.iter().map(|item| (item.id(), item)).collect();
        let kept = |old: &Shared<T>| if old.is_wasteful() { Shared::alone(old.alone()) } else { old.clone() };
        let new_form = |old: &Shared<T>| by_id.remove(old.id()).map_or_else(|| kept(old), Shared::clone);
        let mut items: Vec<Shared<T>> = self.items.iter().map(new_form).collect();
        items.extend(changed.items.iter().filter(|item| by_id.contains_key(item.id())).cloned());
        Self { items: items.into(), revision_date: changed.revision_date }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{EnvironmentItem, SecretItem};

    const FRESH: Duration = Duration::from_secs(60);

    fn item(id: &str, hash: &NameHash) -> Shared<EnvironmentItem> {
        let json = serde_json::json!({ "id": id, "project_id": 1, "hash": hash.as_str() });
        Shared::alone(serde_json::from_value(json).unwrap())
    }

    fn name(name: &str) -> NameHash {
        NameHash::derive(1, name)
    }

    fn listing(items: &[(&str, &str)]) -> Listing<EnvironmentItem> {
        let items = items.iter().map(|(id, of)| item(id, &name(of))).collect();
        Listing { items, revision_date: None }
    }

    fn ids(found: Option<Items<EnvironmentItem>>) -> Option<Vec<String>> {
        found.map(|items| items.iter().map(|item| item.id().to_owned()).collect())
    }

    /// A shelf that holds everything, read at `read_at`.
    fn shelf(read_at: Past) -> Shelf<EnvironmentItem> {
        let mut shelf = Shelf::default();
        shelf.keep_whole(listing(&[("1", "a"), ("2", "b"), ("3", "a")]), None, 0, read_at);
        shelf
    }

    #[test]
    fn a_name_is_found_in_the_whole() {
        let shelf = shelf(Past::now());
        assert_eq!(ids(shelf.find(&Query::All, FRESH)), Some(vec!["1".into(), "2".into(), "3".into()]));
        assert_eq!(ids(shelf.find(&Query::Name(name("a")), FRESH)), Some(vec!["1".into(), "3".into()]));
        assert_eq!(ids(shelf.find(&Query::Name(name("absent")), FRESH)), Some(vec![]));
    }

    #[test]
    fn a_single_name_says_nothing_of_others() {
        let mut shelf = Shelf::default();
        shelf.keep_named(name("a"), [item("1", &name("a"))].into(), 0, Past::now());
        assert_eq!(ids(shelf.find(&Query::Name(name("a")), FRESH)), Some(vec!["1".into()]));
        assert_eq!(ids(shelf.find(&Query::Name(name("b")), FRESH)), None);
        assert_eq!(ids(shelf.find(&Query::All, FRESH)), None);
    }

    #[test]
    fn age_counts_from_the_beginning_of_the_read() {
        let shelf = shelf(Past::ago(Duration::from_secs(60)));
        assert!(shelf.find(&Query::All, Duration::from_secs(61)).is_some());
        assert!(shelf.find(&Query::All, Duration::from_secs(59)).is_none());
        assert!(shelf.find(&Query::Name(name("a")), Duration::ZERO).is_none());
    }

    #[test]
    fn what_was_read_before_a_write_is_not_kept_after_it() {
        let mut shelf = shelf(Past::now());
        let before = shelf.generation();
        shelf.clear();
        shelf.keep_whole(listing(&[("1", "a")]), None, before, Past::now());
        shelf.keep_named(name("a"), [item("1", &name("a"))].into(), before, Past::now());
        assert_eq!(ids(shelf.find(&Query::All, FRESH)), None);
        assert_eq!(ids(shelf.find(&Query::Name(name("a")), FRESH)), None);
        shelf.keep_whole(listing(&[("1", "a")]), None, shelf.generation(), Past::now());
        assert_eq!(ids(shelf.find(&Query::All, FRESH)), Some(vec!["1".into()]));
    }

    #[test]
    fn single_names_are_bounded() {
        let mut shelf = Shelf::<EnvironmentItem>::default();
        for n in 0..=MAX_LOOKED_UP {
            shelf.keep_named(name(&n.to_string()), [].into(), 0, Past::now());
            assert!(shelf.looked_up.len() <= MAX_LOOKED_UP);
        }
        assert!(shelf.find(&Query::Name(name(&MAX_LOOKED_UP.to_string())), FRESH).is_some());
    }

    #[test]
    fn changes_take_their_place_and_what_is_new_comes_last() {
        let before = listing(&[("1", "a"), ("2", "b"), ("3", "c")]);
        let after = before.with_changes(listing(&[("4", "d"), ("2", "renamed")]));
        assert_eq!(ids(Some(Arc::clone(&after.items))).unwrap(), ["1", "2", "3", "4"]);
        assert_eq!(after.items[1].name_hash(), name("renamed").as_str());
        let unchanged = before.with_changes(Listing { items: [].into(), revision_date: Some(2.5) });
        assert!(Arc::ptr_eq(&unchanged.items, &before.items));
        assert_eq!(unchanged.revision_date, Some(2.5));
    }

    #[test]
    fn what_is_left_of_a_page_does_not_keep_what_was_replaced() {
        let page = |ids: &[&str]| {
            let results: Vec<_> =
                ids.iter().map(|id| serde_json::json!({ "id": id, "project_id": 1, "value": id })).collect();
            let json = serde_json::json!({ "count": ids.len(), "next": null, "results": results });
            let page = SecretItem::page(&json.to_string()).unwrap();
            Listing { items: Shared::each(page.results).collect(), revision_date: None }
        };
        let first = page(&["1", "2", "3", "4"]);
        let second = first.with_changes(page(&["2", "3", "4"]));
        assert!(first.items[0].is(&second.items[0]));
        drop(first);
        let third = second.with_changes(page(&["5"]));
        assert!(!second.items[0].is(&third.items[0]));
        assert!(second.items[1].is(&third.items[1]));
        let values: Vec<_> = third.items.iter().map(|item| item.value()).collect();
        assert_eq!(values, ["1", "2", "3", "4", "5"]);
    }

    #[test]
    fn what_others_read_before_a_write_stays_out() {
        let others = shelf(Past::now()).save();
        let mut own = Shelf::<EnvironmentItem>::default();
        own.clear();
        own.adopt(others, Past::ago(Duration::from_millis(1)));
        assert!(own.is_empty());
        own.adopt(shelf(Past::now()).save(), Past::now());
        assert!(own.find(&Query::All, FRESH).is_some());
    }

    #[test]
    fn only_what_is_younger_is_taken_over() {
        let minutes = |count: u64| Duration::from_secs(60 * count);
        let mut own = shelf(Past::ago(minutes(5)));
        own.adopt(shelf(Past::now()).save(), Past::ago(minutes(6)));
        assert!(own.find(&Query::All, minutes(5)).is_none());
        own.adopt(shelf(Past::ago(minutes(1))).save(), Past::ago(minutes(1)));
        assert!(own.find(&Query::All, minutes(3)).is_some());
        assert!(own.find(&Query::All, minutes(2)).is_none());
    }
}
