//! The database is the truth at once, even while the index has not heard of it yet.

use domain::{ArticleId, Audience, Clock as _, Locale};
use serde_json::json;
use store::{Store, WriteTx, sqlite_url};
use tests::{INVOICES, PASSWORD, TestApp, bold};

/// How another process takes an article from its readers.
#[derive(Debug, Clone)]
enum Change {
    Withdraw,
    Restrict(Audience),
}

#[tokio::test]
async fn what_another_process_takes_back_is_gone_before_the_index_knows() {
    for change in [
        Change::Withdraw,
        Change::Restrict(Audience::Agents),
        Change::Restrict(Audience::SignedIn),
        Change::Restrict(Audience::Segment("gold".to_owned())),
    ] {
        let mut app = TestApp::start_with(bold()).await;
        let key = app.master_key().await;
        let id = ArticleId::new(app.publish(&key, PASSWORD).await);
        app.publish(&key, INVOICES).await;
        assert_eq!(app.search("reset password", None).await.first().map(String::as_str), Some(PASSWORD.slug));
        let seq = app.desk().index_seq();
        let mut tx = beside(&app).await;
        let now = app.clock.now();
        match &change {
            Change::Withdraw => drop(tx.unpublish(&id, &Locale::english(), now).await.expect("withdrawn")),
            Change::Restrict(audience) => tx.set_audience(&id, audience, now).await.expect("restricted"),
        }
        tx.commit().await.expect("committed");

        assert_eq!(app.desk().index_seq(), seq, "the index has not followed");
        app.get("/readyz", None).await.expect(503);
        assert!(!app.search("reset password", None).await.contains(&PASSWORD.slug.to_owned()), "{change:?}");
        app.get("/a/reset-your-password", None).await.expect(404);
        let conversation = app.conversation().await;
        app.ask(&conversation, "How do I reset my password?").await;
        let number = app.hand_off(&conversation, json!({})).await;
        let ticket = app.ticket(&key, number).await;
        let drafts = format!("/api/v1/tickets/{}/suggestions", ticket["id"].as_str().expect("an id"));
        let drafts = app.post(&drafts, Some(&key), json!({})).await.expect(200).text;
        let seen = format!("{}{ticket}{drafts}", app.read(&conversation).await);
        assert!(!seen.contains("30 minutes") && !seen.contains(PASSWORD.slug), "{change:?}: {seen}");

        // A crash at this moment loses nothing: the next start follows.
        app.restart().await;
        app.get("/readyz", None).await.expect(200);
        assert!(app.desk().verify_index().await.expect("compared").is_clean(), "{change:?}");
        let staff = app.search("reset password", Some(&key)).await;
        assert_eq!(
            staff.contains(&PASSWORD.slug.to_owned()),
            !matches!(change, Change::Withdraw),
            "{change:?}"
        );
    }
}

/// A transaction of another process on the same database.
async fn beside(app: &TestApp) -> WriteTx {
    let store = Store::open(&sqlite_url(&app.data().join("askwell.db"))).await.expect("opened");
    store.begin().await.expect("begun")
}
