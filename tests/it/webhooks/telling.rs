//! What happens is told in order, signed, and tried again.

use serde_json::{Value, json};
use tests::{Heard, PASSWORD, Receiver, Reply};

use super::{DAY_S, change, deliver, log, read, start, ticket, types, verify, webhook};

#[tokio::test]
async fn what_happens_is_told_in_order_and_signed() {
    let (app, key) = start().await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let before = ticket(&app, &key).await;
    let (path, secret) = webhook(&app, &key, &receiver, &["ticket_opened", "ticket_changed"]).await;
    assert!(secret.starts_with("whsec_"), "{secret}");
    let opened = ticket(&app, &key).await;
    change(&app, &key, &opened, json!({ "priority": "urgent" })).await;
    change(&app, &key, &before, json!({ "priority": "low" })).await;
    app.publish(&key, PASSWORD).await;
    assert_eq!(deliver(&app).await, 3);

    let heard = receiver.heard();
    let of = |ticket: &Value| {
        let of: Vec<Heard> =
            heard.iter().filter(|one| one.json()["data"]["ticket_id"] == ticket["id"]).cloned().collect();
        types(&of)
    };
    assert_eq!(of(&opened), ["ticket_opened", "ticket_changed"]);
    assert_eq!(of(&before), ["ticket_changed"], "it hears nothing of what was before it");
    for one in &heard {
        verify(one, &secret);
        assert_eq!(one.header("content-type"), "application/json");
        assert_eq!(one.timestamp(), 1_767_225_600);
        let body = one.json();
        assert_eq!(body["timestamp"], "2026-01-01T00:00:00Z");
        assert_eq!(body["data"].as_object().map(serde_json::Map::len), Some(2), "ids and no texts: {body}");
    }
    assert_eq!(deliver(&app).await, 0);
    let log = log(&app, &key, &path, "").await;
    assert!(log.iter().all(|one| one["state"] == "delivered" && one["last_status"] == 200), "{log:?}");
    assert!(log.windows(2).all(|pair| pair[0]["id"].as_str() > pair[1]["id"].as_str()), "newest first");
}

#[tokio::test]
async fn what_fails_is_tried_again_for_days_with_one_id_and_new_times() {
    let (app, key) = start().await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let (path, secret) = webhook(&app, &key, &receiver, &["ticket_opened"]).await;
    for (reply, status, error) in [
        (Reply::Says(500, "no idea"), json!(500), "answered with status 500"),
        (Reply::Stalls, Value::Null, "target did not answer in time"),
        (Reply::HangsUp, Value::Null, "target cannot be reached"),
        (Reply::With(301, "location", receiver.url()), json!(301), "answered with status 301"),
    ] {
        receiver.then([reply.clone()]);
        ticket(&app, &key).await;
        assert_eq!(deliver(&app).await, 1, "{reply:?}");
        let first = receiver.heard().remove(0);
        let failed = log(&app, &key, &path, "?state=waiting").await.remove(0);
        assert_eq!((&failed["last_status"], &failed["last_error"]), (&status, &json!(error)), "{reply:?}");
        assert_eq!((&failed["n_attempts"], &failed["id"]), (&json!(1), &json!(first.id())));
        assert!(read(&app, &key, &path).await["failing_since"].is_string());
        if status == 500 {
            assert_eq!(failed["last_response"], "no idea");
        }

        assert_eq!(deliver(&app).await, 0, "it waits first");
        app.clock.advance(6);
        assert_eq!(deliver(&app).await, 1, "{reply:?}");
        let again = receiver.heard();
        assert_eq!(again.len(), 1, "a redirect is not followed");
        let again = &again[0];
        assert_eq!((again.id(), &again.body), (first.id(), &first.body));
        assert!(again.timestamp() > first.timestamp());
        assert_ne!(again.header("webhook-signature"), first.header("webhook-signature"));
        verify(again, &secret);
        assert_eq!(log(&app, &key, &path, "?limit=1").await[0]["state"], "delivered", "{reply:?}");
        assert!(read(&app, &key, &path).await["failing_since"].is_null());
    }

    receiver.always(Reply::Status(500));
    ticket(&app, &key).await;
    let mut n_sent = 0;
    for _ in 0..6 * 24 {
        n_sent += deliver(&app).await;
        app.clock.advance(3_600);
    }
    let given_up = log(&app, &key, &path, "?state=failed").await.remove(0);
    assert_eq!((n_sent, &given_up["n_attempts"]), (10, &json!(10)));
    assert!(given_up["next_attempt_at"].is_null());
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_gets_it() {
    let (app, key) = start().await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let (path, _) = webhook(&app, &key, &receiver, &["ticket_opened"]).await;
    for status in [429, 503] {
        receiver.then([Reply::With(status, "retry-after", "7200".to_owned())]);
        ticket(&app, &key).await;
        assert_eq!(deliver(&app).await, 1);
        // Not even of what is new does it hear meanwhile.
        ticket(&app, &key).await;
        app.clock.advance(7_199);
        assert_eq!(deliver(&app).await, 0, "{status}");
        app.clock.advance(1);
        assert_eq!(deliver(&app).await, 2, "{status}");
    }
    // But not for ever.
    receiver.then([Reply::With(429, "retry-after", "99999999".to_owned())]);
    ticket(&app, &key).await;
    assert_eq!(deliver(&app).await, 1);
    app.clock.advance(DAY_S);
    assert_eq!(deliver(&app).await, 1);
    assert!(log(&app, &key, &path, "?state=waiting").await.is_empty());
}

#[tokio::test]
async fn a_later_message_about_the_same_waits_and_others_do_not() {
    let (app, key) = start().await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let (path, _) = webhook(&app, &key, &receiver, &["ticket_opened", "ticket_changed"]).await;
    receiver.then([Reply::Status(500)]);
    let held = ticket(&app, &key).await;
    assert_eq!(deliver(&app).await, 1);
    for priority in ["low", "high", "urgent"] {
        change(&app, &key, &held, json!({ "priority": priority })).await;
    }
    let other = ticket(&app, &key).await;
    assert_eq!(deliver(&app).await, 1);
    let heard = receiver.heard();
    assert_eq!(heard[1].json()["data"]["ticket_id"], other["id"], "another ticket goes ahead");
    assert_eq!(log(&app, &key, &path, "?state=queued").await.len(), 3);
    app.clock.advance(6);
    assert_eq!(deliver(&app).await, 4);
    let heard = receiver.heard();
    assert_eq!(types(&heard), ["ticket_opened", "ticket_changed", "ticket_changed", "ticket_changed"]);
    let seqs: Vec<i64> = heard.iter().filter_map(|one| one.json()["data"]["seq"].as_i64()).collect();
    assert!(seqs.windows(2).all(|pair| pair[0] < pair[1]), "{seqs:?}");
}
