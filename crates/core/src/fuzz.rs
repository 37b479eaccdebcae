//! Whatever comes from outside as bytes, tried with bytes that nobody would write: EncStrings, answers and cache files.
//!
//! `LOCKER_FUZZ_CASES` says how many inputs each property tries; `npm run test:long` sets it. Each input is small, and
//! so is what may be done with it: nothing panics, nothing altered opens, and no input makes a decoder take more memory
//! than the input justifies.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    env, fs,
    ops::Range,
    sync::LazyLock,
};

use proptest::{prelude::*, sample::Index};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    cache::{CacheFile, Contents},
    clock::Stamp,
    config::{Config, ConnectionOptions, Options},
    crypto::{AccessKeySecret, EncString, NameHash, Opener, SymmetricKey},
    wire::{EnvironmentItem, Item, Page, ProfileAnswer, Refusal, Sealed, SecretItem},
};

/// Enough to notice a property that is broken, in a second or two each.
const DEFAULT_CASES: u32 = 1500;
/// What a decoder may take for an input of no size: the first block of a vector, and an error.
const FIXED_ALLOWANCE: usize = 4 * 1024;
/// What a decoder may take for each byte of input. A secret with nothing but its id is 25 bytes of JSON and ten times as
/// many in memory, and the vector that it goes into has been copied each time it grew.
const ALLOWANCE_PER_BYTE: usize = 48;
/// What is repeated within an input must not make the run slow.
const MAX_REPEATED: usize = 64;

/// Pieces that a blind mutation would hardly find.
const TOKENS: [&[u8]; 27] = [
    b"2.",
    b"0.",
    b"|",
    b"||",
    b"=",
    b"==",
    b"AAAA",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xc3\x28",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"-0.0",
    b"18446744073709551616",
    b"[",
    b"{",
    b"{\"data\":",
    b"{\"id\":\"\",\"project_id\":0},",
    b"lockerpm cache 2\n",
];

/// What a thread has asked its allocator for.
#[derive(Clone, Copy)]
struct Allocated {
    total: usize,
    largest: usize,
}

thread_local! {
    static ALLOCATED: Cell<Allocated> = const { Cell::new(Allocated { total: 0, largest: 0 }) };
}

/// The system's allocator, which also counts, per thread.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

impl Counting {
    fn count(size: usize) {
        // A thread that is ending has no counter any more, and nobody measures it.
        let _ = ALLOCATED.try_with(|allocated| {
            let Allocated { total, largest } = allocated.get();
            allocated.set(Allocated { total: total.saturating_add(size), largest: largest.max(size) });
        });
    }
}

#[allow(unsafe_code, reason = "an allocator cannot be written without, and this one only counts")]
// SAFETY: every method passes its arguments on to `System` as they came. Counting allocates nothing: the counter is
// initialised at compile time and has no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count(layout.size());
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        Self::count(new_size);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(old, layout, new_size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(old, layout) }
    }
}

/// Decodes `input`, and fails if that takes more memory than the input justifies. All that is ever taken counts, not
/// only what is taken at one time.
fn decode<'a, I: AsRef<[u8]> + ?Sized, T>(
    input: &'a I,
    decode: impl FnOnce(&'a I) -> T,
) -> Result<T, TestCaseError> {
    ALLOCATED.set(Allocated { total: 0, largest: 0 });
    let decoded = decode(input);
    let Allocated { total, largest } = ALLOCATED.get();
    let length = input.as_ref().len();
    let allowed = FIXED_ALLOWANCE + ALLOWANCE_PER_BYTE * length;
    prop_assert!(total <= allowed, "{length} bytes took {total}, at most {largest} at once");
    Ok(decoded)
}

/// One change to an input. A few of them in a row make the inputs that get deepest into a decoder.
#[derive(Clone, Debug)]
enum Mutation {
    Flip {
        at: Index,
        bit: u8,
    },
    Insert {
        at: Index,
        bytes: Vec<u8>,
    },
    Cut {
        from: Index,
        to: Index,
    },
    End {
        at: Index,
    },
    Repeat {
        from: Index,
        to: Index,
        times: usize,
    },
    /// Continues with the end of another valid input. Both are cut where one part ends and another begins.
    Splice {
        at: Index,
        donor: Index,
        from: Index,
    },
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    let bytes = prop_oneof![
        prop::sample::select(&TOKENS[..]).prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 1..4)
    ];
    prop_oneof![
        (at(), 0..8_u8).prop_map(|(at, bit)| Mutation::Flip { at, bit }),
        (at(), bytes).prop_map(|(at, bytes)| Mutation::Insert { at, bytes }),
        (at(), at()).prop_map(|(from, to)| Mutation::Cut { from, to }),
        at().prop_map(|at| Mutation::End { at }),
        (at(), at(), 1..200_usize).prop_map(|(from, to, times)| Mutation::Repeat { from, to, times }),
        (at(), at(), at()).prop_map(|(at, donor, from)| Mutation::Splice { at, donor, from }),
    ]
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    prop::collection::vec(mutation(), 0..4)
}

/// One of the valid inputs with the changes made to it.
fn mutated(valid: &[Vec<u8>], base: Index, mutations: &[Mutation]) -> Vec<u8> {
    let mut input = base.get(valid).clone();
    for mutation in mutations {
        apply(mutation, &mut input, valid);
    }
    input
}

fn apply(mutation: &Mutation, input: &mut Vec<u8>, valid: &[Vec<u8>]) {
    let place = |at: &Index, input: &[u8]| at.index(input.len() + 1);
    let range = |one: &Index, other: &Index, input: &[u8]| -> Range<usize> {
        let (one, other) = (place(one, input), place(other, input));
        one.min(other)..one.max(other)
    };
    match mutation {
        Mutation::Flip { at, bit } => {
            let at = place(at, input);
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
        Mutation::Insert { at, bytes } => {
            let at = place(at, input);
            input.splice(at..at, bytes.iter().copied());
        }
        Mutation::Cut { from, to } => drop(input.drain(range(from, to, input))),
        Mutation::End { at } => input.truncate(place(at, input)),
        Mutation::Repeat { from, to, times } => {
            let mut range = range(from, to, input);
            range.end = range.end.min(range.start + MAX_REPEATED);
            let repeated = input[range.clone()].repeat(*times);
            input.splice(range, repeated);
        }
        Mutation::Splice { at, donor, from } => {
            let donor = donor.get(valid);
            input.truncate(seam(at, input));
            input.extend_from_slice(&donor[seam(from, donor)..]);
        }
    }
}

/// A place where a part of the format ends.
fn seam(at: &Index, input: &[u8]) -> usize {
    let is_seam = |&place: &usize| b"\n|.\",:{}[]".contains(&input[place]);
    let seams = || (0..input.len()).filter(is_seam);
    seams().nth(at.index(seams().count() + 1)).unwrap_or(input.len())
}

fn configured() -> ProptestConfig {
    let given = env::var("LOCKER_FUZZ_CASES").ok();
    let cases = given.map_or(DEFAULT_CASES, |given| given.parse().expect("LOCKER_FUZZ_CASES is a number"));
    ProptestConfig { cases, ..ProptestConfig::default() }
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..100)
}

/// Every text that is sealed somewhere below. Nothing else may ever come out.
const TEXTS: [&str; 6] =
    ["", "DB_PASSWORD", "correct horse battery staple", "prod", "https://example.com", "\u{1f511} of a door"];

static ACCESS_KEY: LazyLock<AccessKeySecret> = LazyLock::new(|| secret_of('A').parse().expect("a secret"));
static KEY: LazyLock<SymmetricKey> = LazyLock::new(|| ACCESS_KEY.derive_key());

fn secret_of(letter: char) -> String {
    String::from(letter).repeat(44)
}

fn sealed(text: &str) -> String {
    KEY.seal_text(text).expect("sealing").to_string()
}

static ENC_STRINGS: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| TEXTS.iter().map(|text| sealed(text).into_bytes()).collect());

fn secret(id: &str) -> Value {
    json!({
        "id": id, "project_id": 1, "environment_id": "e1", "environment_hash": NameHash::derive(1, TEXTS[3]),
        "environment_name": sealed(TEXTS[3]), "secret_hash": NameHash::derive(1, TEXTS[1]),
        "key": sealed(TEXTS[1]), "value": sealed(TEXTS[2]), "description": "",
        "creation_date": 1_700_000_000.25, "revision_date": 1_700_000_001, "updated_date": null, "new": [{}],
    })
}

fn environment(id: &str) -> Value {
    json!({
        "id": id, "project_id": 1, "hash": NameHash::derive(1, TEXTS[3]), "creation_date": 1_700_000_000.25,
        "data": {"name": sealed(TEXTS[3]), "external_url": sealed(TEXTS[4]), "description": sealed(TEXTS[5])},
    })
}

fn contents(ids: &[&str]) -> Value {
    let secrets: Vec<Value> = ids.iter().map(|id| secret(id)).collect();
    let age = json!({"secs": 3, "nanos": 5});
    let lookup = json!({"age": age, "hash": NameHash::derive(1, TEXTS[1]), "items": secrets});
    let whole = json!({"age": age, "revision_date": 1.5, "deleted_item_date": null, "items": secrets});
    json!({
        "profile": ids.first().map(|_| json!({"key": sealed("key"), "project_id": 1})),
        "secrets": {"whole": whole, "looked_up": [lookup]},
        "environments": {"whole": null, "looked_up": []},
    })
}

/// The JSON that comes from a server, and that which comes out of a cache file.
static ANSWERS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let page = |results: Value| json!({"count": 2, "next": "/v1/secrets?page=2", "revision_date": 2, "results": results});
    [
        page(json!([secret("s1"), secret("s2")])),
        page(json!([environment("e1"), environment("e2")])),
        // The most memory for the least input: the vector has just grown from 64 places to 128.
        page(vec![json!({"id": "", "project_id": 0}); 65].into()),
        json!({"profile": {"key": sealed("key"), "project_id": 1}, "more": {"of": [1, 2.5, null]}}),
        json!({"code": "0004", "message": "This secret hash already exists"}),
        contents(&["s1"]),
    ]
    .map(|answer| answer.to_string().into_bytes())
    .into()
});

fn decode_json<T: DeserializeOwned>(input: &[u8]) -> Result<Option<T>, TestCaseError> {
    decode(input, |input| serde_json::from_slice(input).ok())
}

/// Decodes a page as a list does, and gives its fields.
fn decode_page<T: Item, const N: usize>(
    input: &[u8],
    fields: impl Fn(&T) -> [&str; N],
) -> Result<Vec<String>, TestCaseError> {
    let page: Option<Page<T>> = decode(input, |input| T::page(str::from_utf8(input).ok()?).ok())?;
    let items: Vec<T> = page.into_iter().flat_map(|page| page.results).collect();
    Ok(items.iter().flat_map(&fields).map(str::to_owned).collect())
}

/// Decodes `input` as everything that is JSON.
fn decode_answer(input: &[u8]) -> Result<(), TestCaseError> {
    decode_json::<ProfileAnswer>(input)?;
    decode_json::<Refusal>(input)?;
    decode_json::<Contents>(input)?;
    let of_secrets = decode_page(input, |item: &SecretItem| {
        [item.key(), item.value(), item.description(), item.environment_name()]
    })?;
    let of_environments = decode_page(input, |item: &EnvironmentItem| {
        [&item.name, &item.external_url, &item.description].map(Sealed::as_str)
    })?;
    let mut opener = Opener::new(&KEY);
    for field in of_secrets.into_iter().chain(of_environments).filter(|field| !field.is_empty()) {
        if let Ok(text) = opener.open_text(&field) {
            prop_assert!(TEXTS.contains(&text.as_str()) || text == "key", "{text:?} was never sealed");
        }
    }
    Ok(())
}

/// Files that a process may find in place of its own.
struct Files {
    file: CacheFile,
    /// What `file` has written, and what is in it.
    own: Vec<(Vec<u8>, Value)>,
    /// The head of each file with the body of each file, its own and those of others.
    mixed: Vec<Vec<u8>>,
}

static FILES: LazyLock<Files> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |id: &str, secret: char, base: &str| {
        let options = Options {
            access_key_id: Some(id.to_owned()),
            access_key_secret: Some(secret_of(secret).into()),
            connection: ConnectionOptions { api_base: Some(base.to_owned()), ..ConnectionOptions::default() },
            ..Options::default()
        };
        CacheFile::new(folder.path(), &Config::new(options, |_| None).expect("a config"))
    };
    let write = |file: &CacheFile, contents: &Value| {
        let stored = serde_json::from_value(contents.clone()).expect("contents");
        file.store(&stored, Stamp::now()).expect("storing");
        let written = fs::read_dir(folder.path()).expect("a folder").next().expect("a file").expect("a file");
        let bytes = fs::read(written.path()).expect("a file");
        file.remove().expect("removing");
        bytes
    };
    let own = file("id", 'A', "http://a.test");
    let written = [contents(&[]), contents(&["s1"])].map(|contents| (write(&own, &contents), contents));
    let foreign = [("id", 'B', "http://a.test"), ("id2", 'A', "http://a.test"), ("id", 'A', "http://b.test")]
        .map(|(id, secret, base)| write(&file(id, secret, base), &contents(&["s1"])));
    let all: Vec<&Vec<u8>> = written.iter().map(|(bytes, _)| bytes).chain(&foreign).collect();
    let mixed = all
        .iter()
        .flat_map(|one| all.iter().map(|other| [lines(one, 2), &other[lines(other, 2).len()..]].concat()))
        .collect();
    Files { file: own, own: written.into(), mixed }
});

/// The first lines of a file. There are two before its body.
fn lines(file: &[u8], count: usize) -> &[u8] {
    let length = file.split_inclusive(|&byte| byte == b'\n').take(count).map(<[u8]>::len).sum();
    &file[..length]
}

/// A file opens if it is one that was written, and to what was written then.
fn open_file(input: &[u8]) -> Result<(), TestCaseError> {
    let opened = decode(input, |input| FILES.file.open(input))?;
    let written = FILES.own.iter().find(|(bytes, _)| bytes == input);
    match (opened, written) {
        (Ok((contents, _)), Some((_, written))) => {
            let contents = serde_json::to_vec(&contents).expect("contents");
            let expected: Contents = serde_json::from_value(written.clone()).expect("contents");
            prop_assert_eq!(contents, serde_json::to_vec(&expected).expect("contents"));
        }
        (Err(_), None) => {}
        (Ok(_), None) => prop_assert!(false, "a file opens that nobody wrote"),
        (Err(problem), Some(_)) => prop_assert!(false, "a file does not open: {problem}"),
    }
    Ok(())
}

/// Parses a text as an EncString, which has one spelling only, and opens it.
fn open_enc_string(text: &str) -> Result<Option<String>, TestCaseError> {
    let Ok(parsed) = decode(text, str::parse::<EncString>)? else { return Ok(None) };
    prop_assert_eq!(parsed.to_string(), text);
    Ok(KEY.open_text(&parsed).ok())
}

proptest! {
    #![proptest_config(configured())]

    #[test]
    fn no_text_but_an_enc_string_opens(bytes in any_bytes(), has_type: bool) {
        let text = String::from_utf8_lossy(&bytes);
        let text = if has_type { format!("2.{text}") } else { text.into_owned() };
        prop_assert_eq!(open_enc_string(&text)?, None);
    }

    #[test]
    fn an_altered_enc_string_does_not_open(base: Index, mutations in mutations()) {
        let input = mutated(&ENC_STRINGS, base, &mutations);
        if let Ok(text) = str::from_utf8(&input) {
            let original = ENC_STRINGS.iter().position(|original| *original == input);
            let expected = original.map(|position| TEXTS[position].to_owned());
            prop_assert_eq!(open_enc_string(text)?, expected);
        }
    }

    #[test]
    fn any_bytes_may_be_an_answer(bytes in any_bytes()) {
        decode_answer(&bytes)?;
    }

    #[test]
    fn an_altered_answer_says_nothing_new(base: Index, mutations in mutations()) {
        decode_answer(&mutated(&ANSWERS, base, &mutations))?;
    }

    #[test]
    fn any_bytes_may_be_a_cache_file(bytes in any_bytes(), valid in 0..3_usize) {
        open_file(&[lines(&FILES.own[0].0, valid), &bytes].concat())?;
    }

    #[test]
    fn an_altered_cache_file_does_not_open(base: Index, mutations in mutations()) {
        open_file(&mutated(&FILES.mixed, base, &mutations))?;
    }
}
