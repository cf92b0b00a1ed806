//! Questions that lean on what was said before.

use search::{PastTurn, SearchEngine, SearchRequest, Speaker};

use crate::library::{article, found, library, query};

async fn engine() -> SearchEngine {
    let hotel = |id: &str, name: &str, text: &str| {
        let mut article = article(id, "Is there parking?", text);
        article.collection = Some(name.to_owned());
        article.collection_slug = Some(domain::slugify(name));
        article
    };
    library(vec![
        hotel("rosa", "Rosa's Guest House", "Parking is free for guests."),
        hotel("alpha", "Alpha Hotel", "Parking is free for guests."),
        hotel("about", "About the house", "Parking is free for guests."),
        article("sync", "Calendar does not sync", "Open the settings and choose the account to sync again."),
        article("account", "Remove an account", "Open the settings and remove the account."),
    ])
    .await
}

fn turn(speaker: Speaker, text: &str) -> PastTurn {
    PastTurn { speaker, text: text.to_owned() }
}

#[tokio::test]
async fn a_name_said_earlier_decides_among_equals() {
    let engine = engine().await;
    for (name, first) in [("rosas guest house", "rosa"), ("the Alpha Hotel", "alpha")] {
        let history = vec![
            turn(Speaker::Customer, &format!("I want to book {name}")),
            turn(Speaker::Bot, "Done. Anything else?"),
        ];
        let request = SearchRequest { history, ..query("is there parking") };
        assert!(found(&engine, &request).await.starts_with(first), "{name}");
    }
}

#[tokio::test]
async fn stop_words_of_a_name_are_no_mention() {
    let engine = engine().await;
    let alone = engine.search(&query("parking")).await.unwrap();
    let about = engine.search(&query("what about the parking")).await.unwrap();
    let score =
        |hits: &domain::Hits, slug: &str| hits.hits.iter().find(|hit| hit.slug == slug).unwrap().score;
    assert!((score(&alone, "about") - score(&about, "about")).abs() < 0.2);
}

#[tokio::test]
async fn a_new_topic_outweighs_the_old_one() {
    let engine = engine().await;
    let history =
        vec![turn(Speaker::Customer, "my calendar does not sync"), turn(Speaker::Bot, "Try again.")];
    let request = SearchRequest { history: history.clone(), ..query("how do I remove an account") };
    assert!(found(&engine, &request).await.starts_with("account"));
    let request = SearchRequest { history, ..query("that did not help") };
    assert!(found(&engine, &request).await.starts_with("sync"));
}
