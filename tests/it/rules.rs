//! Rules: what they do by themselves, in which order, where they stop, and what they leave behind.

use axum::http::Method;
use domain::{Role, Scope};
use serde_json::{Value, json};
use tests::TestApp;

/// Makes a rule that listens to events; gives its address.
async fn rule(app: &TestApp, key: &str, name: &str, events: &[&str], actions: Value) -> String {
    let trigger = json!({ "type": "event", "events": events });
    made(app, key, json!({ "name": name, "trigger": trigger, "actions": actions })).await
}

async fn made(app: &TestApp, key: &str, rule: Value) -> String {
    let made = app.post("/api/v1/rules", Some(key), rule).await.expect(201).json();
    format!("/api/v1/rules/{}", made["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_rule_that_is_switched_off_stays_so_until_it_is_switched_on() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let trigger = json!({ "type": "event", "events": ["ticket_opened"] });
    let mut rule =
        json!({ "name": "Tag", "trigger": trigger, "actions": [{ "type": "add_tags", "tags": ["a"] }] });
    let path = made(&app, &key, rule.clone()).await;
    let state = async || app.get(&path, Some(&key)).await.expect(200).json()["state"].clone();
    let put = async |rule: &Value| {
        app.send(Method::PUT, &path, Some(&key), Some(rule.clone()), &[]).await.expect(200);
    };
    assert_eq!(state().await, "active");
    rule["state"] = json!("inactive");
    put(&rule).await;
    rule.as_object_mut().unwrap().remove("state");
    put(&rule).await;
    assert_eq!(state().await, "inactive");
    rule["state"] = json!("active");
    put(&rule).await;
    assert_eq!(state().await, "active");
}

async fn counts(app: &TestApp, key: &str, path: &str) -> [i64; 3] {
    let rule = app.get(path, Some(key)).await.expect(200).json();
    ["n_runs", "n_failed", "n_held"].map(|name| rule[name].as_i64().expect("a count"))
}

/// Opens a ticket by a customer in a conversation.
async fn opened(app: &TestApp, key: &str) -> (Value, (String, String)) {
    let conversation = app.conversation().await;
    let form = json!({ "name": "Cy", "email": "cy@example.org", "message": "My printer is on fire" });
    let number = app.hand_off(&conversation, form).await;
    (app.ticket(key, number).await, conversation)
}

async fn again(app: &TestApp, key: &str, ticket: &Value) -> Value {
    app.ticket(key, ticket["number"].as_i64().unwrap()).await
}

async fn change(app: &TestApp, key: &str, ticket: &Value, change: Value) -> Value {
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    app.send(Method::PATCH, &path, Some(key), Some(change), &[]).await.expect(200).json()
}

async fn team(app: &TestApp, key: &str, team: &str) {
    let new = json!({ "key": team, "name": team });
    app.post("/api/v1/teams", Some(key), new).await.expect(201);
}

/// What rules left in a ticket's history: field, new value and the rule.
fn by_rules(ticket: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let history = ticket["history"].as_array().expect("a history");
    let of_rules = history.iter().filter(|entry| entry["author"] == "rule");
    of_rules.map(|entry| (text(&entry["field"]), text(&entry["to"]), text(&entry["name"]))).collect()
}

fn bodies(ticket: &Value) -> Vec<&str> {
    let messages = ticket["messages"].as_array().expect("messages");
    messages.iter().map(|said| said["body"].as_str().expect("a body")).collect()
}

#[tokio::test]
async fn a_new_ticket_is_routed_by_the_team_that_a_rule_chose() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    team(&app, &key, "fire").await;
    let ada = app.person("Ada", Role::Agent).await;
    let member = format!("/api/v1/teams/fire/members/{ada}");
    app.send(Method::PUT, &member, Some(&key), None, &[]).await.expect(204);
    let automatic = Some(json!({ "assignment": "automatic" }));
    app.send(Method::PUT, "/api/v1/teams/fire/routing", Some(&key), automatic, &[]).await.expect(200);
    let actions = json!([
        { "type": "set_team", "team": "fire" },
        { "type": "set_priority", "priority": "urgent" },
        { "type": "add_note", "body": "{{ customer.name }} is on fire." },
        { "type": "reply", "body": "Dear {{ customer.first_name }}, we run." },
    ]);
    let path = rule(&app, &key, "Fire", &["ticket_opened"], actions).await;
    let notice = json!([{ "type": "add_tags", "tags": ["taken"] }]);
    let trigger = json!({
        "type": "event", "events": ["ticket_changed"], "changed": [{ "field": "assignee", "from": "none" }],
    });
    made(&app, &key, json!({ "name": "Taken", "trigger": trigger, "actions": notice })).await;
    let (ticket, conversation) = opened(&app, &key).await;
    assert_eq!((&ticket["team"], &ticket["priority"]), (&json!("fire"), &json!("urgent")));
    assert_eq!(ticket["assignee"]["id"], ada.to_string(), "routing comes after the rules");
    assert_eq!(ticket["tags"], json!(["taken"]), "and rules hear of it");
    // An automatic reply answers nobody: the ticket is still new, and the bot not silenced.
    assert_eq!(ticket["status"], "new");
    let said = bodies(&ticket);
    assert_eq!(said[said.len() - 2..], ["Cy is on fire.", "Dear Cy, we run."]);
    let read = app.read(&conversation).await;
    let turns = read["turns"].as_array().expect("turns");
    let last = turns.last().expect("a turn");
    assert!(last.to_string().contains("we run"), "{last}");
    assert!(!read.to_string().contains("Fire\""), "customers do not read the names of rules: {read}");
    let expected = [("priority", "urgent", "Fire"), ("team", "fire", "Fire"), ("tags", "taken", "Taken")];
    let expected = expected.map(|(field, to, name)| (field.to_owned(), to.to_owned(), name.to_owned()));
    assert_eq!(by_rules(&ticket), expected);
    assert_eq!(counts(&app, &key, &path).await, [1, 0, 0]);
    let audited = app.get("/api/v1/audit?action=ticket.rule_applied", Some(&key)).await.expect(200).json();
    assert_eq!(audited["entries"].as_array().unwrap().len(), 2, "{audited}");
    assert_eq!(audited["entries"][0]["subject"]["id"], ticket["id"]);
}

#[tokio::test]
async fn rules_hear_replies_notes_and_changes_and_stop_where_they_say() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let tag = |tag: &str| json!([{ "type": "add_tags", "tags": [tag] }]);
    for (name, event) in
        [("said", "customer_replied"), ("answered", "agent_replied"), ("noted", "note_added")]
    {
        rule(&app, &key, name, &[event], tag(name)).await;
    }
    let trigger = json!({
        "type": "event", "events": ["ticket_changed"],
        "changed": [{ "field": "status", "from": "pending", "to": "solved" }],
    });
    let solved = json!({
        "name": "solved", "trigger": trigger, "condition": "tag:answered", "actions": tag("well-done"),
        "then": "stop",
    });
    let solved = made(&app, &key, solved).await;
    rule(&app, &key, "behind", &["ticket_changed"], tag("behind")).await;
    let inactive = json!({
        "name": "off", "trigger": { "type": "event", "events": ["ticket_opened"] }, "actions": tag("off"),
        "state": "inactive",
    });
    made(&app, &key, inactive).await;
    let (ticket, conversation) = opened(&app, &key).await;
    assert_eq!(ticket["tags"], json!([]));
    app.write(&key, &ticket, "note", "Hm.").await;
    app.write(&key, &ticket, "reply", "Is it?").await;
    let answered = again(&app, &key, &ticket).await;
    assert_eq!(answered["tags"], json!(["answered", "behind", "noted"]));
    change(&app, &key, &ticket, json!({ "tags": ["answered"] })).await;
    change(&app, &key, &ticket, json!({ "tags": ["answered"], "priority": "low" })).await;
    let without = change(&app, &key, &ticket, json!({ "tags": ["answered"] })).await;
    assert_eq!(without["tags"], json!(["answered", "behind"]), "each change is heard");
    let done = change(&app, &key, &ticket, json!({ "status": "solved" })).await;
    assert_eq!(done["tags"], json!(["answered", "behind", "well-done"]));
    assert_eq!(counts(&app, &key, &solved).await, [1, 0, 0]);
    let form = json!({ "name": "Cy", "email": "cy@example.org", "message": "It is." });
    app.hand_off(&conversation, form).await;
    let woken = again(&app, &key, &ticket).await;
    assert_eq!((&woken["status"], woken["tags"].as_array().unwrap().len()), (&json!("open"), 4));
}

#[tokio::test]
async fn a_circle_is_cut_and_says_so_and_a_rule_does_not_hear_itself() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let trigger = json!({ "type": "event", "events": ["ticket_changed"], "changed": [{ "field": "tags" }] });
    let circle = |name: &str, condition: &str, kind: &str| {
        let actions = json!([{ "type": kind, "tags": ["x"] }]);
        json!({ "name": name, "trigger": trigger, "condition": condition, "actions": actions })
    };
    let back = made(&app, &key, circle("Back", "tag:x", "remove_tags")).await;
    let there = made(&app, &key, circle("There", "-tag:x", "add_tags")).await;
    let own =
        json!([{ "type": "set_priority", "priority": "high" }, { "type": "add_note", "body": "Raised." }]);
    let own_trigger =
        json!({ "type": "event", "events": ["ticket_changed"], "changed": [{ "field": "priority" }] });
    let own = made(&app, &key, json!({ "name": "Own", "trigger": own_trigger, "actions": own })).await;
    let (ticket, _) = opened(&app, &key).await;
    // It answers, and as the customer's change it is not refused.
    change(&app, &key, &ticket, json!({ "tags": ["y"] })).await;
    let after = again(&app, &key, &ticket).await;
    let cut: Vec<_> = by_rules(&after).into_iter().filter(|(field, ..)| field == "rule").collect();
    assert_eq!(cut.len(), 1, "{cut:?}");
    assert!(cut[0].1.contains("circle"), "{cut:?}");
    assert_eq!(cut[0].2, "Back");
    // Five passes, and the one that was cut; twice it would have heard what it had just written itself.
    assert_eq!(counts(&app, &key, &there).await, [3, 0, 2]);
    assert_eq!(counts(&app, &key, &back).await, [2, 0, 1]);

    change(&app, &key, &ticket, json!({ "priority": "low" })).await;
    let after = again(&app, &key, &ticket).await;
    assert_eq!(after["priority"], "high");
    assert_eq!(bodies(&after).iter().filter(|body| **body == "Raised.").count(), 1);
    assert_eq!(counts(&app, &key, &own).await, [1, 0, 1]);
}

#[tokio::test]
async fn what_a_rule_cannot_do_stands_in_nobodys_way() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    team(&app, &key, "gone").await;
    let eve = app.person("Eve", Role::Agent).await;
    let actions = json!([
        { "type": "set_team", "team": "gone" },
        { "type": "set_assignee", "assignee": eve.to_string() },
        { "type": "add_tags", "tags": ["first"] },
    ]);
    let first = rule(&app, &key, "First", &["ticket_opened", "note_added"], actions).await;
    let second = json!([{ "type": "add_tags", "tags": ["second"] }]);
    rule(&app, &key, "Second", &["ticket_opened"], second).await;
    app.send(Method::DELETE, "/api/v1/teams/gone", Some(&key), None, &[]).await.expect(204);
    let leave = Some(json!({ "active": false }));
    app.send(Method::PATCH, &format!("/api/v1/users/{eve}"), Some(&key), leave, &[]).await.expect(200);
    let (ticket, _) = opened(&app, &key).await;
    assert_eq!(ticket["tags"], json!(["first", "second"]));
    let failures: Vec<String> = by_rules(&ticket)
        .into_iter()
        .filter(|(field, ..)| field == "rule")
        .map(|(_, what, _)| what)
        .collect();
    assert_eq!(failures.len(), 2, "{failures:?}");
    assert!(failures[0].contains("action 1, set_team") && failures[1].contains("action 2, set_assignee"));
    assert_eq!(counts(&app, &key, &first).await, [1, 2, 0]);
    // The second time it is counted, and not written down again.
    app.write(&key, &ticket, "note", "Hm.").await;
    let after = again(&app, &key, &ticket).await;
    assert_eq!(by_rules(&after), by_rules(&ticket));
    assert_eq!(counts(&app, &key, &first).await, [1, 4, 0]);
    let shown = app.get(&first, Some(&key)).await.expect(200).json();
    assert!(shown["last_failure"].as_str().unwrap().contains("no such person"), "{shown}");
}

#[tokio::test]
async fn a_canned_reply_that_is_gone_or_makes_no_text_stands_in_nobodys_way() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let mut ids = vec![];
    for body in ["Soon.", "{% if ticket.number == 0 %}Never.{% endif %}"] {
        let new = json!({ "title": "T", "body": body, "sharing": "everyone" });
        ids.push(app.post("/api/v1/canned-replies", Some(&key), new).await.expect(201).json()["id"].clone());
    }
    let actions = json!([
        { "type": "add_tags", "tags": ["vip"] },
        { "type": "reply", "canned_reply_id": ids[0] },
        { "type": "add_note", "canned_reply_id": ids[1] },
    ]);
    let path = rule(&app, &key, "Answer", &["ticket_opened"], actions).await;
    let canned = |n: usize| format!("/api/v1/canned-replies/{}", ids[n].as_str().unwrap());
    app.send(Method::DELETE, &canned(0), Some(&key), None, &[]).await.expect(204);
    let (ticket, _) = opened(&app, &key).await;
    assert_eq!(ticket["tags"], json!(["vip"]));
    assert_eq!(counts(&app, &key, &path).await, [1, 2, 0]);
    let used = app.get(&canned(1), Some(&key)).await.expect(200).json();
    assert_eq!(used["n_used"], 0, "what makes no text is not used");
}

#[tokio::test]
async fn a_rule_hears_that_a_promise_was_not_kept() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let targets = json!({ "normal": { "first_reply_min": 60 }, "urgent": { "first_reply_min": 10 } });
    let policy = json!({ "name": "All", "targets": targets });
    app.post("/api/v1/sla-policies", Some(&key), policy).await.expect(201);
    let raise = json!([{ "type": "set_priority", "priority": "urgent" }]);
    let late = rule(&app, &key, "Late", &["sla_breached"], raise).await;
    let warn = json!([{ "type": "add_tags", "tags": ["hurry"] }]);
    rule(&app, &key, "Hurry", &["sla_warned"], warn).await;
    let (ticket, _) = opened(&app, &key).await;
    app.clock.advance(50 * 60);
    app.desk().tell_due_clocks().await.expect("a sweep");
    let warned = again(&app, &key, &ticket).await;
    assert_eq!((&warned["tags"], &warned["priority"]), (&json!(["hurry"]), &json!("normal")));
    app.clock.advance(20 * 60);
    app.desk().tell_due_clocks().await.expect("a sweep");
    app.desk().tell_due_clocks().await.expect("a sweep");
    assert_eq!(again(&app, &key, &ticket).await["priority"], "urgent");
    assert_eq!(counts(&app, &key, &late).await, [1, 0, 0]);
}

#[tokio::test]
async fn a_rule_hears_of_a_promise_that_was_not_kept_when_tickets_are_merged_and_parted() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let policy = json!({ "name": "All", "targets": { "normal": { "first_reply_min": 60 } } });
    app.post("/api/v1/sla-policies", Some(&key), policy).await.expect(201);
    let late = json!([{ "type": "add_tags", "tags": ["late"] }]);
    let path = rule(&app, &key, "Late", &["sla_breached"], late).await;
    let at =
        |ticket: &Value, what: &str| format!("/api/v1/tickets/{}/{what}", ticket["id"].as_str().unwrap());
    // Nobody has looked at the clocks before the tickets are merged.
    let ((asleep, _), (waiting, _)) = (opened(&app, &key).await, opened(&app, &key).await);
    change(&app, &key, &asleep, json!({ "snoozed_until": "2026-01-03T00:00:00Z" })).await;
    app.clock.advance(90 * 60);
    let into = json!({ "into_id": asleep["id"] });
    let done = app.post(&at(&waiting, "merge"), Some(&key), into).await.expect(201).json();
    assert_eq!(again(&app, &key, &asleep).await["tags"], json!(["late"]));
    let undo = at(&waiting, &format!("operations/{}/undo", done["id"].as_str().unwrap()));
    app.post(&undo, Some(&key), json!({})).await.expect(200);
    let n_before = counts(&app, &key, &path).await[0];

    // Nor before they are parted again, when the customer has written in between.
    let ((left, _), (part, conversation)) = (opened(&app, &key).await, opened(&app, &key).await);
    let into = json!({ "into_id": left["id"] });
    let done = app.post(&at(&part, "merge"), Some(&key), into).await.expect(201).json();
    app.clock.advance(60);
    let form = json!({ "name": "Cy", "email": "cy@example.org", "message": "It burns still" });
    app.hand_off(&conversation, form).await;
    app.clock.advance(90 * 60);
    let undo = at(&part, &format!("operations/{}/undo", done["id"].as_str().unwrap()));
    app.post(&undo, Some(&key), json!({})).await.expect(200);
    assert_eq!(again(&app, &key, &part).await["tags"], json!(["late"]));
    assert!(counts(&app, &key, &path).await[0] > n_before);
}

#[tokio::test]
async fn a_time_rule_acts_once_on_a_ticket_until_somebody_touches_it() {
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    let remind = json!({
        "name": "Remind", "trigger": { "type": "time" }, "condition": "status:pending updated<-3d",
        "actions": [{ "type": "reply", "body": "Dear {{ customer.name }}, are you there?" }],
    });
    let path = made(&app, &key, remind).await;
    let close = json!({
        "name": "Solve", "trigger": { "type": "time" }, "condition": "status:pending tag:done updated<-1d",
        "actions": [{ "type": "set_status", "status": "solved" }], "then": "stop",
    });
    made(&app, &key, close).await;
    let (ticket, conversation) = opened(&app, &key).await;
    app.write(&key, &ticket, "reply", "Is it?").await;
    let reminders = |ticket: Value| bodies(&ticket).iter().filter(|body| body.contains("there?")).count();
    let sweep = async |app: &TestApp| app.desk().run_time_rules().await.expect("a sweep");
    assert_eq!(sweep(&app).await, 0);
    app.clock.advance(3 * 86_400 + 1);
    // Two processes look at the same moment.
    let (one, two) = tokio::join!(app.desk().run_time_rules(), app.desk().run_time_rules());
    assert_eq!(one.expect("a sweep") + two.expect("a sweep"), 1);
    for _ in 0..3 {
        app.clock.advance(5 * 86_400);
        app.restart().await;
        assert_eq!(sweep(&app).await, 0, "nobody has touched it since");
    }
    let pending = again(&app, &key, &ticket).await;
    assert_eq!((reminders(pending.clone()), &pending["status"]), (1, &json!("pending")));
    // The customer answers, an agent asks again: that is another wait.
    let form = json!({ "name": "Cy", "email": "cy@example.org", "message": "Yes." });
    app.hand_off(&conversation, form).await;
    app.write(&key, &ticket, "reply", "And now?").await;
    assert_eq!(sweep(&app).await, 0);
    app.clock.advance(3 * 86_400 + 1);
    assert_eq!((sweep(&app).await, sweep(&app).await), (1, 0));
    assert_eq!(reminders(again(&app, &key, &ticket).await), 2);
    assert_eq!(counts(&app, &key, &path).await, [2, 0, 0]);
    change(&app, &key, &ticket, json!({ "tags": ["done"] })).await;
    app.clock.advance(2 * 86_400);
    assert_eq!(sweep(&app).await, 1);
    assert_eq!(again(&app, &key, &ticket).await["status"], "solved");
}

#[tokio::test]
async fn a_time_rule_sees_what_is_touched_between_two_sweeps() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let remind = json!({
        "name": "Remind", "trigger": { "type": "time" }, "condition": "status:open updated<-10min",
        "actions": [{ "type": "add_note", "body": "It waits." }],
    });
    made(&app, &key, remind).await;
    let (first, _) = opened(&app, &key).await;
    let (second, _) = opened(&app, &key).await;
    for ticket in [&first, &second] {
        change(&app, &key, ticket, json!({ "status": "open" })).await;
    }
    let sweep = async || app.desk().run_time_rules().await.expect("a sweep");
    assert_eq!(sweep().await, 0);
    app.clock.advance(86_400);
    assert_eq!((sweep().await, sweep().await), (2, 0));
    // By now both are older than where the sweeps begin.
    app.clock.advance(1_800);
    assert_eq!(sweep().await, 0);
    for n in 1..=5 {
        change(&app, &key, &first, json!({ "tags": [format!("t{n}")] })).await;
        assert_eq!(sweep().await, 0);
        app.clock.advance(700);
        assert_eq!((sweep().await, sweep().await), (1, 0), "after touch {n}");
    }
    let notes = async |ticket| {
        let ticket = again(&app, &key, ticket).await;
        bodies(&ticket).into_iter().filter(|body| *body == "It waits.").count()
    };
    assert_eq!((notes(&first).await, notes(&second).await), (6, 1));
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_done_and_writes_nothing() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let (first, _) = opened(&app, &key).await;
    app.clock.advance(60);
    let (second, _) = opened(&app, &key).await;
    change(&app, &key, &second, json!({ "priority": "high", "status": "open" })).await;
    let before = (again(&app, &key, &first).await, again(&app, &key, &second).await);
    let trigger = json!({ "type": "event", "events": ["ticket_opened"] });
    let actions = json!([
        { "type": "set_priority", "priority": "high" },
        { "type": "add_note", "body": "Hello {{ customer.name }}" },
    ]);
    let mut rule = json!({ "name": "Try", "trigger": trigger, "actions": actions });
    let run = app.post("/api/v1/rules/dry-run", Some(&key), rule.clone()).await.expect(200).json();
    assert_eq!(run["n_looked_at"], 2);
    let numbers: Vec<&Value> =
        run["tickets"].as_array().unwrap().iter().map(|ticket| &ticket["number"]).collect();
    assert_eq!(numbers, [&second["number"], &first["number"]], "the newest first");
    assert_eq!(run["tickets"][0]["changes"], json!([]));
    let raised = json!([{ "field": "priority", "from": "normal", "to": "high" }]);
    assert_eq!(run["tickets"][1]["changes"], raised);
    assert_eq!(run["tickets"][1]["messages"], json!([{ "kind": "note", "body": "Hello Cy" }]));
    let one = app.post("/api/v1/rules/dry-run?limit=1", Some(&key), rule.clone()).await.expect(200).json();
    assert_eq!(one["tickets"].as_array().unwrap().len(), 1);
    // What a rule wants to have changed is looked for in the history.
    rule["trigger"] = json!({
        "type": "event", "events": ["ticket_changed"],
        "changed": [{ "field": "priority", "to": "high" }, { "field": "status", "from": "new" }],
    });
    rule["state"] = json!("inactive");
    let kept = made(&app, &key, rule).await;
    let run = app.post(&format!("{kept}/dry-run"), Some(&key), json!({})).await.expect(200).json();
    assert_eq!((&run["n_looked_at"], run["tickets"].as_array().unwrap().len()), (&json!(2), 1));
    assert_eq!((again(&app, &key, &first).await, again(&app, &key, &second).await), before);
    assert_eq!(counts(&app, &key, &kept).await, [0, 0, 0]);
    let no_rule = json!({ "name": "x", "trigger": { "type": "time" }, "actions": [] });
    app.post("/api/v1/rules/dry-run", Some(&key), no_rule).await.problem(422);
    let blind = app.key(&[Scope::AdminRules]).await;
    let seen = app.post(&format!("{kept}/dry-run"), Some(&blind), json!({})).await.expect(200).json();
    assert_eq!(seen, json!({ "n_looked_at": 0, "tickets": [] }), "what one may not read is not shown");
}

#[tokio::test]
async fn rules_are_kept_in_order_and_changed_by_who_may() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let high = json!([{ "type": "set_priority", "priority": "high" }]);
    let one = rule(&app, &key, "One", &["ticket_opened"], high.clone()).await;
    let two = rule(&app, &key, "Two", &["ticket_opened"], high.clone()).await;
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let order = |ids: Vec<String>| {
        let (app, key) = (&app, &key);
        async move {
            app.send(Method::PUT, "/api/v1/rules/order", Some(key), Some(json!({ "ids": ids })), &[]).await
        }
    };
    let ordered = order(vec![id(&two), id(&one)]).await.expect(200).json();
    assert_eq!(ordered["rules"][0]["name"], "Two");
    order(vec![id(&two)]).await.problem(422);
    order(vec![id(&two), id(&two)]).await.problem(422);
    let mut whole = json!({
        "name": "One", "trigger": { "type": "event", "events": ["note_added"] }, "actions": high, "condition": "priority:low",
    });
    let put = |path: String, body: Value, etag: &'static str| {
        let (app, key) = (&app, &key);
        async move { app.send(Method::PUT, &path, Some(key), Some(body), &[("if-match", etag)]).await }
    };
    put(one.clone(), whole.clone(), "\"1\"").await.problem(412);
    let changed = put(one.clone(), whole.clone(), "\"2\"").await.expect(200);
    assert_eq!((changed.header("etag"), &changed.json()["position"]), ("\"3\"", &json!(2)));
    for (part, value, status, said) in [
        ("trigger", json!({ "type": "event", "events": ["exploded"] }), 422, "ticket_opened"),
        ("trigger", json!({ "type": "event", "events": [] }), 422, "at least one"),
        ("trigger", json!({ "type": "time" }), 422, "without closed"),
        ("trigger", json!({ "type": "time", "every": 1 }), 400, "every"),
        ("condition", json!("assignee:me"), 422, "the same for everybody"),
        ("condition", json!("field.nothing:1"), 422, "there is no field"),
        ("condition", json!("sttus:open"), 422, "at character 1"),
        ("actions", json!([{ "type": "set_team", "team": "nowhere" }]), 422, "action 1, set_team"),
        ("actions", json!([{ "type": "set_assignee", "assignee": "me" }]), 422, "there is no me"),
        ("actions", json!([{ "type": "set_assignee", "assignee": "x" }]), 422, "no such person"),
        ("actions", json!([{ "type": "set_field", "key": "a", "value": 1 }]), 422, "there is no field"),
        ("actions", json!([{ "type": "reply", "canned_reply_id": "x" }]), 422, "no such canned reply"),
        (
            "actions",
            json!([{ "type": "reply", "body": "{{ customer.name | foo }}" }]),
            422,
            "action 1, body: line 1",
        ),
        ("then", json!("explode"), 400, "go_on"),
        ("name", json!(""), 422, "write something"),
        ("site_id", json!("x"), 400, "site_id"),
    ] {
        let right = std::mem::replace(&mut whole[part], value);
        let refused = app.post("/api/v1/rules", Some(&key), whole.clone()).await.problem(status);
        assert!(refused["detail"].as_str().unwrap().contains(said), "{part}: {refused}");
        if right.is_null() {
            whole.as_object_mut().unwrap().remove(part);
        } else {
            whole[part] = right;
        }
    }
    // Who sees some teams only makes no rules for all.
    team(&app, &key, "sales").await;
    let of_sales = app.key_of_teams(&[Scope::AdminRules, Scope::TicketsRead], Some(&["sales"])).await;
    app.get("/api/v1/rules", Some(&of_sales)).await.problem(403);
    let settings = app.key(&[Scope::AdminSettings, Scope::TicketsWrite]).await;
    app.get("/api/v1/rules", Some(&settings)).await.problem(403);
    app.send(Method::DELETE, &one, Some(&key), None, &[]).await.expect(204);
    app.get(&one, Some(&key)).await.problem(404);
}

/// Numbers that follow from a seed, so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    fn action(&mut self, ada: &str) -> Value {
        match self.roll(6) {
            0 => json!({ "type": "set_team", "team": self.one(&["support", "fire", "water"]) }),
            1 => json!({ "type": "set_status", "status": self.one(&["open", "pending", "solved"]) }),
            2 => json!({ "type": "set_priority", "priority": self.one(&["low", "urgent"]) }),
            3 => json!({ "type": "add_tags", "tags": [self.one(&["x", "y"])] }),
            4 => json!({ "type": "remove_tags", "tags": [self.one(&["x", "y"])] }),
            _ => json!({ "type": "set_assignee", "assignee": self.one(&["none", ada]) }),
        }
    }
}

#[tokio::test]
async fn whatever_rules_do_a_ticket_has_a_team_and_somebody_or_a_reason() {
    for seed in 0..4 {
        let mut dice = Dice(seed);
        let app = TestApp::start().await;
        let key = app.master_key().await;
        let ada = app.person("Ada", Role::Agent).await.to_string();
        for name in ["support", "fire", "water"] {
            let _ = app.post("/api/v1/teams", Some(&key), json!({ "key": name, "name": name })).await;
            let automatic = Some(json!({ "assignment": "automatic" }));
            let path = format!("/api/v1/teams/{name}/routing");
            app.send(Method::PUT, &path, Some(&key), automatic, &[]).await.expect(200);
        }
        let member = format!("/api/v1/teams/fire/members/{ada}");
        app.send(Method::PUT, &member, Some(&key), None, &[]).await.expect(204);
        for n in 0..8 {
            let events = ["ticket_opened", "ticket_changed", "note_added", "customer_replied"];
            let condition = dice.one(&["", "tag:x", "-tag:y", "team:fire", "-status:solved"]);
            let rule = json!({
                "name": format!("R{n}"), "condition": condition, "actions": [dice.action(&ada)],
                "trigger": { "type": "event", "events": ["ticket_changed", dice.one(&events)] },
            });
            made(&app, &key, rule).await;
        }
        let (ticket, conversation) = opened(&app, &key).await;
        for n in 0..6 {
            match dice.roll(3) {
                0 => app.write(&key, &ticket, "note", "Hm.").await,
                1 => {
                    let form =
                        json!({ "name": "Cy", "email": "cy@example.org", "message": format!("Help {n}") });
                    app.hand_off(&conversation, form).await;
                }
                _ => {
                    let tags = json!({ "tags": [dice.one(&["x", "y", "z"])] });
                    change(&app, &key, &ticket, tags).await;
                }
            }
            app.clock.advance(60);
            app.desk().route_waiting().await.expect("a sweep");
            let now = again(&app, &key, &ticket).await;
            assert!(!now["team"].as_str().unwrap().is_empty());
            let is_waiting = now["status"] == "new" || now["status"] == "open";
            if is_waiting && now["assignee"].is_null() {
                let path = format!("/api/v1/tickets/{}/assignments", ticket["id"].as_str().unwrap());
                let why = app.get(&path, Some(&key)).await.expect(200).json();
                assert!(!why["assignments"].as_array().unwrap().is_empty(), "seed {seed}: {now}");
            }
        }
    }
}
