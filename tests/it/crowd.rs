//! Many at once: every request is answered, nothing is counted twice.

use std::collections::BTreeSet;

use desk::{HandoffForm, NewArticle};
use domain::{ConversationId, Locale, Principal};
use serde_json::json;
use tests::{PASSWORD, TestApp, bold};

/// Who writes at the same moment.
const N_WRITERS: usize = 24;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_never_stand_in_each_others_way() {
    let app = TestApp::start_with(bold()).await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..N_WRITERS {
        let desk = app.desk().clone();
        writers.spawn(async move {
            if n % 2 == 0 {
                let opened = desk.start_conversation(None).await.expect("opened").conversation.id;
                let visitor = Principal::Visitor { conversation: Some(opened.clone()) };
                desk.ask(&visitor, &opened, "How do I reset my password?", None).await.expect("asked");
                let handed = desk.hand_off(&visitor, &opened, HandoffForm::default()).await;
                Some(handed.expect("handed over").ticket_number)
            } else {
                let article =
                    desk.create_article(&Principal::System, article(n)).await.expect("written").article.id;
                desk.publish_article(&Principal::System, &article, None, None).await.expect("published");
                desk.unpublish_article(&Principal::System, &article, None, None).await.expect("withdrawn");
                desk.publish_article(&Principal::System, &article, None, None)
                    .await
                    .expect("published again");
                None
            }
        });
    }
    let numbers: BTreeSet<i64> = writers.join_all().await.into_iter().flatten().collect();
    assert_eq!(numbers, (1..=(N_WRITERS / 2) as i64).collect(), "one number each, without gaps");
    assert_eq!(app.tickets(&key).await.len(), N_WRITERS / 2);
    assert!(app.desk().verify_index().await.expect("compared").is_clean());
    assert_eq!(
        app.search("article number 7", None).await.first().map(String::as_str),
        Some("article-number-7")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_asked_at_once_in_one_conversation_are_all_kept_in_order() {
    let app = TestApp::start_with(bold()).await;
    app.publish(&app.master_key().await, PASSWORD).await;
    let conversation = app.conversation().await;
    let id = ConversationId::new(conversation.0.clone());
    let mut askers = tokio::task::JoinSet::new();
    for n in 0..4 {
        let (desk, id) = (app.desk().clone(), id.clone());
        let visitor = Principal::Visitor { conversation: Some(id.clone()) };
        askers.spawn(async move {
            desk.ask(&visitor, &id, &format!("Password {n}: link?"), None).await.map(drop)
        });
    }
    for asked in askers.join_all().await {
        asked.expect("asked");
    }
    let read = app.read(&conversation).await;
    let turns = read["turns"].as_array().expect("turns");
    assert_eq!(turns.len(), 8, "{read}");
    for (turn, n) in turns.iter().zip(0..) {
        assert_eq!(turn["ordinal"], n, "{read}");
        assert_eq!(turn["speaker"], if n % 2 == 0 { "customer" } else { "bot" }, "{read}");
    }
    assert_eq!(read["state"], json!("bot"));
}

fn article(n: usize) -> NewArticle {
    NewArticle {
        title: format!("Article number {n}"),
        locale: Locale::english(),
        body: format!("This is what article number {n} says."),
        slug: None,
        collection: Some("numbers".to_owned()),
        audience: None,
        questions: vec![],
        external_id: None,
    }
}
