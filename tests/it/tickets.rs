//! Opening tickets through the API, without a conversation.

use axum::http::Method;
use domain::{Principal, Role, Scope, TicketSight};
use serde_json::{Value, json};
use tests::{Browser, TestApp};

#[tokio::test]
async fn a_program_opens_a_ticket_for_a_customer() {
    let app = TestApp::start().await;
    let key = app.key(&[Scope::TicketsRead, Scope::TicketsWrite]).await;
    let body = "I was charged twice for order 7.\nPlease refund one of them, I need it today.";
    let new = json!({ "body": body, "customer": { "email": "Cy@Example.org", "name": "Cy" }, "tags": ["Web Form"] });
    let first = app.post("/api/v1/tickets", Some(&key), new).await;
    assert_eq!(first.header("etag"), "\"1\"");
    let first = first.expect(201).json();
    assert_eq!((first["number"].as_i64(), first["status"].as_str()), (Some(1), Some("new")));
    assert_eq!(first["team"], "billing", "as a hand-over with these words");
    assert_eq!(first["subject"], "I was charged twice for order 7.");
    assert_eq!(first["tags"], json!(["web-form"]));
    let view = app.ticket(&key, 1).await;
    assert_eq!(view["messages"][0]["body"], body);
    assert_eq!(
        (view["messages"][0]["author"].as_str(), view["messages"][0]["kind"].as_str()),
        (Some("customer"), Some("reply"))
    );

    let again = json!({ "body": "Hello?", "subject": "Still waiting", "customer": { "email": "cy@example.org", "name": "Somebody" },
        "priority": "urgent", "team": "billing", "locale": "de" });
    let again = app.post("/api/v1/tickets", Some(&key), again).await.expect(201).json();
    assert_eq!(again["customer"], first["customer"], "a form changes no customer");
    assert_eq!(
        (again["subject"].as_str(), again["priority"].as_str()),
        (Some("Still waiting"), Some("urgent"))
    );

    let note = app
        .post("/api/v1/tickets", Some(&key), json!({ "body": "Call the printer." }))
        .await
        .expect(201)
        .json();
    assert!(note["customer"].is_null());
    let view = app.ticket(&key, note["number"].as_i64().unwrap()).await;
    assert_eq!(view["messages"][0]["kind"], "note");
}

#[tokio::test]
async fn a_ticket_that_cannot_be_is_not_opened() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    app.post("/api/v1/teams", Some(&key), json!({ "key": "billing", "name": "Billing" })).await.expect(201);
    let limited = app.key_of_teams(&Scope::ALL[..4], Some(&["sales"])).await;
    let gone = app.desk().create_user(&Principal::System, "Gone", "gone@askwell.example", Role::Agent, None);
    let gone = gone.await.unwrap();
    let leaves = Some(json!({ "active": false }));
    app.send(Method::PATCH, &format!("/api/v1/users/{}", gone.id), Some(&key), leaves, &[]).await.expect(200);
    for (key, body, status) in [
        (&key, json!({ "body": " " }), 422),
        (&key, json!({}), 400),
        (&key, json!({ "body": "x", "number": 7 }), 400),
        (&key, json!({ "body": "x", "customer": { "email": "none" } }), 422),
        (&key, json!({ "body": "x", "customer": { "email": "a@b.c\r\nBcc: x@y.z" } }), 422),
        (&key, json!({ "body": "x", "customer": { "id": "x" } }), 400),
        (&key, json!({ "body": "x", "team": "nowhere" }), 422),
        (&key, json!({ "body": "x", "team": "" }), 422),
        (&limited, json!({ "body": "x", "team": "billing" }), 422),
        (&key, json!({ "body": "x", "assignee_id": "nobody" }), 422),
        (&key, json!({ "body": "x", "assignee_id": gone.id.to_string() }), 422),
        (&key, json!({ "body": "x", "priority": "very" }), 400),
        (&key, json!({ "body": "x", "tags": ["a,b"] }), 422),
        (&key, json!({ "body": "x", "subject": "y".repeat(600) }), 413),
        (&key, json!({ "body": "x", "locale": "english!" }), 400),
    ] {
        app.post("/api/v1/tickets", Some(key), body.clone()).await.problem(status);
    }
    let reader = app.key(&[Scope::TicketsRead]).await;
    app.post("/api/v1/tickets", Some(&reader), json!({ "body": "x" })).await.problem(403);
    assert!(app.tickets(&key).await.is_empty());
    let words = json!({ "body": "I was charged twice, refund my invoice." });
    let own = app.post("/api/v1/tickets", Some(&limited), words).await.expect(201).json();
    assert_eq!(own["team"], "sales", "the words call for billing, which this key does not see");
    let path = format!("/api/v1/tickets/{}", own["id"].as_str().unwrap());
    for team in ["billing", "nowhere", "", " "] {
        let change = Some(json!({ "team": team }));
        app.send(Method::PATCH, &path, Some(&limited), change, &[]).await.problem(422);
    }
}

#[tokio::test]
async fn history_is_told_in_names_and_numbers() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (ada, bo) = (app.person("Ada", Role::Agent).await, app.person("Bo", Role::Agent).await);
    let acme = json!({ "name": "Acme", "domains": [] });
    let acme = app.post("/api/v1/organisations", Some(&key), acme).await.expect(201).json()["id"].clone();
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    let open = async |team: &str| {
        let new = json!({ "body": "Hello", "team": team, "assignee_id": null });
        app.post("/api/v1/tickets", Some(&key), new).await.expect(201).json()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    app.post("/api/v1/teams", Some(&key), json!({ "key": "support", "name": "Support" })).await.expect(201);
    let (one, other) = (open("sales").await, open("support").await);
    let path = format!("/api/v1/tickets/{one}");
    for change in [
        json!({ "assignee_id": ada }),
        json!({ "assignee_id": bo }),
        json!({ "organisation_id": acme }),
        json!({ "tags": ["a_b"] }),
    ] {
        app.send(Method::PATCH, &path, Some(&key), Some(change), &[]).await.expect(200);
    }
    for user in [&ada, &bo] {
        app.send(Method::PUT, &format!("{path}/followers/{user}"), Some(&key), None, &[]).await.expect(200);
    }
    let link = json!({ "kind": "duplicate_of", "ticket_id": other });
    app.post(&format!("{path}/links"), Some(&key), link).await.expect(201);

    let told = async |sight: TicketSight| {
        let reader = Principal::Staff { id: ada.clone(), scopes: [Scope::TicketsRead].into(), sight };
        let rows = app.desk().ticket_by_number(&reader, 1).await.expect("a ticket").history;
        let words = |value: Option<String>| value.unwrap_or_default();
        rows.into_iter()
            .map(|row| format!("{}: {} > {}", row.entry.field.key(), words(row.from), words(row.to)))
            .collect::<Vec<_>>()
    };
    let all = told(TicketSight::All).await;
    let mut expected = vec![
        "assignee:  > Ada",
        "assignee: Ada > Bo",
        "organisation:  > Acme",
        "tags:  > a b",
        "followers:  > Ada",
        "followers: Ada > Ada, Bo",
        "links:  > duplicate of #2",
    ];
    assert_eq!(all, expected);
    let limited = told(TicketSight::Teams(["sales".to_owned()].into())).await;
    expected[6] = "links:  > duplicate of another ticket";
    assert_eq!(limited, expected);
}

#[tokio::test]
async fn a_long_history_is_read_in_pages() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let new = json!({ "body": "Hello" });
    let id = app.post("/api/v1/tickets", Some(&key), new).await.expect(201).json()["id"].clone();
    let path = format!("/api/v1/tickets/{}", id.as_str().unwrap());
    // Four changes each, more than stand with a ticket.
    for n in 0..40 {
        let (priority, status) = [("high", "open"), ("low", "pending")][n % 2];
        let change = json!({
            "priority": priority, "tags": [format!("t{n}")], "cc": [format!("c{n}@example.org")],
            "status": status,
        });
        app.send(Method::PATCH, &path, Some(&key), Some(change), &[]).await.expect(200);
    }
    let newest = |entry: &Value| (entry["field"].clone(), entry["to"].clone());
    let ticket = app.ticket(&key, 1).await;
    let mut all: Vec<Value> = ticket["history"].as_array().unwrap().clone();
    assert_eq!(all.len(), 100);
    all.reverse();
    let mut next = ticket["history_next"].clone();
    while let Some(after) = next.as_str() {
        let page = format!("{path}/history?limit=33&after={after}");
        let page = app.get(&page, Some(&key)).await.expect(200).json();
        assert!(page["history"].as_array().unwrap().len() <= 33);
        all.extend(page["history"].as_array().unwrap().clone());
        next = page["next"].clone();
    }
    let walked = async |limit: usize| {
        let (mut found, mut after) = (vec![], String::new());
        loop {
            let page = format!("{path}/history?limit={limit}{after}");
            let page = app.get(&page, Some(&key)).await.expect(200).json();
            found.extend(page["history"].as_array().unwrap().clone());
            let Some(next) = page["next"].as_str() else { return found };
            after = format!("&after={next}");
        }
    };
    assert_eq!(walked(7).await, all);
    assert_eq!(walked(1_000).await, all);
    let tags: Vec<Value> = all.iter().filter(|it| it["field"] == "tags").map(newest).map(|it| it.1).collect();
    let expected: Vec<Value> = (0..40).rev().map(|n| json!(format!("t{n}"))).collect();
    assert_eq!(tags, expected);

    // The staff area shows the last ones, with a way to those before.
    app.person("Bo", Role::Admin).await;
    let browser = Browser::signed_in(&app, "bo@askwell.example").await;
    let (last, before) = (" → t39<", " → t3<");
    let page = browser.get("/app/tickets/1").await.expect(200).text;
    assert!(page.contains(last) && !page.contains(before));
    let earlier = page.split("href=\"").find(|part| part.contains(">Earlier changes<")).expect("a link");
    let page = browser.get(earlier.split('"').next().unwrap()).await.expect(200).text;
    assert!(!page.contains(last) && page.contains(before) && !page.contains("Earlier changes"));

    app.get(&format!("{path}/history?after=%27"), Some(&key)).await.problem(422);
    app.get("/api/v1/tickets/x/history", Some(&key)).await.problem(404);
    app.post("/api/v1/teams", Some(&key), json!({ "key": "elsewhere", "name": "Elsewhere" }))
        .await
        .expect(201);
    let limited = app.key_of_teams(&[Scope::TicketsRead], Some(&["elsewhere"])).await;
    app.get(&format!("{path}/history"), Some(&limited)).await.problem(404);
}

#[tokio::test]
async fn a_ticket_is_named_by_its_number_wherever_by_its_id() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let mut ids = vec![];
    for subject in ["On\n e", "Two", "Three"] {
        let new = json!({ "subject": subject, "body": "It is broken." });
        let made = app.post("/api/v1/tickets", Some(&key), new).await.expect(201).json();
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(app.ticket(&key, 1).await["subject"], "On e", "a subject is one line");
    let described = app.get("/api/openapi.json", None).await.expect(200).json();
    let mut n_read = 0;
    for (path, operations) in described["paths"].as_object().unwrap() {
        if !operations["get"].is_object() || !path.starts_with("/api/v1/tickets/{id}") {
            continue;
        }
        let [by_id, by_number] = [ids[0].as_str(), "1"].map(|named| path.replace("{id}", named));
        let by_id = app.get(&by_id, Some(&key)).await.expect(200).json();
        assert_eq!(app.get(&by_number, Some(&key)).await.expect(200).json(), by_id, "{path}");
        n_read += 1;
    }
    assert!(n_read >= 6, "{n_read}");

    let change = Some(json!({ "priority": "high" }));
    let patch = async |key: &str, number: &str| {
        let path = format!("/api/v1/tickets/{number}");
        app.send(Method::PATCH, &path, Some(key), change.clone(), &[]).await
    };
    let writes = app.key(&[Scope::TicketsWrite]).await;
    assert_eq!(patch(&writes, "1").await.expect(200).json()["id"], *ids[0]);
    let billing = json!({ "key": "billing", "name": "Billing" });
    app.post("/api/v1/teams", Some(&key), billing).await.expect(201);
    let elsewhere = app.key_of_teams(&[Scope::TicketsWrite], Some(&["billing"])).await;
    for number in ["1", "01", "4", "0", "-1", "99999999999999999999"] {
        let refused = patch(&elsewhere, number).await.problem(404);
        assert_eq!(refused["detail"], patch(&elsewhere, "nowhere").await.problem(404)["detail"], "{number}");
    }
    patch(&app.key(&[Scope::KbRead]).await, "1").await.problem(403);

    let post = async |path: &str, body: Value| app.post(path, Some(&key), body).await;
    let link = json!({ "kind": "related", "ticket_id": "3" });
    assert_eq!(post("/api/v1/tickets/2/links", link).await.expect(201).json()["other_id"], *ids[2]);
    post("/api/v1/tickets/2/messages", json!({ "kind": "note", "body": "Mine." })).await.expect(201);
    let into = json!({ "into_id": "1", "different_customers": "keep_internal" });
    post("/api/v1/tickets/2/merge", into).await.expect(201);
    assert_eq!(app.ticket(&key, 2).await["merged_into_id"], *ids[0]);
}
