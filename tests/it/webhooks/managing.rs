//! What admins do with webhooks, and what nobody may do with them.

use axum::http::Method;
use domain::Scope;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tests::{Receiver, Reply, TestApp, settings};

use super::{DAY_S, deliver, log, start, ticket, verify, webhook};

#[tokio::test]
async fn a_secret_is_shown_once_and_replaced_without_an_interruption() {
    let (app, key) = start().await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let (path, former) = webhook(&app, &key, &receiver, &["ticket_opened"]).await;
    let replace = async || {
        app.post(&format!("{path}/secret"), Some(&key), json!({})).await.expect(201).json()["secret"]
            .as_str()
            .expect("a secret")
            .to_owned()
    };
    let newest = replace().await;
    assert_ne!(former, newest);
    ticket(&app, &key).await;
    deliver(&app).await;
    let heard = receiver.heard().remove(0);
    verify(&heard, &former);
    verify(&heard, &newest);
    let signatures: Vec<&str> = heard.header("webhook-signature").split(' ').collect();
    let by_newest = Webhook::new(&newest).unwrap().sign(heard.id(), heard.timestamp(), heard.body.as_bytes());
    assert_eq!((signatures.len(), signatures[0]), (2, by_newest.unwrap().as_str()), "the newest is first");

    app.clock.advance(DAY_S);
    app.desk().forget_expired().await.expect("forgotten");
    ticket(&app, &key).await;
    deliver(&app).await;
    let heard = receiver.heard().remove(0);
    verify(&heard, &newest);
    assert_eq!(heard.header("webhook-signature").split(' ').count(), 1);
    for _ in 0..5 {
        replace().await;
    }
    ticket(&app, &key).await;
    deliver(&app).await;
    let heard = receiver.heard().remove(0);
    assert_eq!(heard.header("webhook-signature").split(' ').count(), 3, "the header stays short");

    for shown in ["", "/deliveries"] {
        let text = app.get(&format!("{path}{shown}"), Some(&key)).await.expect(200).text;
        assert!(!text.contains("whsec_"), "{text}");
    }
    let database = std::fs::read(app.data().join("askwell.db")).expect("the database");
    let wal = std::fs::read(app.data().join("askwell.db-wal")).unwrap_or_default();
    for secret in [&former, &newest] {
        let bare = secret.trim_start_matches("whsec_").as_bytes();
        let is_in = |file: &[u8]| file.windows(bare.len()).any(|window| window == bare);
        assert!(!is_in(&database) && !is_in(&wal), "a secret is in the database");
    }
}

#[tokio::test]
async fn private_addresses_are_never_told() {
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    for url in [
        "http://10.0.0.1/",
        "http://127.0.0.1/",
        "http://0x7f000001/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
    ] {
        let refused = app.post("/api/v1/webhooks", Some(&key), json!({ "url": url })).await.problem(422);
        assert_eq!(
            (&refused["field"], &refused["detail"]),
            (&json!("url"), &json!("url: target not allowed")),
            "{url}"
        );
    }
    for url in ["ftp://example.org/", "example.org", "https://user:pw@example.org/", "http://"] {
        let refused = app.post("/api/v1/webhooks", Some(&key), json!({ "url": url })).await.problem(422);
        assert!(
            refused["detail"].as_str().is_some_and(|text| text.contains("http or https")),
            "{url}: {refused}"
        );
    }
    // A name is judged when it is used, each time.
    let new = json!({ "url": receiver.url_by_name() });
    let made = app.post("/api/v1/webhooks", Some(&key), new).await.expect(201).json();
    let path = format!("/api/v1/webhooks/{}", made["id"].as_str().expect("an id"));
    app.post(&format!("{path}/test"), Some(&key), json!({})).await.expect(202);
    assert_eq!(deliver(&app).await, 1);
    let refused = log(&app, &key, &path, "").await.remove(0);
    assert_eq!(
        (&refused["last_error"], &refused["last_status"]),
        (&json!("target not allowed"), &Value::Null)
    );
    assert!(receiver.heard().is_empty());
    // One that may be told does not lead anywhere else.
    app.restart_with(settings(json!({ "webhooks": { "allow": ["127.0.0.1"] } }))).await;
    let (path, _) = webhook(&app, &key, &receiver, &["ticket_opened"]).await;
    receiver.then([Reply::With(307, "location", receiver.url_by_name())]);
    app.post(&format!("{path}/test"), Some(&key), json!({})).await.expect(202);
    assert_eq!(deliver(&app).await, 1);
    assert_eq!(receiver.heard().len(), 1, "a redirect is not followed");
    let change = Some(json!({ "url": "http://10.0.0.1/" }));
    app.send(Method::PATCH, &path, Some(&key), change, &[]).await.problem(422);
}

#[tokio::test]
async fn an_admin_reads_the_log_and_tells_things_again() {
    let (app, key) = start().await;
    let receiver = Receiver::start(Reply::Status(410)).await;
    let (path, secret) = webhook(&app, &key, &receiver, &["ticket_opened"]).await;
    for _ in 0..5 {
        ticket(&app, &key).await;
    }
    deliver(&app).await;
    receiver.heard();
    let mut ids = vec![];
    let mut query = "?limit=2&state=failed".to_owned();
    loop {
        let page = app.get(&format!("{path}/deliveries{query}"), Some(&key)).await.expect(200).json();
        let all = page["deliveries"].as_array().expect("messages");
        ids.extend(all.iter().map(|one| one["id"].as_str().expect("an id").to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=2&state=failed&after={next}");
    }
    assert_eq!(ids.len(), 5);
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "{ids:?}");
    let all =
        app.get(&format!("{path}/deliveries?limit=5&state=failed"), Some(&key)).await.expect(200).json();
    assert_eq!((all["deliveries"].as_array().map(Vec::len), &all["next"]), (Some(5), &Value::Null));
    for query in ["?state=lost", "?after=x", "?limit=many", "?after='%20OR%201=1"] {
        app.get(&format!("{path}/deliveries{query}"), Some(&key)).await.problem(400);
    }

    let again = format!("{path}/deliveries/{}/replay", ids[3]);
    app.post(&again, Some(&key), json!({})).await.problem(409);
    let enable = Some(json!({ "state": "enabled" }));
    app.send(Method::PATCH, &path, Some(&key), enable, &[]).await.expect(200);
    receiver.always(Reply::Status(200));
    let told = app.post(&again, Some(&key), json!({})).await.expect(202).json();
    assert_eq!((&told["state"], &told["id"]), (&json!("waiting"), &json!(ids[3])));
    let pinged = app.post(&format!("{path}/test"), Some(&key), json!({})).await.expect(202).json();
    assert_eq!((&pinged["type"], &pinged["event_seq"]), (&json!("ping"), &Value::Null));
    assert_eq!(deliver(&app).await, 2);
    let heard = receiver.heard();
    let again = heard.iter().find(|one| one.id() == ids[3]).expect("it was told again");
    verify(again, &secret);
    assert!(heard.iter().any(|one| one.json()["type"] == "ping"), "{heard:?}");

    // What waits can be told at once.
    receiver.then([Reply::Status(500), Reply::Status(500)]);
    ticket(&app, &key).await;
    deliver(&app).await;
    app.clock.advance(6);
    deliver(&app).await;
    let waiting = log(&app, &key, &path, "?state=waiting").await.remove(0);
    let sooner = format!("{path}/deliveries/{}/replay", waiting["id"].as_str().expect("an id"));
    app.post(&sooner, Some(&key), json!({})).await.expect(202);
    assert_eq!(deliver(&app).await, 1);
    app.clock.advance(15 * DAY_S);
    app.desk().forget_expired().await.expect("forgotten");
    assert!(log(&app, &key, &path, "").await.is_empty(), "the log is kept for two weeks");
}

#[tokio::test]
async fn webhooks_are_changed_with_care_and_by_admins_who_see_all() {
    let (app, key) = start().await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let (path, _) = webhook(&app, &key, &receiver, &["ticket_opened"]).await;
    let etag = app.get(&path, Some(&key)).await.expect(200).header("etag").to_owned();
    let patch = async |body: Value, tag: &str| {
        app.send(Method::PATCH, &path, Some(&key), Some(body), &[("if-match", tag)]).await
    };
    let changed = patch(json!({ "description": "CRM", "types": [] }), &etag).await.expect(200);
    assert_eq!((&changed.json()["description"], &changed.json()["types"]), (&json!("CRM"), &json!([])));
    assert_eq!(patch(json!({ "types": ["turn_added"] }), &etag).await.problem(412)["current_revision"], 2);
    for (body, status) in [
        (json!({ "types": ["nothing"] }), 422),
        (json!({ "state": "lost" }), 400),
        (json!({ "secret": "mine" }), 400),
        (json!({ "url": " " }), 422),
        (json!({ "url": format!("http://example.org/{}", "x".repeat(2_048)) }), 413),
    ] {
        patch(body, "*").await.problem(status);
    }
    let listed = app.get("/api/v1/webhooks", Some(&key)).await.expect(200).json();
    assert_eq!(listed["webhooks"].as_array().map(Vec::len), Some(1));

    let of_a_team = {
        app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
        app.key_of_teams(&[Scope::Admin], Some(&["sales"])).await
    };
    let reader = app.key(&[Scope::KbWrite, Scope::TicketsWrite]).await;
    let new = Some(json!({ "url": "https://example.org/" }));
    for (method, path, body) in [
        (Method::GET, "/api/v1/webhooks".to_owned(), None),
        (Method::POST, "/api/v1/webhooks".to_owned(), new),
        (Method::GET, path.clone(), None),
        (Method::PATCH, path.clone(), Some(json!({}))),
        (Method::DELETE, path.clone(), None),
        (Method::POST, format!("{path}/secret"), None),
        (Method::POST, format!("{path}/test"), None),
        (Method::GET, format!("{path}/deliveries"), None),
        (Method::POST, format!("{path}/deliveries/x/replay"), None),
    ] {
        for limited in [&of_a_team, &reader] {
            app.send(method.clone(), &path, Some(limited), body.clone(), &[]).await.problem(403);
        }
        app.send(method.clone(), &path, None, body.clone(), &[]).await.problem(401);
        let nowhere = path.replace(path.split('/').nth(4).unwrap_or("none"), "nowhere");
        if nowhere != path {
            app.send(method, &nowhere, Some(&key), body, &[]).await.problem(404);
        }
    }
    app.send(Method::DELETE, &path, Some(&key), None, &[("if-match", &etag)]).await.problem(412);
    ticket(&app, &key).await;
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(204);
    assert_eq!(deliver(&app).await, 0);
    app.get(&path, Some(&key)).await.problem(404);
    for _ in 0..32 {
        webhook(&app, &key, &receiver, &[]).await;
    }
    app.post("/api/v1/webhooks", Some(&key), json!({ "url": receiver.url() })).await.problem(409);
}

#[tokio::test]
async fn without_its_secret_key_a_site_waits_and_says_so() {
    let receiver = Receiver::start(Reply::Status(200)).await;
    let config = |secret_key: &str| {
        settings(json!({ "webhooks": { "allow": ["127.0.0.1"] }, "security": { "secret_key": secret_key } }))
    };
    let (right, wrong) = ("ab".repeat(32), "cd".repeat(32));
    let mut app = TestApp::start_with(config(&right)).await;
    let key = app.master_key().await;
    let (path, former) = webhook(&app, &key, &receiver, &["ticket_opened"]).await;
    app.restart_with(config(&wrong)).await;
    let unreadable = app.desk().unreadable_secrets().await.expect("counted");
    assert_eq!(unreadable.values().copied().collect::<Vec<_>>(), [1]);
    ticket(&app, &key).await;
    assert_eq!(deliver(&app).await, 0);
    assert_eq!(log(&app, &key, &path, "").await[0]["n_attempts"], 0, "it is no failure of the receiver");
    app.restart_with(config(&right)).await;
    assert!(app.desk().unreadable_secrets().await.expect("counted").is_empty());
    app.clock.advance(60);
    assert_eq!(deliver(&app).await, 1);
    verify(&receiver.heard()[0], &former);
    // Where the key is lost, a new secret is all it takes.
    app.restart_with(config(&wrong)).await;
    let replaced = app.post(&format!("{path}/secret"), Some(&key), json!({})).await.expect(201).json();
    ticket(&app, &key).await;
    assert_eq!(deliver(&app).await, 1);
    verify(&receiver.heard()[0], replaced["secret"].as_str().expect("a secret"));
    let unreadable = app.desk().unreadable_secrets().await.expect("counted");
    assert!(unreadable.is_empty(), "nobody misses the one that was replaced: {unreadable:?}");
}
