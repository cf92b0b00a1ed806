//! Canned replies: who has them, how they are found, and the text that they make for a ticket.

use axum::http::Method;
use domain::{Role, Scope};
use serde_json::{Value, json};
use tests::{Browser, TestApp};

async fn made(app: &TestApp, key: &str, reply: Value) -> Value {
    app.post("/api/v1/canned-replies", Some(key), reply).await.expect(201).json()
}

fn path(reply: &Value) -> String {
    format!("/api/v1/canned-replies/{}", reply["id"].as_str().expect("an id"))
}

async fn titles(app: &TestApp, key: &str, query: &str) -> Vec<String> {
    let all = app.get(&format!("/api/v1/canned-replies{query}"), Some(key)).await.expect(200).json();
    let all = all["canned_replies"].as_array().expect("replies");
    all.iter().map(|reply| reply["title"].as_str().expect("a title").to_owned()).collect()
}

#[tokio::test]
async fn a_canned_reply_makes_a_text_for_a_ticket_and_counts() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let conversation = app.conversation().await;
    let form =
        json!({ "name": "Cy **Quokka**", "email": "cy@example.org", "message": "My printer is on fire" });
    let number = app.hand_off(&conversation, form).await;
    let ticket = app.ticket(&key, number).await["id"].clone();
    let body = "Dear {{ customer.name }}, this is **{{ agent.name }}** on #{{ ticket.number }}.\
                {% if not ticket.tags %} No tags.{% endif %}";
    let reply =
        json!({ "title": "Hello", "body": body, "folder": " Greetings / First ", "sharing": "everyone" });
    let reply = made(&app, &key, reply).await;
    assert_eq!((&reply["folder"], &reply["n_used"]), (&json!("Greetings/First"), &json!(0)));
    app.clock.advance(60);
    let render = format!("{}/render", path(&reply));
    let text = app.post(&render, Some(&key), json!({ "ticket_id": ticket })).await.expect(200).json();
    // What a customer calls themselves is words, whatever marks are in it.
    let expected = format!("Dear Cy \\*\\*Quokka\\*\\*, this is **Askwell** on #{number}. No tags.");
    assert_eq!(text, json!({ "body": expected }));
    let after = app.get(&path(&reply), Some(&key)).await.expect(200);
    assert_eq!(after.header("etag"), "\"1\"", "a use is no change");
    let after = after.json();
    assert_eq!((&after["n_used"], &after["last_used_at"]), (&json!(1), &json!("2026-01-01T00:01:00Z")));
    app.post(&render, Some(&key), json!({ "ticket_id": "nowhere" })).await.problem(404);
    let reader = app.key(&[Scope::TicketsRead]).await;
    app.post(&render, Some(&reader), json!({ "ticket_id": ticket })).await.problem(403);
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    let of_sales = app.key_of_teams(&[Scope::TicketsRead, Scope::TicketsWrite], Some(&["sales"])).await;
    app.post(&render, Some(&of_sales), json!({ "ticket_id": ticket })).await.problem(404);
}

#[tokio::test]
async fn canned_replies_are_found_by_words_and_folder() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for (title, folder, body) in [
        ("Refund granted", "Billing/Refunds", "You get your money back."),
        ("Refund refused", "Billing/Refunds", "Sorry, 100% sure."),
        ("Invoice", "Billing", "Here is your invoice."),
        ("Hello", "", "Hello!"),
    ] {
        let reply = json!({ "title": title, "folder": folder, "body": body, "sharing": "everyone" });
        made(&app, &key, reply).await;
    }
    for (query, expected) in [
        ("", vec!["Hello", "Invoice", "Refund granted", "Refund refused"]),
        ("?q=refund%20mon", vec!["Refund granted"]),
        ("?q=BILLING", vec!["Invoice", "Refund granted", "Refund refused"]),
        ("?folder=Billing/Refunds", vec!["Refund granted", "Refund refused"]),
        ("?folder=Bill", vec![]),
        ("?q=%25&folder=Billing", vec!["Invoice", "Refund granted", "Refund refused"]),
        ("?q=nothing", vec![]),
    ] {
        assert_eq!(titles(&app, &key, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_template_that_cannot_be_is_refused_when_it_is_saved() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let good = json!({ "title": "T", "body": "Hello.", "sharing": "everyone" });
    let reply = made(&app, &key, good.clone()).await;
    for (part, value, status, said) in [
        ("body", json!("{{ customer.nme }}"), 422, "there is no customer.nme"),
        ("body", json!("{{ ticket.fields.order }}"), 422, "there is no ticket.fields.order"),
        ("body", json!("{% for x in ticket.tags %}"), 422, "line 1"),
        ("body", json!("{% include '/etc/passwd' %}"), 422, "the statements are"),
        ("body", json!("Hi\n{{ customer.name | foo }}"), 422, "line 2: the filters are capitalize, default"),
        ("body", json!("{{ 1/0 }}"), 422, "line 1"),
        ("body", json!(" "), 422, "write something"),
        ("body", json!("x".repeat(40_000)), 413, "32768"),
        ("title", json!(""), 422, "write something"),
        ("folder", json!("a//b"), 422, "names"),
        ("sharing", json!("private"), 422, "a key belongs to nobody"),
        ("sharing", json!("team"), 400, "name the team"),
        ("team", json!("nowhere"), 400, "only with sharing"),
        ("owner_id", json!("ada"), 400, "owner_id"),
    ] {
        let mut new = good.clone();
        new[part] = value;
        let refused = app.post("/api/v1/canned-replies", Some(&key), new).await.problem(status);
        assert!(refused["detail"].as_str().unwrap().contains(said), "{part}: {refused}");
    }
    let change = |body: Value, etag: &'static str| {
        let (app, key, path) = (&app, &key, path(&reply));
        async move { app.send(Method::PATCH, &path, Some(key), Some(body), &[("if-match", etag)]).await }
    };
    change(json!({ "body": "{{ nothing }}" }), "\"1\"").await.problem(422);
    let changed = change(json!({ "title": "U", "folder": "F" }), "\"1\"").await.expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    change(json!({ "title": "V" }), "\"1\"").await.problem(412);
    // A field that comes later can be used from then on.
    let field = json!({ "key": "order", "title": "Order", "kind": { "type": "text" } });
    app.post("/api/v1/fields", Some(&key), field).await.expect(201);
    change(json!({ "body": "Order {{ ticket.fields.order }}" }), "\"2\"").await.expect(200);
    app.send(Method::DELETE, &path(&reply), Some(&key), None, &[]).await.expect(204);
    app.get(&path(&reply), Some(&key)).await.problem(404);
}

#[tokio::test]
async fn each_has_their_own_and_what_is_shared_with_them() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    let ada_id = app.person("Ada", Role::Agent).await;
    app.person("Eve", Role::Agent).await;
    let member = format!("/api/v1/teams/sales/members/{ada_id}");
    app.send(Method::PUT, &member, Some(&key), None, &[]).await.expect(204);
    let ada = Browser::signed_in(&app, "ada@askwell.example").await;
    let eve = Browser::signed_in(&app, "eve@askwell.example").await;
    let new = |title: &str, sharing: &str| json!({ "title": title, "body": "x", "sharing": sharing });
    let own = ada.post("/api/v1/canned-replies", new("own", "private")).await.expect(201).json();
    let mut of_team = new("teams", "team");
    of_team["team"] = json!("sales");
    let of_team = ada.post("/api/v1/canned-replies", of_team).await.expect(201).json();
    ada.post("/api/v1/canned-replies", new("all", "everyone")).await.problem(403);
    let of_all = made(&app, &key, new("all", "everyone")).await;
    for (reply, status) in [(&own, 404), (&of_team, 404), (&of_all, 200)] {
        assert_eq!(eve.get(&path(reply)).await.status, status, "{reply}");
    }
    let listed = ada.get("/api/v1/canned-replies").await.expect(200).json();
    assert_eq!(listed["canned_replies"].as_array().unwrap().len(), 3);
    eve.send(Method::DELETE, &path(&own), None, &[]).await.problem(404);
    eve.send(Method::DELETE, &path(&of_all), None, &[]).await.problem(403);
    eve.send(Method::PATCH, &path(&of_all), Some(json!({ "title": "mine" })), &[]).await.problem(403);
    // Visitors have nothing to do with them.
    let conversation = app.conversation().await;
    app.get("/api/v1/canned-replies", Some(&conversation.1)).await.problem(403);
}
