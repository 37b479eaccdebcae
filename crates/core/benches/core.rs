//! How long the hot paths of the core take: `cargo bench -p locker-core --features bench`.

#![allow(missing_docs, clippy::expect_used, reason = "a benchmark")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use locker_core::{
    bench::{ParsedPage, Project},
    crypto::EncString,
};

/// The largest page that the protocol knows.
const PAGE: usize = 2000;

fn texts(criterion: &mut Criterion) {
    let project = Project::make().expect("a project");
    let key = project.key();
    let sealed = key.seal_text("correct horse battery staple").expect("sealing").to_string();
    let parsed: EncString = sealed.parse().expect("an EncString");
    let mut group = criterion.benchmark_group("text");
    group.bench_function("parse", |bencher| bencher.iter(|| black_box(&sealed).parse::<EncString>()));
    group.bench_function("open", |bencher| bencher.iter(|| key.open_text(black_box(&parsed))));
    group
        .bench_function("seal", |bencher| bencher.iter(|| key.seal_text(black_box("correct horse battery"))));
    group.bench_function("name_hash", |bencher| {
        bencher.iter(|| project.name_hash(black_box("SERVICE_000123_TOKEN")))
    });
}

fn pages(criterion: &mut Criterion) {
    let project = Project::make().expect("a project");
    let json = project.page(PAGE).expect("a page");
    let page = ParsedPage::parse(&json).expect("a page");
    let mut group = criterion.benchmark_group("page");
    group.sample_size(50).throughput(Throughput::Elements(PAGE as u64));
    group.bench_function("parse", |bencher| {
        bencher.iter_with_large_drop(|| ParsedPage::parse(black_box(&json)).expect("a page"));
    });
    group.bench_function("open", |bencher| {
        bencher.iter_with_large_drop(|| project.open(black_box(&page)).expect("secrets"));
    });
}

criterion_group!(benches, texts, pages);
criterion_main!(benches);
