//! Nobody finds what they may not read, by whatever way.

use std::collections::BTreeSet;

use domain::{ArticleId, Audience, Locale, Readable};
use proptest::prelude::*;
use search::{IndexedText, SearchMode, SearchRequest};

use crate::library::{apply, article, found, library, put, query};

const AUDIENCES: [&str; 5] = ["public", "signed_in", "agents", "segment:gold", "segment:silver"];
const WORDS: [&str; 8] = ["refund", "invoice", "mailbox", "password", "export", "team", "portal", "reply"];

fn words() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&WORDS[..]), 1..6).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_hit_is_readable_in_every_mode(
        articles in prop::collection::vec((words(), words(), prop::sample::select(&AUDIENCES[..])), 1..12),
        restricted in prop::collection::vec(any::<bool>(), 12),
        readable in prop::collection::btree_set(prop::sample::select(&AUDIENCES[..]), 0..4),
        asked in words(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let texts: Vec<_> = articles.iter().enumerate().map(|(n, (title, body, audience))| {
                let mut text = article(&format!("a{n}"), title, body);
                text.audience = Audience::parse(audience).unwrap();
                text
            }).collect();
            let engine = library(texts.clone()).await;
            let changed: Vec<_> = texts.into_iter().zip(&restricted).filter(|(_, now)| **now).map(|(mut text, _)| {
                text.audience = Audience::Agents;
                text
            }).collect();
            apply(&engine, changed.into_iter().map(put).collect(), 2).await.unwrap();
            let set: BTreeSet<Audience> = readable.iter().map(|key| Audience::parse(key).unwrap()).collect();
            for mode in [SearchMode::Hybrid, SearchMode::Lexical, SearchMode::Dense] {
                let readable = Readable::Only(set.clone());
                let request = SearchRequest { mode, readable, as_you_type: true, limit: 50, ..query(&asked) };
                for hit in engine.search(&request).await.unwrap().hits {
                    let n: usize = hit.slug[1..].parse().unwrap();
                    let audience = if restricted[n] { "agents" } else { articles[n].2 };
                    prop_assert!(set.contains(&Audience::parse(audience).unwrap()), "{} of {}", hit.slug, audience);
                }
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn nothing_is_readable_until_somebody_says_who_asks() {
    let engine = library(vec![article("a", "Refunds", "Refunds take a week.")]).await;
    let nobody = SearchRequest { query: "refunds".to_owned(), ..SearchRequest::default() };
    assert_eq!(found(&engine, &nobody).await, "");
}

#[tokio::test]
async fn what_is_withdrawn_is_gone_with_the_next_search() {
    let engine = library(vec![article("a", "Refunds", "Refunds take a week.")]).await;
    assert_eq!(found(&engine, &query("refunds")).await, "a");
    let gone = IndexedText::Remove { article_id: ArticleId::new("a"), locale: Locale::english() };
    apply(&engine, vec![gone], 2).await.unwrap();
    for mode in [SearchMode::Hybrid, SearchMode::Lexical, SearchMode::Dense] {
        assert_eq!(found(&engine, &SearchRequest { mode, ..query("refunds") }).await, "", "{mode:?}");
    }
    assert_eq!((engine.n_articles(), engine.n_passages(), engine.seq()), (0, 0, 2));
}
