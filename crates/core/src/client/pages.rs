//! Reading a list to its end, page by page, without trusting what the server says of it.

use std::{collections::HashSet, sync::Arc};

use crate::{
    error::{Error, ErrorKind},
    transport::{AccessKeyId, Deadline, Transport},
    vault::{Listing, Query},
    wire::{Item, Page},
};

/// The largest page that the protocol knows.
const PAGE_SIZE: u32 = 2000;
/// More items than any project has; a server that claims more is not believed.
const MAX_ITEMS: u64 = 1_000_000;
/// How often a list is begun again because it changed while it was being read.
const MAX_READINGS: u32 = 3;
const MAX_NEXT_LEN: usize = 2048;

/// Reads the items that `query` asks for, or of them only what changed at or after the date `since`.
pub(super) async fn fetch<T: Item>(
    transport: &Transport<AccessKeyId>,
    query: &Query,
    since: Option<f64>,
    deadline: Deadline,
) -> Result<Listing<T>, Error> {
    let first_path = first_path::<T>(query, since.unwrap_or(0.0));
    let mut reading = 1;
    loop {
        let listing = read_once(transport, query, &first_path, deadline, reading == MAX_READINGS).await?;
        match listing {
            Some(listing) => return Ok(listing),
            None if reading == MAX_READINGS => {
                return Err(broken("its count is not the number of items that it sends"));
            }
            None => reading += 1,
        }
    }
}

/// Reads all pages; `None` if they do not fit together. A list that changed while it was read looks like one that lies
/// about its count, so it is read again before an error is made of it.
///
/// The last reading lets a list grow, because a busy project never stands still. It may not shrink: what comes after a
/// deleted item moves forward, and an item that moves over the edge of a page is missed.
async fn read_once<T: Item>(
    transport: &Transport<AccessKeyId>,
    query: &Query,
    first_path: &str,
    deadline: Deadline,
    is_last_reading: bool,
) -> Result<Option<Listing<T>>, Error> {
    let mut path = first_path.to_owned();
    let (mut items, mut ids, mut visited) = (Vec::new(), HashSet::new(), HashSet::new());
    let (mut count, mut revision_date) = (0, None);
    loop {
        let page: Page<T> = transport.read(&path, deadline).await?;
        let has_changed = *revision_date.get_or_insert(page.revision_date) != page.revision_date;
        if page.count < count || (has_changed && !is_last_reading) {
            return Ok(None);
        }
        count = page.count;
        if count > MAX_ITEMS {
            return Err(broken("it claims more items than a project can have"));
        }
        for mut item in page.results {
            item.normalise();
            check_name_hash(query, &item)?;
            if !ids.insert(Box::<str>::from(item.id())) || ids.len() as u64 > count {
                return Ok(None);
            }
            items.push(Arc::new(item));
        }
        let Some(next) = page.next else { break };
        path = checked_next::<T>(next)?;
        if !visited.insert(path.clone()) || visited.len() as u64 > count {
            return Err(broken("its pages go in a circle"));
        }
    }
    // The date of the first page: what changed after it is in the next reading for certain.
    let revision_date = revision_date.flatten();
    Ok((count == items.len() as u64).then(|| Listing { items: items.into(), revision_date }))
}

fn first_path<T: Item>(query: &Query, since: f64) -> String {
    let hash = match query {
        Query::All => "",
        Query::Name(hash) => hash.as_str(),
    };
    format!(
        "{}?{}=1&page=1&paging=1&revision_date={since}&size={PAGE_SIZE}&hash={hash}",
        T::PATH,
        T::COUNT_PARAMETER
    )
}

/// `next` has to be a further page of the same list, so that it can lead nowhere else.
fn checked_next<T: Item>(next: String) -> Result<String, Error> {
    let is_same_list = next.strip_prefix(T::PATH).is_some_and(|rest| rest.starts_with('?'));
    let is_plain =
        next.len() <= MAX_NEXT_LEN && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if is_same_list && is_plain {
        Ok(next)
    } else {
        Err(broken("its next page is not a page of the same list"))
    }
}

fn check_name_hash<T: Item>(query: &Query, item: &T) -> Result<(), Error> {
    match query {
        Query::Name(hash) if item.name_hash() != hash.as_str() => {
            Err(broken("it has an item of another name than was asked for"))
        }
        _ => Ok(()),
    }
}

fn broken(problem: &str) -> Error {
    Error::new(ErrorKind::ApiServer, format!("the server's list does not follow the protocol: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::SecretItem;

    #[test]
    fn next_leads_only_to_a_page_of_the_same_list() {
        assert!(checked_next::<SecretItem>("/v1/secrets?page=2&size=2000&hash=".into()).is_ok());
        for next in [
            "",
            "/v1/secrets",
            "/v1/secretsx?page=2",
            "/v1/environments?page=2",
            "v1/secrets?page=2",
            "//evil.example/v1/secrets?page=2",
            "http://evil.example/v1/secrets?page=2",
            "@evil.example/v1/secrets?page=2",
            ".evil.example/v1/secrets?page=2",
            "/v1/secrets/../profile?page=2",
            "/v1/secrets?page=2#fragment",
            "/v1/secrets?page=2 ",
            "/v1/secrets?page=2\r\nHost: evil.example",
            "/v1/secrets?page=\u{e9}",
        ] {
            let refused = checked_next::<SecretItem>(next.into());
            assert_eq!(refused.expect_err(next).kind(), ErrorKind::ApiServer, "{next:?}");
        }
        assert!(checked_next::<SecretItem>(format!("/v1/secrets?{}", "x".repeat(MAX_NEXT_LEN))).is_err());
    }
}
