//! The secrets of a list, in few allocations.

use std::{fmt, sync::Arc};

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::model::{Dates, Secret};

/// How many environments back a secret's is looked for.
const MAX_LOOKED_BACK: usize = 16;

/// Some secrets of a list, decrypted, one after the other. A list has thousands, each of which would need an allocation for
/// each of its texts.
#[derive(Default)]
pub struct Secrets {
    /// The ids, keys and descriptions.
    texts: String,
    /// Zeroed when dropped.
    values: Zeroizing<String>,
    rows: Vec<Row>,
    environments: Vec<InEnvironment>,
}

/// The name and the id of an environment.
pub(crate) type InEnvironment = (Arc<str>, Arc<str>);

/// A secret, whose texts begin where those of the one before end.
#[derive(Clone, Copy, Default)]
struct Row {
    id_end: usize,
    key_end: usize,
    description_end: usize,
    value_end: usize,
    environment: Option<usize>,
    project_id: i64,
    dates: Dates,
}

/// A secret where it is. It has no `Debug` output, for its value is plain.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct SecretRef<'a> {
    /// As in [`Secret`].
    pub id: &'a str,
    /// As in [`Secret`].
    pub key: &'a str,
    /// What it is kept for.
    pub value: &'a str,
    /// As in [`Secret`].
    pub description: &'a str,
    /// Which of [`Secrets::environments`] it is in; `None` for ALL.
    pub environment: Option<usize>,
    /// As in [`Secret`].
    pub project_id: i64,
    /// As in [`Secret`].
    pub dates: Dates,
}

impl Secrets {
    /// No secrets yet, with room for so many, for their texts and for their values. More values than that would be moved, and
    /// leave a copy behind that is not zeroed.
    pub(crate) fn with_room(count: usize, texts: usize, values: usize) -> Self {
        Self {
            texts: String::with_capacity(texts),
            values: Zeroizing::new(String::with_capacity(values)),
            rows: Vec::with_capacity(count),
            environments: Vec::new(),
        }
    }

    /// Begins a secret with its id.
    pub(crate) fn begin(&mut self, id: &str) -> Adding<'_> {
        self.texts.push_str(id);
        let row = Row { id_end: self.texts.len(), ..Row::default() };
        Adding { secrets: self, row }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether all that is text is ASCII.
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.texts.is_ascii() && self.values.is_ascii()
    }

    /// The names and the ids of the environments that they are in. One can come again after many others.
    #[must_use]
    pub fn environments(&self) -> &[(Arc<str>, Arc<str>)] {
        &self.environments
    }

    /// The secrets in their order.
    pub fn iter(&self) -> impl Iterator<Item = SecretRef<'_>> {
        let (mut text, mut value) = (0, 0);
        self.rows.iter().map(move |row| {
            let secret = SecretRef {
                id: &self.texts[text..row.id_end],
                key: &self.texts[row.id_end..row.key_end],
                description: &self.texts[row.key_end..row.description_end],
                value: &self.values[value..row.value_end],
                environment: row.environment,
                project_id: row.project_id,
                dates: row.dates,
            };
            (text, value) = (row.description_end, row.value_end);
            secret
        })
    }

    /// Each on its own.
    #[must_use]
    pub fn to_vec(&self) -> Vec<Secret> {
        let owned = |secret: SecretRef<'_>| {
            let environment = secret.environment.and_then(|place| self.environments.get(place));
            Secret {
                id: secret.id.to_owned(),
                key: secret.key.to_owned(),
                value: SecretString::from(secret.value),
                description: secret.description.to_owned(),
                environment_name: environment.map(|(name, _)| Arc::clone(name)),
                environment_id: environment.map(|(_, id)| Arc::clone(id)),
                project_id: secret.project_id,
                dates: secret.dates,
            }
        };
        self.iter().map(owned).collect()
    }

    fn place(&mut self, environment: InEnvironment) -> usize {
        let is_it = |(known, _): &InEnvironment| Arc::ptr_eq(known, &environment.0);
        let first = self.environments.len().saturating_sub(MAX_LOOKED_BACK);
        let known = self.environments[first..].iter().position(is_it).map(|at| first + at);
        known.unwrap_or_else(|| {
            self.environments.push(environment);
            self.environments.len() - 1
        })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.len())
    }
}

/// A secret that is being added. Until it is, the others do not see it.
pub(crate) struct Adding<'a> {
    secrets: &'a mut Secrets,
    row: Row,
}

impl Adding<'_> {
    pub(crate) fn key(&mut self, key: &str) {
        self.secrets.texts.push_str(key);
        self.row.key_end = self.secrets.texts.len();
    }

    /// To be called after the key.
    pub(crate) fn description(&mut self, description: &str) {
        self.secrets.texts.push_str(description);
        self.row.description_end = self.secrets.texts.len();
    }

    pub(crate) fn value(&mut self, value: &str) {
        debug_assert!(self.secrets.values.capacity() - self.secrets.values.len() >= value.len());
        self.secrets.values.push_str(value);
        self.row.value_end = self.secrets.values.len();
    }

    /// Ends the secret, which has its texts.
    pub(crate) fn end(mut self, environment: Option<InEnvironment>, project_id: i64, dates: Dates) {
        self.row.environment = environment.map(|environment| self.secrets.place(environment));
        (self.row.project_id, self.row.dates) = (project_id, dates);
        self.secrets.rows.push(self.row);
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn environment(number: usize) -> InEnvironment {
        (format!("environment {number}").into(), format!("id {number}").into())
    }

    fn add(secrets: &mut Secrets, texts: [&str; 4], environment: Option<InEnvironment>) {
        let mut adding = secrets.begin(texts[0]);
        adding.key(texts[1]);
        adding.value(texts[2]);
        adding.description(texts[3]);
        adding.end(environment, 7, Dates { creation: Some(1.5), ..Dates::default() });
    }

    #[test]
    fn each_secret_has_its_own_texts() {
        let all = [["1", "a", "x\u{e9}y", ""], ["", "", "", ""], ["3", "\u{4e2d}", "", "a note"]];
        let mut secrets = Secrets::with_room(3, 20, 20);
        for texts in all {
            add(&mut secrets, texts, None);
        }
        let seen: Vec<_> = secrets.iter().map(|one| [one.id, one.key, one.value, one.description]).collect();
        assert_eq!(seen, all);
        assert_eq!((secrets.len(), secrets.is_ascii()), (3, false));
        for (one, [id, key, value, description]) in secrets.to_vec().iter().zip(all) {
            assert_eq!((&*one.id, &*one.key, &*one.description), (id, key, description));
            assert_eq!((one.value.expose_secret(), one.project_id), (value, 7));
            assert_eq!((one.dates.creation, one.dates.updated), (Some(1.5), None));
        }
    }

    #[test]
    fn secrets_of_one_environment_share_it_and_others_do_not() {
        let known: Vec<_> = (0..3 * MAX_LOOKED_BACK).map(environment).collect();
        let mut secrets = Secrets::with_room(0, 0, 100);
        for number in [0, 1, 0, 1] {
            add(&mut secrets, [""; 4], Some(known[number].clone()));
        }
        assert_eq!(secrets.environments().len(), 2);
        for own in &known {
            add(&mut secrets, [""; 4], Some(own.clone()));
        }
        add(&mut secrets, [""; 4], None);
        let names: Vec<_> = secrets.to_vec().into_iter().map(|secret| secret.environment_name).collect();
        let wanted = [0, 1, 0, 1].iter().map(|number| &known[*number]).chain(&known);
        assert_eq!(names, wanted.map(|(name, _)| Some(Arc::clone(name))).chain([None]).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_printed_shows_no_value() {
        let mut secrets = Secrets::with_room(1, 20, 20);
        add(&mut secrets, ["id", "key", "value", "note"], None);
        assert_eq!(format!("{secrets:?}"), "Secrets(1)");
    }
}
