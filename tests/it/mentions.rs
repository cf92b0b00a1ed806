//! Mentions: who is named in a note reads so, and nobody who may not see the ticket is named.

use axum::http::Method;
use domain::{Event, Principal, Role};
use serde_json::{Value, json};
use tests::{Browser, TestApp};

async fn ticket(app: &TestApp, key: &str) -> Value {
    app.post("/api/v1/tickets", Some(key), json!({ "body": "It is broken.", "team": null }))
        .await
        .expect(201)
        .json()
}

async fn note(app: &TestApp, key: &str, ticket: &Value, body: &str) -> tests::Answer {
    let path = format!("/api/v1/tickets/{}/messages", ticket["id"].as_str().unwrap());
    app.post(&path, Some(key), json!({ "kind": "note", "body": body })).await
}

async fn unread(browser: &Browser<'_>) -> Vec<Value> {
    let list = browser.get("/api/v1/me/mentions?unread=true").await.expect(200).json();
    list["mentions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_person_reads_where_they_are_named() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let ada = app.person("Ada", Role::Agent).await;
    let dee = app.person("Dee", Role::Agent).await;
    let browser = Browser::signed_in(&app, "ada@askwell.example").await;
    let first = ticket(&app, &key).await;
    note(&app, &key, &first, "@ada, can you look? Not `@dee`, nor a@ada.example.").await.expect(201);
    note(&app, &key, &first, &format!("@[Somebody](user:{ada}) and @ada once more, and @nobody"))
        .await
        .expect(201);
    let html = json!({ "kind": "note", "format": "html", "body": format!("<p><a href=\"user:{dee}\">@Dee</a></p>") });
    let path = format!("/api/v1/tickets/{}/messages", first["id"].as_str().unwrap());
    app.post(&path, Some(&key), html).await.expect(201);
    app.write(&key, &first, "reply", "Dear customer, @ada takes care.").await;

    let list = unread(&browser).await;
    assert_eq!(list.len(), 2, "{list:?}");
    assert_eq!((&list[0]["ticket_number"], &list[0]["message"]["kind"]), (&json!(1), &json!("note")));
    assert!(list[0]["message"]["body"].as_str().unwrap().contains("once more"), "the newest first");
    let happened = app.desk().happened_after(&Principal::System, 0).await.unwrap();
    let named: Vec<String> = happened
        .entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::TicketMentioned { user_id, .. } => Some(user_id.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(named, [ada.as_str(), ada.as_str(), dee.as_str()]);

    let page = browser.get("/api/v1/me/mentions?limit=1").await.expect(200).json();
    let next = page["next"].as_str().unwrap();
    let rest = browser.get(&format!("/api/v1/me/mentions?limit=1&after={next}")).await.expect(200).json();
    assert_eq!((rest["mentions"][0]["id"].clone(), &rest["next"]), (list[1]["id"].clone(), &Value::Null));
    let mark = format!("/api/v1/me/mentions/{}/read-mark", list[0]["id"].as_str().unwrap());
    browser.send(Method::PUT, &mark, None, &[]).await.expect(204);
    assert_eq!(unread(&browser).await.len(), 1);
    browser.send(Method::DELETE, &mark, None, &[]).await.expect(204);
    assert_eq!(unread(&browser).await.len(), 2);
    // In the archive as anywhere.
    let path = format!("/api/v1/tickets/{}", first["id"].as_str().unwrap());
    app.send(Method::PATCH, &path, Some(&key), Some(json!({ "status": "closed" })), &[]).await.expect(200);
    assert_eq!(app.archive().await, 1);
    assert_eq!(unread(&browser).await.len(), 2);
    browser.send(Method::PUT, &mark, None, &[]).await.expect(204);
    assert_eq!(unread(&browser).await.len(), 1);
    let nowhere = Some(json!({ "id": "nope" }));
    browser.send(Method::PUT, "/api/v1/me/mentions/read-mark", nowhere, &[]).await.problem(404);
    assert_eq!(unread(&browser).await.len(), 1);
    let all = Some(json!({ "id": list[0]["id"] }));
    browser.send(Method::PUT, "/api/v1/me/mentions/read-mark", all, &[]).await.expect(204);
    assert!(unread(&browser).await.is_empty());

    let others = Browser::signed_in(&app, "dee@askwell.example").await;
    others.send(Method::PUT, &mark, None, &[]).await.problem(404);
    let anothers = Some(json!({ "id": list[0]["id"] }));
    others.send(Method::PUT, "/api/v1/me/mentions/read-mark", anothers, &[]).await.problem(404);
    browser.get("/api/v1/me/mentions?limit=0").await.problem(422);
    browser.get("/api/v1/me/mentions?limit=101").await.problem(422);
    app.get("/api/v1/me/mentions", Some(&key)).await.problem(403);
    app.get("/api/v1/me/mentions", None).await.problem(401);
}

#[tokio::test]
async fn nobody_is_named_who_may_not_see_the_ticket() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    let ada = app.person("Ada", Role::Agent).await;
    app.person("Eve", Role::Editor).await;
    for (name, email) in [("Sam One", "one@x.example"), ("Sam Two", "two@x.example")] {
        app.desk().create_user(&Principal::System, name, email, Role::Agent, None).await.unwrap();
    }
    let first = ticket(&app, &key).await;
    note(&app, &key, &first, "@ada").await.expect(201);
    let browser = Browser::signed_in(&app, "ada@askwell.example").await;
    assert_eq!(unread(&browser).await.len(), 1);
    let narrow = Some(json!({ "sees": "own_teams" }));
    app.send(Method::PATCH, &format!("/api/v1/users/{ada}"), Some(&key), narrow, &[]).await.expect(200);
    assert!(unread(&browser).await.is_empty(), "of a ticket that they no longer see nothing is told");
    for (body, named) in [
        ("Hello @ada!", "@ada"),
        ("@sam", "Sam Two"),
        ("@[Nobody](user:T0)", "user:T0"),
        (format!("@[x](user:{ada})").as_str(), "@[Ada]"),
    ] {
        let refused = note(&app, &key, &first, body).await.problem(422);
        assert!(refused["detail"].as_str().unwrap().contains(named), "{body}: {refused}");
    }
    let view = app.ticket(&key, 1).await;
    assert_eq!(view["messages"].as_array().unwrap().len(), 2, "nothing was written");
    note(&app, &key, &first, "@one may").await.expect(201);
    let leaves = Some(json!({ "active": false }));
    app.send(Method::PATCH, &format!("/api/v1/users/{ada}"), Some(&key), leaves, &[]).await.expect(200);
    note(&app, &key, &first, "@ada is only a word now").await.expect(201);
}

#[tokio::test]
async fn who_is_named_in_the_first_note_of_a_ticket_hears_of_it_and_follows() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let ada = app.person("Ada", Role::Agent).await;
    let limited = app.person("Lim", Role::Agent).await;
    let own = Some(json!({ "sees": "own_teams" }));
    app.send(Method::PATCH, &format!("/api/v1/users/{limited}"), Some(&key), own, &[]).await.expect(200);
    let new = |body: &str| json!({ "body": body });
    let opened =
        app.post("/api/v1/tickets", Some(&key), new("A call came in, @ada.")).await.expect(201).json();
    assert_eq!(opened["follower_ids"], json!([ada.to_string()]));
    let browser = Browser::signed_in(&app, "ada@askwell.example").await;
    assert_eq!(unread(&browser).await[0]["ticket_number"], opened["number"]);
    app.post("/api/v1/tickets", Some(&key), new("Or @lim?")).await.problem(422);
    assert_eq!(app.tickets(&key).await.len(), 1, "nothing is half done");
    // What a customer writes names nobody.
    let asked = json!({ "body": "Hello @ada", "customer": { "email": "cy@example.org" } });
    app.post("/api/v1/tickets", Some(&key), asked).await.expect(201);
    assert_eq!(unread(&browser).await.len(), 1);
}
