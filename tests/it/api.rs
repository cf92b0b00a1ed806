//! Who may call what, and what a refusal looks like.

use axum::{
    body::Body,
    http::{Method, Request},
};
use domain::Scope;
use serde_json::{Value, json};
use tests::{PASSWORD, TestApp};

use crate::second_factor::{first_step, with_dee};

/// A request and the status of its refusal.
struct Refused {
    method: Method,
    path: &'static str,
    content_type: Option<&'static str>,
    body: Vec<u8>,
    status: u16,
}

fn refused(
    method: Method,
    path: &'static str,
    content_type: Option<&'static str>,
    body: impl Into<Vec<u8>>,
    status: u16,
) -> Refused {
    Refused { method, path, content_type, body: body.into(), status }
}

#[tokio::test]
async fn every_error_is_a_problem() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let json = Some("application/json");
    let cases = [
        refused(Method::GET, "/api/v1/nothing", None, "", 404),
        refused(Method::GET, "/api/nothing", None, "", 404),
        refused(Method::GET, "/api/v1/articles/no-such", None, "", 404),
        refused(Method::GET, "/api/v1/tickets/999", None, "", 404),
        refused(Method::GET, "/api/v1/tickets/%00", None, "", 404),
        refused(Method::DELETE, "/api/v1/search", None, "", 405),
        refused(Method::PUT, "/api/v1/articles", None, "", 405),
        refused(Method::POST, "/api/v1/articles", json, "{", 400),
        refused(Method::POST, "/api/v1/articles", json, "[]", 400),
        refused(Method::POST, "/api/v1/articles", json, r#"{"title":"x"}"#, 400),
        refused(Method::POST, "/api/v1/articles", json, r#"{"title":"x","body":"y","role":"admin"}"#, 400),
        refused(Method::POST, "/api/v1/articles", json, b"\xff\xfe{}".to_vec(), 400),
        refused(Method::POST, "/api/v1/articles", Some("text/plain"), "{}", 415),
        refused(Method::POST, "/api/v1/articles", None, "{}", 415),
        refused(Method::POST, "/api/v1/articles", json, r#"{"title":" ","body":"y"}"#, 422),
        refused(Method::POST, "/api/v1/articles", json, vec![b' '; 9 << 20], 413),
        refused(Method::POST, "/api/v1/conversations", json, vec![b' '; 1 << 20], 413),
        refused(Method::POST, "/api/v1/conversations", json, r#"{"locale":"not a locale"}"#, 400),
        refused(Method::GET, "/api/v1/search", None, "", 400),
        refused(Method::GET, "/api/v1/search?q=", None, "", 422),
        refused(Method::GET, "/api/v1/search?q=x&limit=many", None, "", 400),
        refused(Method::GET, "/api/v1/search?q=x&locale=en_US", None, "", 400),
        refused(Method::GET, "/api/v1/tickets?status=No%20key", None, "", 400),
        refused(Method::GET, "/api/v1/articles?state=lost", None, "", 400),
    ];
    for Refused { method, path, content_type, body, status } in cases {
        let shown = format!("{method} {path} {}", String::from_utf8_lossy(&body[..body.len().min(60)]));
        let mut request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {key}"));
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = app.raw(request.body(Body::from(body)).expect("a request")).await;
        assert_eq!(answer.status, status, "{shown}: {}", answer.text);
        let problem = answer.problem(status);
        assert_eq!(problem["instance"], path.split('?').next().unwrap_or_default(), "{shown}");
        assert!(!answer.text.contains("panicked") && !answer.text.contains("sqlx"), "{}", answer.text);
    }
}

#[tokio::test]
async fn no_operation_takes_a_parameter_or_condition_that_it_does_not_describe() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    with_dee(&app).await;
    let (browser, _) = first_step(&app).await;
    let described = app.get("/api/openapi.json", None).await.expect(200).json();
    let mut n_walked = 0;
    for (path, operations) in described["paths"].as_object().expect("paths") {
        for (name, operation) in operations.as_object().expect("operations") {
            assert!(operation["responses"]["400"].is_object(), "{name} {path} does not describe 400");
            let method = Method::from_bytes(name.to_uppercase().as_bytes()).expect("a method");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let is_conditional = parameters.clone().any(|parameter| parameter["name"] == "If-Match");
            let in_query = parameters.filter(|parameter| parameter["in"] == "query");
            let taken: Vec<&str> = in_query.filter_map(|parameter| parameter["name"].as_str()).collect();
            let taken = if taken.is_empty() { "none".to_owned() } else { taken.join(", ") };
            let parts = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
            let address = parts.collect::<Vec<_>>().join("/");
            let asked = format!("{address}?nonsense=1");
            // Nothing is done, whatever it is: it is refused before its body is read.
            let is_own = operation["security"] == json!([{ "session": [] }]);
            let answer = match is_own {
                true => browser.send(method.clone(), &asked, None, &[]).await,
                false => app.send(method.clone(), &asked, Some(&key), None, &[]).await,
            };
            assert_eq!(answer.status, 400, "{name} {asked}: {}", answer.text);
            let expected = format!("nonsense: no such parameter; this operation takes {taken}");
            assert_eq!(answer.problem(400)["detail"], expected, "{name} {asked}");
            if !is_conditional && !is_own {
                // Who sends a condition does not want it done all the same.
                let condition = [("if-match", "\"1\"")];
                let answer = app.send(method, &address, Some(&key), None, &condition).await;
                let detail = answer.problem(400)["detail"].clone();
                assert_eq!(
                    detail, "If-Match: this operation cannot be made to depend on it",
                    "{name} {path}"
                );
            }
            n_walked += 1;
        }
    }
    assert!(n_walked >= 150, "{n_walked}");
    // Who may not do it learns nothing of what it takes.
    app.get("/api/v1/audit?nonsense=1", None).await.problem(401);
    let key = app.key(&[Scope::KbRead]).await;
    app.get("/api/v1/audit?nonsense=1", Some(&key)).await.problem(403);
}

/// What a staff route needs. A visitor's token is worth nothing there.
#[tokio::test]
async fn each_staff_route_takes_its_own_scope_and_no_other() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    let article = app.publish(&master, PASSWORD).await;
    let conversation = app.conversation().await;
    let number = app.hand_off(&conversation, json!({})).await;
    let ticket = app.ticket(&master, number).await["id"].as_str().expect("an id").to_owned();
    let change = Some(json!({}));
    // Nobody makes a key that may do what they may not.
    let new_key = Some(json!({ "name": "k", "scopes": ["admin:keys"] }));
    let note = Some(json!({ "kind": "note", "body": "seen" }));
    let routes = [
        (Scope::KbRead, Method::GET, "/api/v1/articles".to_owned(), None),
        (Scope::KbRead, Method::GET, format!("/api/v1/articles/{article}"), None),
        (
            Scope::KbWrite,
            Method::POST,
            "/api/v1/articles".to_owned(),
            Some(json!({ "title": "t", "body": "b" })),
        ),
        (Scope::KbWrite, Method::PATCH, format!("/api/v1/articles/{article}"), change.clone()),
        (Scope::KbWrite, Method::PUT, format!("/api/v1/articles/{article}/publication"), None),
        (Scope::KbWrite, Method::DELETE, format!("/api/v1/articles/{article}/publication"), None),
        (Scope::TicketsRead, Method::GET, "/api/v1/tickets".to_owned(), None),
        (Scope::TicketsRead, Method::GET, format!("/api/v1/tickets/{ticket}"), None),
        (Scope::TicketsWrite, Method::PATCH, format!("/api/v1/tickets/{ticket}"), change),
        (Scope::TicketsWrite, Method::POST, format!("/api/v1/tickets/{ticket}/messages"), note),
        (Scope::TicketsWrite, Method::POST, format!("/api/v1/tickets/{ticket}/suggestions"), None),
        (Scope::AdminKeys, Method::GET, "/api/v1/keys".to_owned(), None),
        (Scope::AdminKeys, Method::POST, "/api/v1/keys".to_owned(), new_key),
        (Scope::AdminUsers, Method::GET, "/api/v1/users".to_owned(), None),
        (Scope::AdminUsers, Method::GET, "/api/v1/roles".to_owned(), None),
    ];
    let others = |scope| Scope::ALL.into_iter().filter(move |&other| other != scope && other != Scope::Admin);
    for (scope, method, path, body) in routes {
        let shown = format!("{method} {path}");
        let send =
            async |bearer: Option<&str>| app.send(method.clone(), &path, bearer, body.clone(), &[]).await;
        let answer = send(None).await;
        answer.problem(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{shown}");
        send(Some("askwell_rubbish")).await.problem(401);
        let visitor = send(Some(&conversation.1)).await;
        assert!(visitor.status == 403 || visitor.status == 404, "{shown} as a visitor: {}", visitor.status);
        // Writing needs reading where the answer shows what was written.
        let lacking = app.key(&others(scope).collect::<Vec<_>>()).await;
        send(Some(&lacking)).await.problem(403);
        let answer = send(Some(&app.key(&[scope]).await)).await;
        assert!(
            answer.status.is_success(),
            "{shown} with {scope:?} alone: {} {}",
            answer.status,
            answer.text
        );
    }
}

#[tokio::test]
async fn a_conversation_is_only_its_own_visitors_business() {
    let app = TestApp::start().await;
    let key = app.key(&[Scope::KbRead, Scope::KbWrite]).await;
    let own = app.conversation().await;
    let said = app.ask(&own, "How do I reset my password?").await;
    let turn = said["turn_id"].as_str().expect("an id");
    let other = app.conversation().await;
    let id = &own.0;
    for (method, path, body) in [
        (Method::GET, format!("/api/v1/conversations/{id}"), None),
        (Method::POST, format!("/api/v1/conversations/{id}/turns"), Some(json!({ "text": "hello?" }))),
        (Method::POST, format!("/api/v1/conversations/{id}/handoff"), Some(json!({}))),
        (
            Method::PUT,
            format!("/api/v1/conversations/{id}/turns/{turn}/feedback"),
            Some(json!({ "feedback": "helpful" })),
        ),
        // A turn of somebody else within one's own conversation.
        (
            Method::PUT,
            format!("/api/v1/conversations/{}/turns/{turn}/feedback", other.0),
            Some(json!({ "feedback": "helpful" })),
        ),
    ] {
        let send =
            async |bearer: Option<&str>| app.send(method.clone(), &path, bearer, body.clone(), &[]).await;
        send(Some(&other.1)).await.problem(404);
        send(Some(&key)).await.problem(403);
        send(None).await.problem(401);
    }
    // Who may read every conversation may not speak in it as its visitor.
    let reader = app.key(&[Scope::TicketsRead]).await;
    app.get(&format!("/api/v1/conversations/{id}"), Some(&reader)).await.expect(200);
    for (method, path, body) in [
        (Method::POST, format!("/api/v1/conversations/{id}/turns"), json!({ "text": "hello?" })),
        (Method::POST, format!("/api/v1/conversations/{id}/handoff"), json!({})),
        (
            Method::PUT,
            format!("/api/v1/conversations/{id}/turns/{turn}/feedback"),
            json!({ "feedback": "helpful" }),
        ),
    ] {
        app.send(method, &path, Some(&reader), Some(body), &[]).await.problem(403);
    }
    let read = app.read(&own).await;
    assert_eq!(read["turns"].as_array().map(Vec::len), Some(2), "nothing was added: {read}");
    assert!(app.tickets(&app.master_key().await).await.is_empty());
}

#[tokio::test]
async fn a_revoked_or_expired_key_dies_at_once() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    let new = async |body: Value| app.post("/api/v1/keys", Some(&master), body).await.expect(201).json();
    let revoked = new(json!({ "name": "revoked", "scopes": ["kb:read"] })).await;
    let expired = new(json!({ "name": "expired", "scopes": ["kb:read"], "expires_in_days": 1 })).await;
    let secret = |key: &Value| key["secret"].as_str().expect("a secret").to_owned();
    for key in [&revoked, &expired] {
        app.get("/api/v1/articles", Some(&secret(key))).await.expect(200);
    }
    let path = format!("/api/v1/keys/{}", revoked["id"].as_str().expect("an id"));
    app.send(Method::DELETE, &path, Some(&master), None, &[]).await.expect(204);
    app.clock.advance(86_401);
    for key in [&revoked, &expired] {
        app.get("/api/v1/articles", Some(&secret(key))).await.problem(401);
        // A program that sends a dead key is told so, even where none is needed.
        app.get("/api/v1/search?q=password", Some(&secret(key))).await.problem(401);
    }
    let listed = app.get("/api/v1/keys", Some(&master)).await.expect(200).text;
    assert!(!listed.contains(&secret(&revoked)), "a secret is shown once");
}

#[tokio::test]
async fn a_stale_change_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let id = app.publish(&key, PASSWORD).await;
    let path = format!("/api/v1/articles/{id}");
    let read = app.get(&path, Some(&key)).await.expect(200);
    let etag = read.header("etag").to_owned();
    let change = async |title: &str, tag: &str| {
        let body = Some(json!({ "title": title }));
        app.send(Method::PATCH, &path, Some(&key), body, &[("if-match", tag)]).await
    };
    let first = change("Reset it", &etag).await.expect(200);
    assert_ne!(first.header("etag"), etag);
    let problem = change("Overwrite it", &etag).await.problem(412);
    assert_eq!(problem["current_revision"], first.json()["revision"]);
    assert_eq!(app.get(&path, Some(&key)).await.expect(200).json()["title"], "Reset it");
    change("x", "rubbish").await.problem(400);
    change("Again", first.header("etag")).await.expect(200);
    let publication = format!("{path}/publication");
    for method in [Method::PUT, Method::DELETE] {
        let publication = async |tag: &str| {
            app.send(method.clone(), &publication, Some(&key), None, &[("if-match", tag)]).await
        };
        publication(&etag).await.problem(412);
        let tag = app.get(&path, Some(&key)).await.expect(200).header("etag").to_owned();
        publication(&tag).await.expect(200);
    }
}

#[tokio::test]
async fn lists_come_in_pages_without_gaps_or_repeats() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for _ in 0..5 {
        let conversation = app.conversation().await;
        app.hand_off(&conversation, json!({})).await;
        app.clock.advance(1);
    }
    let mut numbers = Vec::new();
    let mut after = String::new();
    loop {
        let page = app.get(&format!("/api/v1/tickets?limit=2{after}"), Some(&key)).await.expect(200).json();
        let tickets = page["tickets"].as_array().expect("tickets");
        numbers.extend(tickets.iter().filter_map(|ticket| ticket["number"].as_i64()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(numbers, [5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let app = TestApp::start().await;
    for (header, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        for path in ["/api/v1/conversations", "/ask", "/ask/handoff", "/app/sign-in"] {
            let request = Request::post(path)
                .header("host", "help.example")
                .header(header, value)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::from("text=hello"));
            assert_eq!(app.raw(request.expect("a request")).await.status, 403, "{path} with {header}");
        }
    }
}

#[tokio::test]
async fn a_ticket_says_who_changed_what_and_refuses_a_stale_change() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let conversation = app.conversation().await;
    let form = json!({ "name": "Cy", "email": "cy@example.org", "message": "My printer is on fire" });
    let number = app.hand_off(&conversation, form).await;
    let ticket = app.ticket(&key, number).await;
    assert_eq!((&ticket["revision"], &ticket["history"]), (&json!(1), &json!([])));
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().expect("an id"));
    let etag = app.get(&path, Some(&key)).await.expect(200).header("etag").to_owned();
    let change = async |body: Value, tag: &str| {
        app.send(Method::PATCH, &path, Some(&key), Some(body), &[("if-match", tag)]).await
    };
    let urgent = change(json!({ "priority": "urgent", "status": "open" }), &etag).await.expect(200);
    assert_eq!(urgent.json()["revision"], 2);
    let refused = change(json!({ "priority": "low" }), &etag).await.problem(412);
    assert_eq!(refused["current_revision"], 2);
    change(json!({ "priority": "urgent" }), urgent.header("etag")).await.expect(200);
    app.write(&key, &ticket, "reply", "Put it out.").await;
    app.ask(&conversation, "It burns again").await;
    let read = app.ticket(&key, number).await;
    let history: Vec<(&str, &str, &str, &str)> = read["history"]
        .as_array()
        .expect("a history")
        .iter()
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().expect("a text");
            (text("author"), text("field"), text("from"), text("to"))
        })
        .collect();
    let expected = [
        ("agent", "status", "new", "open"),
        ("agent", "priority", "normal", "urgent"),
        ("agent", "status", "open", "pending"),
        ("customer", "status", "pending", "open"),
    ];
    assert_eq!(history, expected, "what stays as it is leaves no entry");
    assert_eq!(read["history"][0]["name"], "Askwell");
}

#[tokio::test]
async fn tickets_are_tagged_and_found_by_what_they_are() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let mut paths = vec![];
    for email in ["cy@example.org", "di@example.org"] {
        let conversation = app.conversation().await;
        let form = json!({ "name": "Cy", "email": email, "message": "My printer is on fire" });
        let number = app.hand_off(&conversation, form).await;
        let ticket = app.ticket(&key, number).await;
        paths.push(format!("/api/v1/tickets/{}", ticket["id"].as_str().expect("an id")));
    }
    let tag = async |tags: Value| {
        app.send(Method::PATCH, &paths[0], Some(&key), Some(json!({ "tags": tags })), &[]).await
    };
    let tagged = tag(json!(["VIP", "needs  review", "vip"])).await.expect(200).json();
    assert_eq!(tagged["tags"], json!(["needs-review", "vip"]));
    assert_eq!(tag(json!(["vip", "needs-review"])).await.expect(200).json()["revision"], tagged["revision"]);
    assert_eq!(tag(json!(["a,b"])).await.problem(422)["field"], "tags");
    tag(json!((0..21).map(|n| n.to_string()).collect::<Vec<_>>())).await.problem(422);
    let found = async |query: &str| {
        let listed = app.get(&format!("/api/v1/tickets?{query}"), Some(&key)).await.expect(200).json();
        listed["tickets"].as_array().expect("tickets").len()
    };
    for (query, n) in [
        ("tag=vip", 1),
        ("tag=VIP&assignee_id=none", 1),
        ("tag=other", 0),
        ("priority=normal", 2),
        ("priority=urgent", 0),
        ("assignee_id=nobody-i-know", 0),
        ("status=new&limit=1", 1),
    ] {
        assert_eq!(found(query).await, n, "{query}");
    }
    let unknown = app.get("/api/v1/tickets?status=old", Some(&key)).await.problem(422);
    assert!(unknown["detail"].as_str().unwrap().contains("there is no status \"old\""), "{unknown}");
    for query in ["tag=a,b", "priority=soon", "status=new,open"] {
        let refused = app.get(&format!("/api/v1/tickets?{query}"), Some(&key)).await.problem(400);
        assert_eq!(refused["field"], query.split('=').next().unwrap_or_default(), "{refused}");
    }
    let read = app.get(&paths[0], Some(&key)).await.expect(200).json();
    let entry = &read["history"][0];
    assert_eq!(
        (&entry["field"], &entry["from"], &entry["to"]),
        (&json!("tags"), &json!(null), &json!("needs-review, vip"))
    );
}
