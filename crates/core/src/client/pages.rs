//! Reading a list to its end, page by page, without trusting what the server says of it.

use std::{collections::HashSet, iter};

use futures_util::{
    FutureExt, StreamExt,
    future::{self, BoxFuture},
    stream::{self, BoxStream},
};
use tokio::{
    sync::mpsc::{self, WeakUnboundedSender},
    task::yield_now,
};

use crate::{
    error::{Error, ErrorKind},
    shared::Shared,
    transport::{AccessKeyId, Deadline, Transport},
    vault::{Items, Listing, Query},
    wire::{Head, Item, Page},
};

/// The largest page that the protocol knows.
const PAGE_SIZE: u32 = 2000;
/// More items than any project has; a server that claims more is not believed.
const MAX_ITEMS: u64 = 1_000_000;
/// How often a list is begun again because it changed while it was being read.
const MAX_READINGS: u32 = 3;
const MAX_NEXT_LEN: usize = 2048;
/// How many pages are under way at a time. More would take memory, and servers count calls.
const PAGES_AT_ONCE: usize = 3;

/// Where the items of a page go as soon as they are here, for somebody who begins to work on them. What will have come
/// need not be the list: it may change while it is read, and is then read again, of which nothing is told here.
pub(super) type Ahead<T> = WeakUnboundedSender<Items<T>>;

/// Reads the items that `query` asks for, or of them only what changed at or after the date `since`.
pub(super) async fn fetch<T: Item>(
    transport: &Transport<AccessKeyId>,
    query: &Query,
    since: Option<f64>,
    ahead: Option<&Ahead<T>>,
    deadline: Deadline,
) -> Result<Listing<T>, Error> {
    let first_path = first_path::<T>(query, since.unwrap_or(0.0));
    let mut reading = 1;
    loop {
        let ahead = ahead.filter(|_| reading == 1);
        let pages = Reading::new(query, ahead, reading == MAX_READINGS);
        match read_once(transport, pages, &first_path, deadline).await? {
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
async fn read_once<T: Item>(
    transport: &Transport<AccessKeyId>,
    mut reading: Reading<'_, T>,
    first_path: &str,
    deadline: Deadline,
) -> Result<Option<Listing<T>>, Error> {
    let mut taken = match reading.query {
        // They are few, and need no preparations.
        Query::Name(_) => reading.take(transport.read_with(first_path, deadline, T::page).await?)?,
        Query::All => {
            let mut taken = Taken::More(first_path.to_owned());
            reading.take_each(&mut taken, first_pages(transport, first_path, deadline)).await?;
            taken
        }
    };
    while let Taken::More(path) = &taken {
        let expected = expected_from(path, reading.pages_left());
        let reads = stream::iter(expected.map(|path| read_page(transport, path, deadline)));
        reading.take_each(&mut taken, reads.buffered(PAGES_AT_ONCE).boxed()).await?;
    }
    if reading.ahead.is_some() {
        // To whom the last page went can begin with it.
        yield_now().await;
    }
    Ok(match taken {
        Taken::Changed => None,
        _ => reading.finish(),
    })
}

/// A page that was read, and its path.
type Read<T> = (Result<Page<T>, Error>, String);

fn read_page<T: Item>(
    transport: &Transport<AccessKeyId>,
    path: String,
    deadline: Deadline,
) -> BoxFuture<'_, Read<T>> {
    async move { (transport.read_with(&path, deadline, T::page).await, path) }.boxed()
}

/// The first page, and those that are likely to follow it, which are asked for as soon as its head is here.
fn first_pages<'a, T: Item>(
    transport: &'a Transport<AccessKeyId>,
    first_path: &'a str,
    deadline: Deadline,
) -> BoxStream<'a, Read<T>> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let first = async move {
        let parse = move |json: &str| {
            // Nobody may be there any more.
            _ = T::head(json).map(|head| tell.send(head));
            T::page(json)
        };
        (transport.read_with(first_path, deadline, parse).await, first_path.to_owned())
    };
    let heads = stream::poll_fn(move |context| told.poll_recv(context)).take(1);
    let following = heads.flat_map(|head| stream::iter(expected_after::<T>(head)));
    let reads = stream::once(future::ready(first.boxed()))
        .chain(following.map(move |path| read_page(transport, path, deadline)));
    reads.buffered(PAGES_AT_ONCE).boxed()
}

/// The paths of the pages that are likely to follow the first one, as soon as its head is known.
fn expected_after<T: Item>(head: Head) -> impl Iterator<Item = String> {
    let pages = head.count.saturating_sub(PAGE_SIZE.into()).div_ceil(PAGE_SIZE.into()).max(1);
    let next = checked_next::<T>(head.next).ok();
    let pages = usize::try_from(pages).unwrap_or(usize::MAX);
    next.into_iter().flat_map(move |next| expected_from(&next, pages))
}

/// The path of a page, and those of the pages that are likely to follow it: servers number them. They are asked for before
/// it is known that they follow.
fn expected_from(path: &str, count: usize) -> impl Iterator<Item = String> + use<> {
    let first = path.to_owned();
    let rest = numbered(path).map(|(before, number, after)| {
        let (before, after) = (before.to_owned(), after.to_owned());
        (1..count as u64).map(move |step| format!("{before}{}{after}", number.saturating_add(step)))
    });
    iter::once(first).chain(rest.into_iter().flatten())
}

/// A path around its page number.
fn numbered(path: &str) -> Option<(&str, u64, &str)> {
    let start = path.find("?page=").or_else(|| path.find("&page="))? + "?page=".len();
    let end = path[start..].find('&').map_or(path.len(), |length| start + length);
    Some((&path[..start], path[start..end].parse().ok()?, &path[end..]))
}

/// What a page means for the reading of its list.
enum Taken {
    Last,
    /// The path of the next page.
    More(String),
    /// The list is not what it was when the reading began.
    Changed,
}

/// The pages of a list that have come so far.
///
/// The last reading lets a list grow, because a busy project never stands still. It may not shrink: what comes after a
/// deleted item moves forward, and an item that moves over the edge of a page is missed.
struct Reading<'a, T> {
    query: &'a Query,
    ahead: Option<&'a Ahead<T>>,
    is_last_reading: bool,
    items: Vec<Shared<T>>,
    visited: HashSet<String>,
    count: u64,
    revision_date: Option<Option<f64>>,
}

impl<'a, T: Item> Reading<'a, T> {
    fn new(query: &'a Query, ahead: Option<&'a Ahead<T>>, is_last_reading: bool) -> Self {
        let (items, visited) = (Vec::new(), HashSet::new());
        Self { query, ahead, is_last_reading, items, visited, count: 0, revision_date: None }
    }

    fn take(&mut self, page: Page<T>) -> Result<Taken, Error> {
        let has_changed = *self.revision_date.get_or_insert(page.revision_date) != page.revision_date;
        if page.count < self.count || (has_changed && !self.is_last_reading) {
            return Ok(Taken::Changed);
        }
        self.count = page.count;
        if self.count > MAX_ITEMS {
            return Err(broken("it claims more items than a project can have"));
        }
        if (self.items.len() + page.results.len()) as u64 > self.count {
            return Ok(Taken::Changed);
        }
        page.results.iter().try_for_each(|item| check_name_hash(self.query, item))?;
        let known = self.items.len();
        self.items.extend(Shared::each(page.results));
        if let Some(ahead) = self.ahead.and_then(WeakUnboundedSender::upgrade) {
            // Nobody may be there any more.
            _ = ahead.send(self.items[known..].into());
        }
        let Some(next) = page.next else { return Ok(Taken::Last) };
        let next = checked_next::<T>(next)?;
        if !self.visited.insert(next.clone()) || self.visited.len() as u64 > self.count {
            return Err(broken("its pages go in a circle"));
        }
        Ok(Taken::More(next))
    }

    /// Takes pages that were asked for by their paths, as long as each is the one that the one before leads to.
    async fn take_each(&mut self, taken: &mut Taken, mut pages: BoxStream<'_, Read<T>>) -> Result<(), Error> {
        while let Taken::More(next) = &*taken
            && let Some((page, path)) = pages.next().await
            && path == *next
        {
            *taken = self.take(page?)?;
        }
        Ok(())
    }

    /// How many pages are to come, if they are as full as those that have come.
    fn pages_left(&self) -> usize {
        let so_far = self.visited.len().max(1);
        let left = usize::try_from(self.count).unwrap_or(usize::MAX).saturating_sub(self.items.len());
        left.div_ceil((self.items.len() / so_far).max(1))
    }

    /// The list, if it has as many items as it claims, and none twice.
    fn finish(self) -> Option<Listing<T>> {
        let is_whole =
            self.count == self.items.len() as u64 && are_distinct(self.items.iter().map(|item| item.id()));
        // The date of the first page: what changed after it is in the next reading for certain.
        let revision_date = self.revision_date.flatten();
        is_whole.then(|| Listing { items: self.items.into(), revision_date })
    }
}

/// Whether none of the ids comes twice.
fn are_distinct<'a>(ids: impl ExactSizeIterator<Item = &'a str> + Clone) -> bool {
    // To sort numbers takes less than to hash texts. Only where two are the same do the texts decide.
    let mut ends: Vec<u64> = ids.clone().map(ends_of).collect();
    ends.sort_unstable();
    let count = ids.len();
    ends.is_sorted_by(|one, other| one < other) || ids.collect::<HashSet<_>>().len() == count
}

/// A number of the two ends of an id. UUIDs hardly ever have both in common, whatever their version.
fn ends_of(id: &str) -> u64 {
    /// Any odd number that spreads bits, so that equal ends do not cancel each other out.
    const SPREADING: u64 = 0x9e37_79b9_7f4a_7c15;
    let (Some(first), Some(last)) = (id.as_bytes().first_chunk(), id.as_bytes().last_chunk()) else {
        return 0;
    };
    u64::from_le_bytes(*first).wrapping_mul(SPREADING) ^ u64::from_le_bytes(*last)
}

fn first_path<T: Item>(query: &Query, since: f64) -> String {
    let hash = match query {
        Query::All => "",
        Query::Name(hash) => hash.as_str(),
    };
    let (since, size) = (since.to_string(), PAGE_SIZE.to_string());
    // Every read of a name begins here, and joining takes a third of what formatting does.
    [
        T::PATH,
        "?",
        T::COUNT_PARAMETER,
        "=1&page=1&paging=1&revision_date=",
        &since,
        "&size=",
        &size,
        "&hash=",
        hash,
    ]
    .concat()
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
    fn an_id_that_comes_twice_is_found() {
        let uuid = |number: u32| format!("{number:08x}-6800-4000-8000-{:012x}", number * 7);
        let ids = |texts: &[String]| are_distinct(texts.iter().map(String::as_str));
        let mut uuids: Vec<_> = (0..100).map(uuid).collect();
        assert!(ids(&uuids));
        uuids.push(uuid(50));
        assert!(!ids(&uuids));
        let same_ends: Vec<_> = (0..100).map(|number| format!("aaaaaaaa{number}bbbbbbbb")).collect();
        assert!(ids(&same_ends));
        assert!(!ids(&[&same_ends[..], &same_ends[99..]].concat()));
        assert!(ids(&["".into(), "1".into(), "2".into()]));
        assert!(!ids(&["1".into(), "2".into(), "1".into()]));
        assert!(ids(&[]));
    }

    #[test]
    fn a_head_tells_which_pages_to_ask_for() {
        let after = |count, next: &str| {
            let paths = expected_after::<SecretItem>(Head { count, next: next.into() });
            paths.take(3).collect::<Vec<_>>()
        };
        let page = |number| format!("/v1/secrets?size=2000&page={number}");
        assert_eq!(after(4001, &page(2)), [page(2), page(3)]);
        assert_eq!(after(4000, &page(2)), [page(2)]);
        // A server may have smaller pages than it was asked for.
        assert_eq!(after(3, &page(2)), [page(2)]);
        assert_eq!(after(u64::MAX, &page(2)), [page(2), page(3), page(4)]);
        assert!(after(4001, "//evil.example/v1/secrets?page=2").is_empty());
    }

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
