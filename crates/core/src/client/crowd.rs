//! Names that are asked for at the same time.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// So many names are no longer read one by one: a page of the list costs a server less, and brings all of them.
const MANY: usize = 50;
const GATHERING: Duration = Duration::from_millis(1);

/// The names that calls are asking for, and how many calls ask for each.
#[derive(Default)]
pub(super) struct Crowd(Mutex<HashMap<Box<str>, usize>>);

/// A call that asks for a name, until it is dropped.
pub(super) struct Asking<'a> {
    crowd: &'a Crowd,
    name: &'a str,
}

impl Crowd {
    pub(super) fn join<'a>(&'a self, name: &'a str) -> Asking<'a> {
        *self.names().entry(name.into()).or_default() += 1;
        Asking { crowd: self, name }
    }

    pub(super) fn is_large(&self) -> bool {
        self.names().len() >= MANY
    }

    /// Waits while more names come, if there are several: a program that asks for many does so one after the other, and the
    /// first must not be sent off before the rest is known. A name on its own waits for nobody.
    pub(super) async fn gather(&self) {
        let mut count = 1;
        while (count + 1..MANY).contains(&self.names().len()) {
            count = self.names().len();
            tokio::time::sleep(GATHERING).await;
        }
    }

    fn names(&self) -> MutexGuard<'_, HashMap<Box<str>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let mut names = self.crowd.names();
        if let Some(calls) = names.get_mut(self.name) {
            *calls -= 1;
            if *calls == 0 {
                names.remove(self.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_different_names_make_a_crowd() {
        let (crowd, names) = (Crowd::default(), (0..MANY).map(|number| number.to_string()));
        let names: Vec<String> = names.collect();
        let _same: Vec<_> = (0..2 * MANY).map(|_| crowd.join("same")).collect();
        assert!(!crowd.is_large());
        let many: Vec<_> = names.iter().map(|name| crowd.join(name)).collect();
        assert!(crowd.is_large());
        drop(many);
        assert!(!crowd.is_large());
    }
}
