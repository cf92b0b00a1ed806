//! Tickets that are done: closed by themselves, in the archive, deleted at last; and read by their own people all the while.

use axum::http::Method;
use domain::{Principal, Scope};
use serde_json::{Value, json};
use tests::{PASSWORD, TestApp, settings};

const DAY_S: i64 = 24 * 60 * 60;

fn id(json: &Value) -> &str {
    json["id"].as_str().unwrap()
}

async fn open(app: &TestApp, key: &str, new: Value) -> Value {
    app.post("/api/v1/tickets", Some(key), new).await.expect(201).json()
}

async fn change(app: &TestApp, key: &str, ticket: &Value, change: Value) -> Value {
    let path = format!("/api/v1/tickets/{}", id(ticket));
    app.send(Method::PATCH, &path, Some(key), Some(change), &[]).await.expect(200).json()
}

async fn numbers(app: &TestApp, key: &str, query: &str) -> Vec<i64> {
    let page = app.get(&format!("/api/v1/tickets{query}"), Some(key)).await.expect(200).json();
    page["tickets"].as_array().unwrap().iter().map(|ticket| ticket["number"].as_i64().unwrap()).collect()
}

/// How often something was done.
async fn n_entries(app: &TestApp, key: &str, action: &str) -> usize {
    let log = app.get(&format!("/api/v1/audit?action={action}"), Some(key)).await.expect(200).json();
    log["entries"].as_array().unwrap().len()
}

/// A ticket with everything in it but the time of archiving, and what somebody did to it since.
fn lasting(ticket: &Value) -> Value {
    let mut ticket = ticket.clone();
    for changing in ["archived_at", "updated_at", "revision"] {
        ticket[changing] = Value::Null;
    }
    ticket
}

/// A solved ticket out of a conversation, with everything that a ticket has.
async fn full(app: &TestApp, key: &str) -> (Value, (String, String)) {
    app.publish(key, PASSWORD).await;
    let policy = json!({
        "name": "All", "targets": { "normal": { "resolution_min": 600 }, "high": { "resolution_min": 300 } },
    });
    app.post("/api/v1/sla-policies", Some(key), policy).await.expect(201);
    let conversation = app.conversation().await;
    app.ask(&conversation, "How do I reset my password on the flumphbucket?").await;
    let form =
        json!({ "name": "Cy", "email": "cy@example.org", "message": "How do I reset my password on it?" });
    let number = app.hand_off(&conversation, form).await;
    let ticket = app.ticket(key, number).await;
    app.write(key, &ticket, "note", "Called the grommelwhisk.").await;
    app.write(key, &ticket, "reply", "Press the red lever.").await;
    let path = format!("/api/v1/tickets/{}", id(&ticket));
    app.post(&format!("{path}/suggestions"), Some(key), json!({})).await.expect(200);
    change(app, key, &ticket, json!({ "tags": ["vip"], "priority": "high", "status": "solved" })).await;
    (app.ticket(key, number).await, conversation)
}

#[tokio::test]
async fn solved_tickets_are_closed_and_archived_at_their_age_and_not_before() {
    let config = json!({ "retention": { "close_solved_after_days": 14, "archive_closed_after_days": 60 } });
    let app = TestApp::start_with(settings(config)).await;
    let key = app.master_key().await;
    let solved = open(&app, &key, json!({ "body": "Help.", "customer": { "name": "Cy" } })).await;
    let open_still = open(&app, &key, json!({ "body": "Help." })).await;
    change(&app, &key, &solved, json!({ "status": "solved" })).await;
    app.clock.advance(14 * DAY_S);
    // A note is no reason to wait longer for the customer.
    app.write(&key, &solved, "note", "Nothing heard.").await;
    assert_eq!(app.desk().close_solved().await.unwrap(), 0, "fourteen days have not passed");
    app.clock.advance(1);
    assert_eq!(app.desk().close_solved().await.unwrap(), 1);
    assert_eq!(app.desk().close_solved().await.unwrap(), 0);
    let closed = app.ticket(&key, 1).await;
    let last = closed["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&closed["status"], &last["author"]), (&json!("closed"), &json!("system")));
    assert_eq!((&last["from"], &last["to"]), (&json!("solved"), &json!("closed")));

    app.clock.advance(60 * DAY_S);
    assert_eq!(app.desk().archive_closed().await.unwrap(), 0);
    app.clock.advance(1);
    assert_eq!(app.desk().archive_closed().await.unwrap(), 1);
    assert_eq!(app.desk().archive_closed().await.unwrap(), 0);
    assert!(app.ticket(&key, 1).await["archived_at"].is_string());
    assert_eq!(app.ticket(&key, 2).await["status"], open_still["status"]);
    assert_eq!(n_entries(&app, &key, "ticket.archived").await, 1);
}

#[tokio::test]
async fn without_settings_nothing_is_closed_archived_or_deleted() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let ticket = open(&app, &key, json!({ "body": "Help." })).await;
    change(&app, &key, &ticket, json!({ "status": "solved" })).await;
    app.clock.advance(4_000 * DAY_S);
    assert_eq!(app.desk().close_solved().await.unwrap(), 0);
    change(&app, &key, &ticket, json!({ "status": "closed" })).await;
    app.clock.advance(4_000 * DAY_S);
    assert_eq!(app.desk().archive_closed().await.unwrap(), 0);
    assert_eq!(app.desk().delete_old_tickets().await.unwrap(), 0);
    assert_eq!(app.ticket(&key, 1).await["archived_at"], Value::Null);
}

#[tokio::test]
async fn an_archived_ticket_is_read_found_and_exported_as_before() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (solved, conversation) = full(&app, &key).await;
    open(&app, &key, json!({ "body": "Another.", "customer": { "name": "Di" } })).await;
    change(&app, &key, &solved, json!({ "status": "closed" })).await;
    let (before, read) = (app.ticket(&key, 1).await, app.read(&conversation).await);
    app.index_tickets().await;
    assert_eq!(app.archive().await, 1);
    assert_eq!(app.archive().await, 0);

    let after = app.ticket(&key, 1).await;
    assert!(after["archived_at"].is_string() && before["archived_at"].is_null());
    assert_eq!(lasting(&after), lasting(&before));
    assert_eq!((&after["revision"], &after["updated_at"]), (&before["revision"], &before["updated_at"]));
    let by_id = app.get(&format!("/api/v1/tickets/{}", id(&after)), Some(&key)).await.expect(200).json();
    assert_eq!(by_id, after);
    assert_eq!(app.read(&conversation).await, read, "the customer notices nothing");
    for part in ["assignments", "skills"] {
        app.get(&format!("/api/v1/tickets/{}/{part}", id(&after)), Some(&key)).await.expect(200);
    }

    assert_eq!(numbers(&app, &key, "").await, [2]);
    assert_eq!(numbers(&app, &key, "?archived=true").await, [1]);
    assert_eq!(numbers(&app, &key, "?archived=true&filter=customer:cy%40example.org%20tag:vip").await, [1]);
    assert_eq!(numbers(&app, &key, "?archived=true&tag=spam&sort=updated").await, Vec::<i64>::new());
    for refused in ["&sort=priority", "&group_by=team", "&group_by=team&status=open"] {
        app.get(&format!("/api/v1/tickets?archived=true{refused}"), Some(&key)).await.problem(422);
    }
    for _ in 0..2 {
        for words in ["grommelwhisk", "flumphbucket", "\"red lever\"", "cy@example.org", "#1"] {
            assert_eq!(app.search_tickets(words, &key).await, [1], "{words}");
        }
        assert!(app.desk().verify_tickets().await.unwrap().is_clean());
        // Built from nothing, the index knows the archive too.
        app.desk().rebuild_tickets(&mut |_| {}).await.unwrap();
    }
    let bo = app.bo().await;
    let page = bo.get("/app/tickets/1").await.expect(200).text;
    assert!(page.contains("In the archive since") && page.contains("Press the red lever."), "{page}");

    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("export");
    app::export_to(app.desk(), &folder).await.unwrap();
    let exported = std::fs::read_to_string(folder.join("tickets.jsonl")).unwrap();
    let exported: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        exported.iter().map(|ticket| ticket["number"].clone()).collect::<Vec<_>>(),
        [json!(2), json!(1)]
    );
    assert_eq!(exported[1]["archived_at"], after["archived_at"]);
    assert_eq!(
        exported[1]["messages"].as_array().unwrap().len(),
        after["messages"].as_array().unwrap().len()
    );
}

#[tokio::test]
async fn a_ticket_comes_back_when_it_is_asked_for_changed_or_written_to() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (solved, conversation) = full(&app, &key).await;
    let closed = change(&app, &key, &solved, json!({ "status": "closed" })).await;
    let before = app.ticket(&key, 1).await;
    let path = format!("/api/v1/tickets/{}", id(&solved));
    let unarchive = async || {
        app.send(Method::DELETE, &format!("{path}/archive"), Some(&key), None, &[]).await.expect(200).json()
    };
    assert_eq!(unarchive().await["revision"], closed["revision"], "one that is not there stays as it is");

    assert_eq!(app.archive().await, 1);
    app.clock.advance(1);
    let back = unarchive().await;
    assert_eq!(back["archived_at"], Value::Null);
    assert_eq!(back["revision"].as_i64(), closed["revision"].as_i64().map(|revision| revision + 1));
    assert_ne!(back["updated_at"], before["updated_at"], "or it would go back at once");
    assert_eq!(lasting(&app.ticket(&key, 1).await), lasting(&before));
    assert_eq!(n_entries(&app, &key, "ticket.unarchived").await, 1);

    // Each of these is done to a ticket in the archive as to any other.
    app.archive().await;
    let etag = format!("\"{}\"", app.ticket(&key, 1).await["revision"]);
    let stale = [("If-Match", "\"1\"")];
    let tag = json!({ "tags": ["late"] });
    app.send(Method::PATCH, &path, Some(&key), Some(tag.clone()), &stale).await.problem(412);
    assert!(app.ticket(&key, 1).await["archived_at"].is_string(), "what is refused changes nothing");
    app.send(Method::PATCH, &path, Some(&key), Some(json!({ "status": "open" })), &[]).await.problem(409);
    app.send(Method::PATCH, &path, Some(&key), Some(tag), &[("If-Match", &etag)]).await.expect(200);
    assert_eq!(app.ticket(&key, 1).await["tags"], json!(["late"]));
    assert_eq!(numbers(&app, &key, "").await, [1]);
    app.archive().await;
    app.write(&key, &solved, "note", "One more thing.").await;
    assert_eq!(app.ticket(&key, 1).await["archived_at"], Value::Null);
    app.archive().await;
    let draft = id(&app.ticket(&key, 1).await["suggestions"][0]).to_owned();
    let outcome = Some(json!({ "outcome": "dismissed" }));
    app.send(Method::PUT, &format!("/api/v1/suggestions/{draft}/outcome"), Some(&key), outcome, &[])
        .await
        .expect(200);
    app.archive().await;
    let key_of_writer = app.key(&[Scope::TicketsRead]).await;
    app.send(Method::DELETE, &format!("{path}/archive"), Some(&key_of_writer), None, &[]).await.problem(403);
    assert!(app.ticket(&key, 1).await["archived_at"].is_string());

    // What the customer says is heard: their ticket opens again, the same one.
    app.ask(&conversation, "It smokes again.").await;
    let woken = app.ticket(&key, 1).await;
    assert_eq!((&woken["status"], &woken["archived_at"]), (&json!("open"), &Value::Null));
    let said =
        woken["messages"].as_array().unwrap().iter().any(|message| message["body"] == "It smokes again.");
    assert!(said, "{woken}");
    app.index_tickets().await;
    assert!(app.desk().verify_tickets().await.unwrap().is_clean());
    let next = open(&app, &key, json!({ "body": "Next." })).await;
    assert_eq!(next["number"], 2, "no number is given twice");
}

#[tokio::test]
async fn the_archive_of_other_teams_is_not_there() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for team in ["sales", "billing"] {
        app.post("/api/v1/teams", Some(&key), json!({ "key": team, "name": team })).await.expect(201);
        let ticket = open(&app, &key, json!({ "body": "The wibblecrank.", "team": team })).await;
        change(&app, &key, &ticket, json!({ "status": "closed" })).await;
    }
    app.index_tickets().await;
    assert_eq!(app.archive().await, 2);
    let sales = app.key_of_teams(&[Scope::TicketsRead, Scope::TicketsWrite], Some(&["sales"])).await;
    assert_eq!(numbers(&app, &sales, "?archived=true").await, [1]);
    assert_eq!(app.search_tickets("wibblecrank", &sales).await, [1]);
    let hidden = app.ticket(&key, 2).await;
    let path = format!("/api/v1/tickets/{}", id(&hidden));
    app.get(&path, Some(&sales)).await.problem(404);
    app.get("/api/v1/tickets/2", Some(&sales)).await.problem(404);
    app.send(Method::DELETE, &format!("{path}/archive"), Some(&sales), None, &[]).await.problem(404);
    app.send(Method::PATCH, &path, Some(&sales), Some(json!({ "tags": ["x"] })), &[]).await.problem(404);
    assert_eq!(app.ticket(&key, 2).await, hidden, "and nothing has changed");
}

#[tokio::test]
async fn what_archived_tickets_teach_is_still_used() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.publish(&key, PASSWORD).await;
    let asked = async |app: &TestApp, question: &str| {
        let conversation = app.conversation().await;
        let number = app.hand_off(&conversation, json!({ "name": "Cy", "message": question })).await;
        app.ticket(&key, number).await
    };
    let past = asked(&app, "The link to reset my password does not arrive").await;
    let reply = "Your mail provider may hold it back: look into the folder for spam.";
    app.write(&key, &past, "reply", reply).await;
    change(&app, &key, &past, json!({ "status": "solved" })).await;
    change(&app, &key, &past, json!({ "status": "closed" })).await;
    assert_eq!(app.archive().await, 1);
    assert_eq!(app.learn().await.n_new, 1, "one that went there before it was remembered");
    assert_eq!(app.learn().await.n_new, 0);
    let new = asked(&app, "The link to reset my password never arrives").await;
    let path = format!("/api/v1/tickets/{}/suggestions", id(&new));
    let drafts = app.post(&path, Some(&key), json!({})).await.expect(200).json();
    let drafts = drafts["suggestions"].as_array().unwrap();
    let solved = drafts.iter().map(|draft| &draft["sources"][0]).find(|source| source["type"] == "ticket");
    assert_eq!(solved.map(|source| &source["number"]), Some(&past["number"]), "{drafts:?}");
}

#[tokio::test]
async fn a_rule_with_a_slip_in_a_field_deletes_nothing() {
    let rule = json!({ "filter": "-field.plna:pro", "after_days": 30 });
    let app = TestApp::start_with(settings(json!({ "retention": { "delete": [rule] } }))).await;
    let key = app.master_key().await;
    let ticket = open(&app, &key, json!({ "body": "Hm." })).await;
    change(&app, &key, &ticket, json!({ "status": "closed" })).await;
    app.clock.advance(31 * DAY_S);
    let refused = app.desk().delete_old_tickets().await.unwrap_err().to_string();
    assert_eq!(refused, "retention.delete: there is no field \"plna\"");
    assert_eq!(numbers(&app, &key, "").await, [1]);
}

#[tokio::test]
async fn old_tickets_are_deleted_by_their_rules_wherever_they_are() {
    let config = json!({ "retention": {
        "delete_closed_after_days": 365,
        "delete": [{ "filter": "tag:spam", "after_days": 30 }],
        "keep_tags": ["Legal Hold"],
    } });
    let app = TestApp::start_with(settings(config)).await;
    let key = app.master_key().await;
    let (solved, conversation) = full(&app, &key).await;
    change(&app, &key, &solved, json!({ "status": "closed" })).await;
    // 2 and 3 are spam, 4 is spam that is kept, 5 is open spam, 6 is kept, 7 is as any other.
    let all = [
        (json!(["spam"]), true, "closed"),
        (json!(["spam", "x"]), false, "closed"),
        (json!(["spam", "legal-hold"]), true, "closed"),
        (json!(["spam"]), false, "open"),
        (json!(["legal-hold"]), false, "closed"),
        (json!([]), false, "closed"),
    ];
    for (tags, is_archived, status) in all {
        let ticket = open(&app, &key, json!({ "body": "The snorkelvane.", "tags": tags })).await;
        change(&app, &key, &ticket, json!({ "status": status })).await;
        if is_archived {
            app.archive().await;
        }
    }
    app.index_tickets().await;
    let left = async || {
        let mut left = numbers(&app, &key, "").await;
        left.extend(numbers(&app, &key, "?archived=true").await);
        left.sort_unstable();
        left
    };
    app.clock.advance(29 * DAY_S);
    assert_eq!(app.desk().delete_old_tickets().await.unwrap(), 0);
    app.clock.advance(2 * DAY_S);
    assert_eq!(app.desk().delete_old_tickets().await.unwrap(), 2);
    assert_eq!(app.desk().delete_old_tickets().await.unwrap(), 0);
    assert_eq!(left().await, [1, 4, 5, 6, 7]);
    app.clock.advance(335 * DAY_S);
    assert_eq!(app.desk().delete_old_tickets().await.unwrap(), 2);
    assert_eq!(left().await, [4, 5, 6], "what is kept and what is open");

    app.get("/api/v1/tickets/1", Some(&key)).await.problem(404);
    app.index_tickets().await;
    assert_eq!(app.search_tickets("flumphbucket", &key).await, Vec::<i64>::new());
    let mut found = app.search_tickets("snorkelvane", &key).await;
    found.sort_unstable();
    assert_eq!(found, [4, 5, 6]);
    assert!(app.desk().verify_tickets().await.unwrap().is_clean());
    app.get(&format!("/api/v1/conversations/{}", conversation.0), Some(&conversation.1)).await.problem(401);
    assert_eq!(n_entries(&app, &key, "ticket.deleted").await, 4);
    assert!(app.desk().verify_audit(&Principal::System).await.unwrap().broken.is_none());
    assert_eq!(open(&app, &key, json!({ "body": "Next." })).await["number"], 8, "no number is given twice");
}

#[tokio::test]
async fn what_was_merged_or_linked_is_read_across_the_archive_and_deleted_together() {
    let config = json!({ "retention": { "delete_closed_after_days": 100, "keep_tags": ["hold"] } });
    let app = TestApp::start_with(settings(config)).await;
    let key = app.master_key().await;
    let new =
        || json!({ "body": "The wibblecrank.", "customer": { "name": "Cy", "email": "cy@example.org" } });
    let mut all = vec![];
    for _ in 0..4 {
        all.push(open(&app, &key, new()).await);
    }
    let [source, target, linked, other] = all.try_into().unwrap();
    let path = |ticket: &Value, part: &str| format!("/api/v1/tickets/{}/{part}", id(ticket));
    let into = json!({ "into_id": id(&target) });
    app.post(&path(&source, "merge"), Some(&key), into).await.expect(201);
    let link = json!({ "kind": "related", "ticket_id": id(&linked) });
    app.post(&path(&target, "links"), Some(&key), link).await.expect(201);
    let before = app.ticket(&key, 2).await;
    // The merged one is closed, the others are not.
    assert_eq!(app.archive().await, 1);
    assert_eq!(app.ticket(&key, 2).await, before, "what was merged into it is read from the archive");
    for ticket in [&target, &linked] {
        change(&app, &key, ticket, json!({ "status": "closed", "tags": ["hold"] })).await;
    }
    let before = app.ticket(&key, 2).await;
    assert_eq!(app.archive().await, 2);
    let after = app.ticket(&key, 2).await;
    for part in ["merged", "links", "messages"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    assert_eq!(app.ticket(&key, 1).await["merged_into_id"], json!(id(&target)));

    app.clock.advance(101 * DAY_S);
    assert_eq!(app.desk().delete_old_tickets().await.unwrap(), 0, "one of them is kept, so both are");
    change(&app, &key, &target, json!({ "tags": [] })).await;
    app.clock.advance(101 * DAY_S);
    assert_eq!(app.desk().delete_old_tickets().await.unwrap(), 2);
    assert_eq!(numbers(&app, &key, "?archived=true").await, [3]);
    assert_eq!(app.ticket(&key, 3).await["links"], json!([]), "no link leads to what is gone");
    assert_eq!(numbers(&app, &key, "").await, [4], "{other}");
}
