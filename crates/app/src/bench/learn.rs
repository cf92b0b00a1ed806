//! What remembered tickets cost a search, in time and memory.

use std::{sync::Arc, time::Instant};

use domain::{ArticleId, Audience, Readable, TicketId};
use embed::{Embedder as _, HashEmbedder};
use evals::{Library, generated::query};
use search::{Learned, Learning, Remembered, SearchRequest};
use serde::Serialize;

use super::{Percentiles, percentiles};

/// Articles that are searched.
const ARTICLES: usize = 1_000;
/// Generated queries that one ticket's question is made of: some 60 words.
const QUERIES_PER_TICKET: usize = 8;

#[derive(Debug, Serialize)]
pub(super) struct LearnReport {
    n_tickets: usize,
    /// A hybrid search without anything learned.
    without_ms: Percentiles,
    /// The same with it; the two take turns.
    with_ms: Percentiles,
    /// What the memory and the adapter hold, in MB of a million bytes.
    memory_mb: f64,
    /// Building it from the tickets and their vectors.
    load_s: f64,
}

/// Searches generated articles with and without this many remembered tickets, each with a linked article.
pub(super) async fn measure(n_tickets: usize, n_queries: usize) -> anyhow::Result<LearnReport> {
    let library = Library::generated(ARTICLES, Arc::new(HashEmbedder)).await?;
    let everything = |learning| SearchRequest {
        readable: Readable::Everything,
        query: query(1),
        limit: ARTICLES,
        learning,
        ..SearchRequest::default()
    };
    let found = library.engine.rank(&everything(Learning::Off)).await?;
    let articles: Vec<ArticleId> = found.articles.into_iter().map(|ranked| ranked.article_id).collect();
    let tickets: Vec<Remembered> = (0..n_tickets).map(|n| ticket(n, &articles)).collect();
    let started = Instant::now();
    let learned = Arc::new(Learned::new(HashEmbedder.dims(), &tickets).numbered(Some(1)));
    let load_s = started.elapsed().as_secs_f64();
    drop(tickets);
    let (mut without, mut with) = (vec![], vec![]);
    for n in 0..n_queries {
        for (learning, times) in
            [(Learning::Off, &mut without), (Learning::Of(Arc::clone(&learned)), &mut with)]
        {
            let request = SearchRequest { query: query(n), limit: 10, ..everything(learning) };
            let started = Instant::now();
            library.engine.search(&request).await?;
            times.push(started.elapsed().as_secs_f64() * 1000.0);
        }
    }
    Ok(LearnReport {
        n_tickets,
        without_ms: percentiles(&mut without),
        with_ms: percentiles(&mut with),
        memory_mb: learned.n_bytes() as f64 / 1e6,
        load_s,
    })
}

fn ticket(n: usize, articles: &[ArticleId]) -> Remembered {
    let parts: Vec<String> =
        (0..QUERIES_PER_TICKET).map(|part| query(n.wrapping_mul(7_919).wrapping_add(part * 31))).collect();
    let question = parts.join(" ");
    Remembered {
        ticket_id: TicketId::new(format!("{n:026}")),
        customer_id: None,
        vector: HashEmbedder.embed(&[&question]).map(|mut vectors| vectors.remove(0)).unwrap_or_default(),
        question,
        audiences: vec![Audience::Public],
        links: articles
            .get(n % articles.len().max(1))
            .map(|article| (article.clone(), 1.0))
            .into_iter()
            .collect(),
        has_reply: true,
    }
}
