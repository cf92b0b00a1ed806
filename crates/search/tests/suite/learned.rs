//! What solved tickets teach: it raises what agents linked, for whoever may see it, and nobody can plant anything.

use std::{collections::BTreeSet, sync::Arc};

use domain::{ArticleId, Audience, CustomerId, Hits, Readable, TicketId};
use embed::{Embedder as _, HashEmbedder};
use proptest::prelude::*;
use search::{Learned, Learning, Remembered, SearchEngine, SearchRequest};

use crate::library::{article, library, query};

fn solved(n: usize, question: &str, article: &str) -> Remembered {
    Remembered {
        ticket_id: TicketId::new(format!("t{n:04}")),
        customer_id: Some(CustomerId::new(format!("c{n}"))),
        question: question.to_owned(),
        vector: HashEmbedder.embed(&[question]).unwrap().remove(0),
        audiences: vec![Audience::Public],
        links: vec![(ArticleId::new(article), 1.0)],
        has_reply: true,
    }
}

fn learned(tickets: &[Remembered]) -> Learning {
    Learning::Of(Arc::new(Learned::new(HashEmbedder.dims(), tickets).numbered(Some(1))))
}

async fn ask(engine: &SearchEngine, text: &str, learning: Learning) -> Hits {
    engine.search(&SearchRequest { learning, ..query(text) }).await.unwrap()
}

fn order(hits: &Hits) -> Vec<&str> {
    hits.hits.iter().map(|hit| hit.article_id.as_str()).collect()
}

async fn two_articles() -> SearchEngine {
    library(vec![
        article("mail", "Set up mail", "Enter the server and the port of your mailbox."),
        article("print", "Print a page", "Choose a printer and the pages to print."),
    ])
    .await
}

#[tokio::test]
async fn what_agents_linked_is_found_for_words_that_no_article_has() {
    let engine = two_articles().await;
    let asked = "the gizmo blinks red and nothing comes";
    let tickets: Vec<Remembered> = (0..40).map(|n| solved(n, "gizmo blinks red", "print")).collect();
    let hits = ask(&engine, asked, learned(&tickets)).await;
    assert_eq!(order(&hits)[0], "print");
    assert!(hits.hits[0].legs.learned.unwrap() > 0.0);
    assert_eq!(hits.hits[0].past_tickets.len(), 3, "the hit names the tickets that raised it");
    let cold = ask(&engine, asked, Learning::Off).await;
    assert!(cold.hits.iter().all(|hit| hit.legs.learned.is_none() && hit.past_tickets.is_empty()));
}

#[tokio::test]
async fn an_empty_memory_changes_nothing() {
    let engine = two_articles().await;
    for text in ["set up my mailbox", "printer pages", "gizmo"] {
        let cold = ask(&engine, text, Learning::Off).await;
        assert_eq!(ask(&engine, text, learned(&[])).await, cold, "{text}");
    }
}

#[tokio::test]
async fn a_customer_with_two_hundred_tickets_counts_as_one_with_two() {
    let engine = two_articles().await;
    let honest: Vec<Remembered> = (0..30).map(|n| solved(n, "set up my mailbox", "mail")).collect();
    let planted = |n_planted: usize| -> Vec<Remembered> {
        let planted = (100..100 + n_planted).map(|n| Remembered {
            customer_id: Some(CustomerId::new("mallory")),
            ..solved(n, "set up my mailbox", "print")
        });
        honest.iter().cloned().chain(planted).collect()
    };
    let few = ask(&engine, "set up my mailbox", learned(&planted(2))).await;
    let many = ask(&engine, "set up my mailbox", learned(&planted(200))).await;
    assert_eq!(order(&few), ["mail", "print"]);
    assert_eq!(order(&many), order(&few));
    assert!(
        (many.hits[1].score - few.hits[1].score).abs() < 1e-6,
        "{} {}",
        many.hits[1].score,
        few.hits[1].score
    );
}

#[tokio::test]
async fn the_same_question_finds_the_same_tickets_again() {
    let engine = two_articles().await;
    let tickets: Vec<Remembered> =
        (0..3_000).map(|n| solved(n, &format!("gizmo number {} blinks", n % 50), "print")).collect();
    let learning = learned(&tickets);
    let first = ask(&engine, "gizmo number 7 blinks", learning.clone()).await;
    assert_eq!(first, ask(&engine, "gizmo number 7 blinks", learning).await);
    let tickets: Vec<&str> = first.hits[0].past_tickets.iter().map(|t| t.ticket_id.as_str()).collect();
    assert_eq!(tickets, ["t0007", "t0057", "t0107"], "among equals the oldest");
}

fn audiences() -> Vec<Audience> {
    vec![Audience::Public, Audience::SignedIn, Audience::Agents, Audience::Segment("gold".into())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever was learned from a restricted article or ticket, who may not read it sees nothing of it.
    #[test]
    fn nothing_restricted_shows_through_what_was_learned(
        of_articles in proptest::collection::vec(0..4usize, 4),
        of_tickets in proptest::collection::vec((0..4usize, 0..4usize), 1..20),
        may in proptest::collection::btree_set(0..4usize, 0..4),
    ) {
        let all = audiences();
        let mut readable: BTreeSet<Audience> = may.iter().map(|&at| all[at].clone()).collect();
        readable.insert(Audience::Public);
        let readable = Readable::Only(readable);
        let articles: Vec<_> = of_articles.iter().enumerate().map(|(n, &audience)| {
            let mut text = article(&format!("a{n}"), &format!("Title {n}"), "Some text about the gizmo.");
            text.audience = all[audience].clone();
            text
        }).collect();
        let tickets: Vec<Remembered> = of_tickets.iter().enumerate().map(|(n, &(article, audience))| Remembered {
            audiences: vec![all[audience].clone()],
            ..solved(n, "gizmo blinks red", &format!("a{article}"))
        }).collect();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(async {
            let engine = library(articles.clone()).await;
            let request = SearchRequest {
                readable: readable.clone(),
                learning: learned(&tickets),
                ..query("gizmo blinks red")
            };
            let hits = engine.search(&request).await.unwrap();
            for hit in &hits.hits {
                prop_assert!(readable.includes(&hit.audience), "{:?}", hit.article_id);
                for past in &hit.past_tickets {
                    let ticket = tickets.iter().find(|ticket| ticket.ticket_id == past.ticket_id).unwrap();
                    prop_assert!(ticket.audiences.iter().all(|audience| readable.includes(audience)));
                }
            }
            let may_learn = |ticket: &Remembered| {
                ticket.audiences.iter().all(|audience| readable.includes(audience))
            };
            if !tickets.iter().any(may_learn) {
                let cold = engine.search(&SearchRequest { learning: Learning::Off, ..request }).await.unwrap();
                prop_assert_eq!(hits, cold);
            }
            Ok(())
        })?;
    }
}
