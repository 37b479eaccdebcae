//! From the items of an answer to what an application reads.

use std::sync::Arc;

use secrecy::SecretString;

use super::session::Session;
use crate::{
    crypto::{CryptoError, Opener, most_opened},
    error::{Error, ErrorKind},
    model::{Dates, Environment, Secret},
    secrets::{InEnvironment, Secrets},
    wire::{EnvironmentItem, Item, SecretItem},
};

/// How many environments are remembered. A project has a few; what a search costs must not grow with more.
const MAX_REMEMBERED: usize = 16;

/// Opens items one after the other, and remembers what they have in common.
pub(crate) struct Opening<'a> {
    opener: Opener<'a>,
    environments: Vec<Remembered<'a>>,
}

/// The environment of a secret that was opened before.
struct Remembered<'a> {
    sealed: &'a str,
    name: Arc<str>,
    id: Arc<str>,
}

impl<'a> Opening<'a> {
    pub(crate) fn new(session: &'a Session) -> Self {
        Self { opener: Opener::new(&session.key), environments: Vec::new() }
    }

    pub(crate) fn secret(&mut self, item: &'a SecretItem) -> Result<Secret, Error> {
        let in_field = |field| move |problem| integrity("secret", item.id(), field, problem);
        let environment = self.environment_of(item)?;
        let opener = &mut self.opener;
        Ok(Secret {
            id: item.id().to_owned(),
            key: opener.open_text(item.key()).map_err(in_field("key"))?,
            value: opener.open_secret_text(item.value()).map_err(in_field("value"))?,
            description: opener.open_text(item.description()).map_err(in_field("description"))?,
            environment_name: environment.as_ref().map(|(name, _)| Arc::clone(name)),
            environment_id: environment.map(|(_, id)| id),
            project_id: item.project_id,
            dates: dates(item),
        })
    }

    /// Opens the secrets of a list, and with an environment checks that they are in that one.
    pub(crate) fn secrets(
        &mut self,
        items: impl Iterator<Item = &'a SecretItem> + Clone,
        environment: Option<&str>,
    ) -> Result<Secrets, Error> {
        let (mut count, mut texts, mut values) = (0, 0, 0);
        for item in items.clone() {
            count += 1;
            texts += item.id().len() + most_opened(item.key()) + most_opened(item.description());
            values += most_opened(item.value());
        }
        let mut secrets = Secrets::with_room(count, texts, values);
        for item in items {
            self.add(item, environment, &mut secrets)?;
        }
        Ok(secrets)
    }

    fn add(
        &mut self,
        item: &'a SecretItem,
        environment: Option<&str>,
        secrets: &mut Secrets,
    ) -> Result<(), Error> {
        let in_field = |field| move |problem| integrity("secret", item.id(), field, problem);
        let own = self.environment_of(item)?;
        if let Some(environment) = environment {
            check_name("secret", item.id(), own.as_ref().map_or("", |(name, _)| name), environment)?;
        }
        let opener = &mut self.opener;
        let mut adding = secrets.begin(item.id());
        adding.key(opener.open(item.key()).map_err(in_field("key"))?);
        adding.value(opener.open(item.value()).map_err(in_field("value"))?);
        adding.description(opener.open(item.description()).map_err(in_field("description"))?);
        adding.end(own, item.project_id, dates(item));
        Ok(())
    }

    /// Opens a secret, and checks that it is in the environment that was asked for.
    pub(super) fn secret_in(
        &mut self,
        item: &'a SecretItem,
        environment: Option<&str>,
    ) -> Result<Secret, Error> {
        let secret = self.secret(item)?;
        let opened = secret.environment_name.as_deref().unwrap_or_default();
        check_name("secret", item.id(), opened, environment.unwrap_or_default())?;
        Ok(secret)
    }

    /// The value of the secret `key` in `environment`. The rest is opened as well, because what was altered anywhere is not
    /// taken, but not kept.
    pub(super) fn value(
        &mut self,
        item: &'a SecretItem,
        key: &str,
        environment: Option<&str>,
    ) -> Result<SecretString, Error> {
        let in_field = |field| move |problem| integrity("secret", item.id(), field, problem);
        let own = environment_name(&mut self.opener, item)?;
        check_name("secret", item.id(), own, environment.unwrap_or_default())?;
        let opened = self.opener.open(item.key()).map_err(in_field("key"))?;
        check_name("secret", item.id(), opened, key)?;
        self.opener.open(item.description()).map_err(in_field("description"))?;
        self.opener.open_secret_text(item.value()).map_err(in_field("value"))
    }

    pub(super) fn environment(&mut self, item: &EnvironmentItem) -> Result<Environment, Error> {
        let in_field = |field| move |problem| integrity("environment", &item.id, field, problem);
        let opener = &mut self.opener;
        Ok(Environment {
            id: item.id.to_string(),
            name: opener.open_text(item.name.as_str()).map_err(in_field("name"))?,
            external_url: opener.open_text(item.external_url.as_str()).map_err(in_field("external_url"))?,
            description: opener.open_text(item.description.as_str()).map_err(in_field("description"))?,
            project_id: item.project_id,
            dates: Dates {
                creation: item.creation_date,
                revision: item.revision_date,
                updated: item.updated_date,
            },
        })
    }

    /// The name and the id of the environment that a secret is in; `None` for ALL.
    fn environment_of(&mut self, item: &'a SecretItem) -> Result<Option<InEnvironment>, Error> {
        let (sealed, id) = (item.environment_name(), item.environment_id());
        let known = self.environments.iter().find(|known| known.sealed == sealed && Some(&*known.id) == id);
        if let Some(Remembered { name, id, .. }) = known {
            return Ok(Some((Arc::clone(name), Arc::clone(id))));
        }
        let name = environment_name(&mut self.opener, item)?;
        let Some(id) = id else { return Ok(None) };
        // The name may be sealed anew in each secret.
        let same = self.environments.iter().find(|known| *known.name == *name && *known.id == *id);
        if let Some(Remembered { name, id, .. }) = same {
            return Ok(Some((Arc::clone(name), Arc::clone(id))));
        }
        let (name, id) = (Arc::<str>::from(name), Arc::<str>::from(id));
        if self.environments.len() < MAX_REMEMBERED {
            self.environments.push(Remembered { sealed, name: Arc::clone(&name), id: Arc::clone(&id) });
        }
        Ok(Some((name, id)))
    }
}

/// The name of the environment that a secret is in; empty for ALL, which has no id.
fn environment_name<'a>(opener: &'a mut Opener<'_>, item: &SecretItem) -> Result<&'a str, Error> {
    let name = opener.open(item.environment_name());
    let name = name.map_err(|problem| integrity("secret", item.id(), "environment_name", problem))?;
    if name.is_empty() != item.environment_id().is_none() {
        let text = format!("secret {}: its environment has an id without a name, or the reverse", item.id());
        return Err(Error::new(ErrorKind::Integrity, text));
    }
    Ok(name)
}

fn dates(item: &SecretItem) -> Dates {
    Dates { creation: item.creation_date(), revision: item.revision_date(), updated: item.updated_date() }
}

/// Refuses an item that a server passes off under another name: hashes are the server's word, names are sealed.
pub(super) fn check_name(kind: &str, id: &str, opened: &str, asked: &str) -> Result<(), Error> {
    if opened == asked {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Integrity,
        format!("{kind} {id}: the server sent it under a name that it does not have"),
    ))
}

fn integrity(kind: &str, id: &str, field: &str, problem: CryptoError) -> Error {
    Error::new(ErrorKind::Integrity, format!("{kind} {id}, field {field}: {problem}")).with_source(problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{crypto::SymmetricKey, wire::Profile};

    fn session() -> Session {
        Session::new(Profile { key: String::new(), project_id: 1 }, SymmetricKey::make().unwrap())
    }

    /// A secret "key" of an environment with this id and this name, as a server has it.
    fn item(session: &Session, id: Option<&str>, name: &str) -> SecretItem {
        let sealed = |text: &str| match text {
            "" => String::new(),
            text => session.key.seal_text(text).unwrap().to_string(),
        };
        let json = serde_json::json!({
            "id": "1", "project_id": 1, "environment_id": id, "environment_hash": null,
            "environment_name": sealed(name), "secret_hash": "", "key": sealed("key"), "value": sealed("value"),
            "description": "", "creation_date": 1, "revision_date": 1, "updated_date": 1
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn an_environment_has_an_id_and_a_name_or_neither() {
        let session = session();
        for (id, name, is_one) in
            [(Some("e"), "stage", true), (None, "", true), (Some("e"), "", false), (None, "stage", false)]
        {
            let item = item(&session, id, name);
            let value = Opening::new(&session).value(&item, "key", Some(name));
            let secret = Opening::new(&session).secret(&item);
            let kinds = [value.err(), secret.err()].map(|error| error.map(|error| error.kind()));
            assert_eq!(kinds, [(!is_one).then_some(ErrorKind::Integrity); 2], "{id:?} {name:?}");
        }
    }
}
