//! Runs one hot path of the core, for `scripts/callgrind.mjs`, which counts the instructions of [`measured`].

#![allow(clippy::expect_used, reason = "a benchmark")]

use std::hint::black_box;

use locker_core::{
    bench::{ParsedPage, Project},
    crypto::EncString,
};

const SECRETS: usize = 200;

/// What is counted: everything below this name. Each path works on as much, so that the start-up of none counts.
#[inline(never)]
fn measured<T>(path: impl FnOnce() -> T) -> T {
    black_box(path())
}

fn main() {
    let name = std::env::args().nth(1).expect("the name of a path");
    if name == "processor" {
        return println!("{} {}", std::env::consts::ARCH, processor());
    }
    let project = Project::make().expect("a project");
    let key = project.key();
    let text = "correct horse battery staple";
    let sealed = key.seal_text(text).expect("sealing");
    let written = sealed.to_string();
    let json = project.page(SECRETS).expect("a page");
    let page = ParsedPage::parse(&json).expect("a page");
    // What is done once, such as asking which instructions the processor has, is done above.
    match name.as_str() {
        "enc-string-parse" => measured(|| times(|| written.parse::<EncString>().is_ok())),
        "text-open" => measured(|| times(|| key.open_text(&sealed).is_ok())),
        "text-seal" => measured(|| times(|| key.seal_text(black_box(text)).is_ok())),
        "name-hash" => measured(|| times(|| !project.name_hash(black_box(text)).as_str().is_empty())),
        "page-parse" => measured(|| ParsedPage::parse(black_box(&json)).is_ok()),
        "page-open" => measured(|| project.open(black_box(&page)).expect("secrets").len() == SECRETS),
        _ => false,
    }
    .then_some(())
    .expect("a path that succeeds");
}

fn times(mut path: impl FnMut() -> bool) -> bool {
    (0..SECRETS).all(|_| black_box(path()))
}

/// What decides which code is run.
#[cfg(target_arch = "x86_64")]
fn processor() -> String {
    use std::is_x86_feature_detected as has;
    let features =
        [("aes", has!("aes")), ("avx2", has!("avx2")), ("sha", has!("sha")), ("avx512f", has!("avx512f"))];
    features.iter().filter(|(_, is_there)| *is_there).map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
}

#[cfg(not(target_arch = "x86_64"))]
fn processor() -> &'static str {
    ""
}
