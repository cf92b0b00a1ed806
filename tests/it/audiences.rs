//! No reader sees text they may not open, whatever happened to the articles before.

use desk::{ArticleChange, ArticleLookup, DeskError, NewArticle, NewSegment, Recording, SearchQuery};
use domain::{ApiKeyId, ArticleId, Audience, CustomerId, Locale, Principal, Scope};
use proptest::prelude::*;
use tests::{TestApp, bold};

/// A word for each article that stands in no other text; no model and no stemmer makes two of them alike.
const WORDS: [&str; 4] = ["zirconium", "marmalade", "quicksand", "bluebottle"];

/// What may happen to an article.
#[derive(Debug, Clone)]
enum Event {
    Publish,
    Withdraw,
    Address(Audience),
}

fn audience() -> impl Strategy<Value = Audience> {
    prop_oneof![
        Just(Audience::Public),
        Just(Audience::SignedIn),
        Just(Audience::Segment("gold".to_owned())),
        Just(Audience::Segment("gold-plus".to_owned())),
        Just(Audience::Agents),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::Publish),
        1 => Just(Event::Withdraw),
        3 => audience().prop_map(Event::Address),
    ]
}

fn readers() -> Vec<Principal> {
    let customer = |segments: &[&str]| Principal::Customer {
        id: CustomerId::new("cy"),
        segments: segments.iter().map(|&segment| segment.to_owned()).collect(),
    };
    let key = |scope| Principal::api_key(ApiKeyId::new("k"), [scope]);
    vec![
        Principal::anonymous(),
        customer(&[]),
        customer(&["gold"]),
        customer(&["gold-plus", "silver"]),
        key(Scope::TicketsWrite),
        key(Scope::KbRead),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn readers_see_exactly_what_they_may_open(events in prop::collection::vec((0..WORDS.len(), event()), 1..12)) {
        tokio::runtime::Runtime::new().expect("threads").block_on(check(events));
    }
}

async fn check(events: Vec<(usize, Event)>) {
    let app = TestApp::start_with(bold()).await;
    for key in ["gold", "gold-plus"] {
        let segment = NewSegment { key: key.to_owned(), name: key.to_owned(), filter: String::new() };
        app.desk().create_segment(&Principal::System, segment).await.expect("made");
    }
    let mut articles = Vec::new();
    for word in WORDS {
        articles.push((write(&app, word).await, Audience::Public, false));
    }
    for (at, event) in events {
        let (id, audience, is_published) = &mut articles[at];
        let desk = app.desk();
        match event {
            Event::Publish => {
                desk.publish_article(&Principal::System, id, None, None).await.expect("published");
                *is_published = true;
            }
            Event::Withdraw => {
                desk.unpublish_article(&Principal::System, id, None, None).await.expect("withdrawn");
                *is_published = false;
            }
            Event::Address(new) => {
                let change = ArticleChange { audience: Some(new.clone()), ..ArticleChange::default() };
                desk.change_article(&Principal::System, id, None, change, None).await.expect("changed");
                *audience = new;
            }
        }
    }
    for reader in readers() {
        for (word, (_, audience, is_published)) in WORDS.iter().zip(&articles) {
            let may = *is_published && reader.readable().includes(audience);
            assert_eq!(finds(&app, &reader, word).await, may, "{reader:?} searches {word} of {audience:?}");
            assert_eq!(opens(&app, &reader, word).await, may, "{reader:?} opens {word} of {audience:?}");
        }
    }
    for (word, (_, audience, is_published)) in WORDS.iter().zip(&articles) {
        let may = *is_published && *audience == Audience::Public;
        assert_eq!(is_told(&app, word).await, may, "a visitor asks about {word} of {audience:?}");
    }
    assert!(app.desk().verify_index().await.expect("compared").is_clean());
}

async fn write(app: &TestApp, word: &str) -> ArticleId {
    let new = NewArticle {
        title: format!("About {word}"),
        locale: Locale::english(),
        body: format!("Every {word} is kept in the cellar, secret-{word}, behind the third door."),
        slug: Some(word.to_owned()),
        collection: None,
        audience: None,
        questions: vec![],
        external_id: None,
    };
    app.desk().create_article(&Principal::System, new).await.expect("written").article.id
}

async fn finds(app: &TestApp, reader: &Principal, word: &str) -> bool {
    let query = SearchQuery {
        query: word.to_owned(),
        locale: None,
        limit: 50,
        as_you_type: false,
        collection: None,
        recording: Recording::Skip,
    };
    let found = app.desk().search(reader, query).await.expect("searched");
    serde_json::to_string(&found.hits.hits).expect("JSON").contains(&format!("secret-{word}"))
}

async fn opens(app: &TestApp, reader: &Principal, word: &str) -> bool {
    match app.desk().article_page(reader, word, None).await {
        Ok(ArticleLookup::Found(page)) => page.version.body.contains(word),
        Ok(ArticleLookup::Moved(to)) => panic!("moved to {to}"),
        Err(DeskError::NotFound) => false,
        Err(error) => panic!("{error}"),
    }
}

async fn is_told(app: &TestApp, word: &str) -> bool {
    let conversation = app.conversation().await;
    app.ask(&conversation, &format!("Where is the {word} kept?")).await;
    app.read(&conversation).await.to_string().contains(&format!("secret-{word}"))
}
