//! Nothing of an access key's secret or of a master password is left in memory that was given back.
//!
//! Every block is searched for them when it is freed: a copy that was not zeroed before would stay in the heap.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::atomic::{AtomicUsize, Ordering},
};

use locker_core::{
    CacheFolder, Config, ConnectionOptions, Locker, Options,
    crypto::{Kdf, MasterKey, MasterPassword},
};
use secrecy::SecretString;

/// The secret in base64, as its owner has it, and the same in bytes, as the keys are derived from it.
const BASE64: &str = "kLCjO3tVjKkBwBqbk2dZyiBYz1mF3Jx1Wl0n3TqQvXs=";
const BYTES: [u8; 32] = [
    0x90, 0xb0, 0xa3, 0x3b, 0x7b, 0x55, 0x8c, 0xa9, 0x01, 0xc0, 0x1a, 0x9b, 0x93, 0x67, 0x59, 0xca, 0x20,
    0x58, 0xcf, 0x59, 0x85, 0xdc, 0x9c, 0x75, 0x5a, 0x5d, 0x27, 0xdd, 0x3a, 0x90, 0xbd, 0x7b,
];
/// The password of an account, which normalisation does not change.
const PASSWORD: &str = "correct horse battery staple";
/// So much of it in one place is a leak.
const TRACE: usize = 12;
/// Larger blocks are the working memory of Argon2, which never holds a text, and would take long to search.
const LARGEST_SEARCHED: usize = 1024 * 1024;

static LEAKS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Only what this thread frees while it is asked to is searched.
    static SEARCHES: Cell<bool> = const { Cell::new(false) };
}

struct Searching;

#[allow(unsafe_code, reason = "an allocator has no other form")]
// SAFETY: every call is passed on to the system's allocator as it came. Looking at a block before it is freed reads
// bytes that the caller still owns; those that nobody wrote are zero, because every block is allocated zeroed.
unsafe impl GlobalAlloc for Searching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller's.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if layout.size() <= LARGEST_SEARCHED && SEARCHES.try_with(Cell::get).unwrap_or_default() {
            // SAFETY: the block is the caller's until the next line, and was initialised when it was allocated.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            if holds_trace(bytes) {
                LEAKS.fetch_add(1, Ordering::Relaxed);
            }
        }
        // SAFETY: as the caller's.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Searching = Searching;

fn holds_trace(block: &[u8]) -> bool {
    let holds = |secret: &[u8]| {
        secret
            .windows(TRACE)
            .step_by(TRACE / 2)
            .any(|trace| block.windows(TRACE).any(|window| window == trace))
    };
    holds(BASE64.as_bytes()) || holds(&BYTES) || holds(PASSWORD.as_bytes())
}

/// How many blocks with traces of the secret `work` frees.
fn leaks_of(work: impl FnOnce()) -> usize {
    let before = LEAKS.load(Ordering::Relaxed);
    SEARCHES.set(true);
    work();
    SEARCHES.set(false);
    LEAKS.load(Ordering::Relaxed) - before
}

fn options(secret: SecretString) -> Options {
    Options {
        access_key_id: Some("0d0c0b0a-0000-4000-8000-000000000001".into()),
        access_key_secret: Some(secret),
        cache_folder: CacheFolder::At(std::env::temp_dir()),
        ..Options::default()
    }
}

/// One test, because all of them look at the same counter.
#[test]
fn secrets_are_zeroed_wherever_they_have_been() {
    assert!(leaks_of(|| drop(BASE64.to_owned())) == 1, "the search finds what is there");
    assert!(leaks_of(|| drop(BYTES.to_vec())) == 1, "the search finds bytes too");

    let leaks = leaks_of(|| {
        let config = Config::new(options(BASE64.into()), |_| None).expect("valid options");
        let locker = Locker::new(config);
        drop(locker.clone());
        drop(locker);
    });
    assert_eq!(leaks, 0, "by way of the option");

    let leaks = leaks_of(|| {
        let mut given = Options { access_key_secret: None, ..options(BASE64.into()) };
        given.secret_access_key = Some(BASE64.into());
        drop(Locker::new(Config::new(given, |_| None).expect("valid options")));
    });
    assert_eq!(leaks, 0, "by way of its other name");

    let leaks = leaks_of(|| {
        let given = Options { access_key_secret: None, ..options("".into()) };
        let variable = |name: &str| (name == "LOCKER_ACCESS_KEY_SECRET").then(|| BASE64.to_owned());
        drop(Locker::new(Config::new(given, variable).expect("valid options")));
    });
    assert_eq!(leaks, 0, "by way of the environment");

    let leaks = leaks_of(|| {
        let connection = ConnectionOptions { timeout_ms: Some(-1.0), ..ConnectionOptions::default() };
        let refused = Options { connection, ..options(BASE64.into()) };
        drop(Config::new(refused, |_| None).expect_err("a timeout that is none"));
    });
    assert_eq!(leaks, 0, "where another option is refused");

    let leaks = leaks_of(|| {
        let unpadded: SecretString = BASE64[..43].into();
        drop(Config::new(options(unpadded), |_| None).expect_err("a secret without padding"));
    });
    assert_eq!(leaks, 0, "where it is refused itself");

    let leaks = leaks_of(|| {
        let password = MasterPassword::choose(&PASSWORD.into()).expect("a good password");
        let kdf = Kdf::make().expect("randomness");
        drop(MasterKey::derive(&password, &kdf).expect("enough memory"));
        drop(password);
        let refused = MasterPassword::new(&PASSWORD.repeat(100).into());
        assert!(refused.is_err(), "a long password");
    });
    assert_eq!(leaks, 0, "of a master password");
}
