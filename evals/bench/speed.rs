//! Where the time of a question and of a publish goes: `cargo bench -p evals`. Compare two builds on one machine.

use std::{hint::black_box, sync::Arc};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use domain::VersionId;
use embed::{Embedder, HashEmbedder};
use evals::{Library, generated};
use ingest::{ImportOptions, PassageOptions};
use search::{SearchMode, SearchRequest};
use tokio::runtime::Runtime;

/// Articles in the library that is searched.
const ARTICLES: usize = 2_000;
/// Different queries in one turn.
const QUERIES: usize = 16;

/// Splitting an article into passages, as an import does.
fn ingest(c: &mut Criterion) {
    let text = generated::article(0);
    let mut group = c.benchmark_group("ingest");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("article", |b| {
        b.iter(|| {
            let parsed = ingest::parse_markdown("a.md", black_box(&text), &ImportOptions::default());
            let version = VersionId::new("a");
            ingest::passages(&version, &parsed.title, &parsed.body, &PassageOptions::default())
        });
    });
    group.finish();
}

/// Embedding one text with the bundled model.
fn embed(c: &mut Criterion) {
    let model = embed::bundled().expect("the bundled model is in the binary");
    let mut group = c.benchmark_group("embed");
    for n_words in [8, 32, 128] {
        let text = vec!["water"; n_words].join(" ");
        group.throughput(Throughput::Elements(n_words as u64));
        group.bench_with_input(BenchmarkId::from_parameter(n_words), &text, |b, text| {
            b.iter(|| model.embed(&[black_box(text)]));
        });
    }
    group.finish();
}

/// Searching with vectors of hashed words, which cost nothing to make.
fn search(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime starts");
    let library = runtime.block_on(Library::generated(ARTICLES, Arc::new(HashEmbedder)));
    let engine = library.expect("generated articles can be indexed").engine;
    let mut group = c.benchmark_group("search");
    for (name, mode) in [("lexical", SearchMode::Lexical), ("hybrid", SearchMode::Hybrid)] {
        let mut n = 0;
        group.bench_function(name, |b| {
            b.to_async(&runtime).iter(|| {
                n = (n + 1) % QUERIES;
                let request = SearchRequest { query: generated::query(n), mode, ..SearchRequest::default() };
                let engine = engine.clone();
                async move { engine.search(&request).await.map(|hits| hits.hits.len()) }
            });
        });
    }
    group.finish();
}

criterion_group!(speed, ingest, embed, search);
criterion_main!(speed);
