//! What visitors find on the help center's pages.

use serde_json::json;
use tests::{CONTACTS, PASSWORD, TestApp};

#[tokio::test]
async fn articles_of_no_collection_are_found_by_browsing() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    assert!(app.get("/", None).await.expect(200).text.contains("No articles yet"));
    app.get("/articles", None).await.expect(404);

    app.publish(&key, PASSWORD).await;
    let shelved =
        json!({ "title": CONTACTS.title, "locale": "en", "body": CONTACTS.body, "collection": "Teams" });
    app.publish_json(&key, shelved).await;
    for path in ["/", "/articles", "/llms.txt", "/sitemap.xml"] {
        let page = app.get(path, None).await.expect(200).text;
        assert!(page.contains("/a/reset-your-password"), "{path}: {page}");
        assert_eq!(
            page.matches("/a/export-your-contacts").count(),
            usize::from(path != "/articles"),
            "{path}: {page}"
        );
    }
}

#[tokio::test]
async fn a_search_for_what_is_not_there_says_so() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    for (query, is_found) in [("password", true), ("passwrod", true), ("passw", true), ("xyzzyplugh", false)]
    {
        for part in ["", "&part=hits"] {
            let page = app.get(&format!("/search?q={query}{part}"), None).await.expect(200).text;
            assert_eq!(page.contains("/a/reset-your-password"), is_found, "{query}: {page}");
            assert_eq!(page.contains("No article matches"), !is_found, "{query}: {page}");
            assert!(page.contains("/ask?q="), "{query}: {page}");
        }
    }
}

#[tokio::test]
async fn related_articles_are_near_and_open_to_the_reader() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    app.publish(&key, CONTACTS).await;
    for (title, audience) in
        [("Change your password", "public"), ("Reset the password of somebody else", "agents")]
    {
        let article =
            json!({ "title": title, "locale": "en", "body": "Open your settings.", "audience": audience });
        app.publish_json(&key, article).await;
    }
    let related = app.get("/a/reset-your-password/related", None).await.expect(200).text;
    assert!(related.contains("/a/change-your-password"), "{related}");
    for other in ["/a/reset", "/a/export"] {
        assert!(!related.contains(other), "{other}: {related}");
    }
    app.get("/a/nothing/related", None).await.expect(404);
}

#[tokio::test]
async fn search_engines_learn_what_a_page_is_about_and_where_it_is() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let page = app.get("/a/reset-your-password?lang=en&cite=1-5", None).await.expect(200).text;
    assert!(
        page.contains("<link rel=\"canonical\" href=\"http://localhost/a/reset-your-password\">"),
        "{page}"
    );
    assert!(
        page.contains("<meta name=\"description\" content=\"To reset your password, open the sign-in page"),
        "{page}"
    );
    assert!(!page.contains("noindex"), "{page}");
}

#[tokio::test]
async fn what_people_searched_who_opened_an_article_is_proposed_for_it() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let query = "/search?q=password+grimblefax";
    for _ in 0..3 {
        let page = app.get(query, None).await.expect(200).text;
        let href = page.split("href=\"").find(|rest| rest.starts_with("/a/reset-your-password?from="));
        let href = href.and_then(|rest| rest.split(['"', '#']).next()).expect("a link that names the search");
        app.get(href, None).await.expect(200);
    }
    assert_eq!(app.learn().await.n_proposed, 1);
    let proposed = app.get("/api/v1/learning/questions", Some(&key)).await.expect(200).json();
    assert_eq!(proposed["questions"][0]["question"], "password grimblefax", "{proposed}");
    let page = app.get("/search?q=grimblefax", None).await.expect(200).text;
    assert!(!page.contains("/a/reset-your-password"), "readers' clicks alone change nothing: {page}");
}
