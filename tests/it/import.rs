//! Importing tickets of another system: what is taken over, that nothing is doubled or told, and that what was erased stays so.

use axum::http::Method;
use desk::{ImportRun, Missing, TicketImport, TicketImportReport};
use domain::{Locale, Principal, Scope};
use ingest::{Directory, ParsedMessage, ParsedPerson, ParsedTicket, Record, zendesk_record};
use serde_json::{Value, json};
use tests::{Receiver, Reply, TestApp, settings};

use crate::handoff::fill_teams;

fn import() -> TicketImport {
    TicketImport {
        source: "zendesk".to_owned(),
        team: "support".to_owned(),
        teams: Missing::LeaveOut,
        fields: Missing::LeaveOut,
        locale: Locale::english(),
        run: ImportRun::Write,
    }
}

fn exported(id: i64, status: &str) -> Value {
    json!({
        "id": id, "status": status, "subject": format!("Order {id}"), "tags": ["vip"], "priority": "high",
        "created_at": "2024-03-01T10:00:00Z", "updated_at": "2024-03-02T10:00:00Z",
        "requester_id": 900, "requester": { "id": 900, "name": "Cy", "email": "Cy@Example.org", "role": "end-user" },
        "comments": [
            { "id": id * 10, "author_id": 900, "body": "Where is my zamboni?", "created_at": "2024-03-01T10:00:00Z" },
            { "id": id * 10 + 1, "author_id": 700, "html_body": "<p>On its <b>way</b></p>", "body": "On its way",
              "created_at": "2024-03-01T11:00:00Z" },
            { "id": id * 10 + 2, "author_id": 701, "body": "Second thoughts", "public": false,
              "created_at": "2024-03-01T12:00:00Z" }
        ]
    })
}

fn directory() -> Directory {
    let mut directory = Directory::default();
    for agent in [
        json!({ "id": 700, "name": "A. Lovelace", "email": "ada@askwell.example", "role": "agent" }),
        json!({ "id": 701, "name": "Gone Agent", "email": "gone@old.example", "role": "agent" }),
    ] {
        let Ok(Record::Person(agent)) = zendesk_record(&agent, Some("users"), "") else { panic!("an agent") };
        assert!(directory.add_agent(agent));
    }
    directory
}

fn parsed(value: &Value) -> ParsedTicket {
    let Ok(Record::Ticket(mut ticket)) = zendesk_record(value, Some("tickets"), "") else {
        panic!("{value}")
    };
    directory().complete(&mut ticket);
    *ticket
}

fn customer(value: &Value) -> ParsedPerson {
    let Ok(Record::Person(person)) = zendesk_record(value, Some("users"), "") else { panic!("{value}") };
    person
}

fn comment(value: &Value) -> ParsedMessage {
    let Ok(Record::Message(mut message)) = zendesk_record(value, Some("comments"), "") else {
        panic!("{value}")
    };
    directory().complete_message(&mut message);
    *message
}

async fn take(app: &TestApp, import: &TicketImport, tickets: &[Value]) -> TicketImportReport {
    let tickets: Vec<ParsedTicket> = tickets.iter().map(parsed).collect();
    app.desk().import_tickets(&Principal::System, import, &tickets).await.expect("a batch")
}

fn counts(report: &TicketImportReport) -> [usize; 5] {
    [report.n_new, report.n_changed, report.n_unchanged, report.n_kept, report.refused.len()]
}

async fn begun(app: &TestApp) -> String {
    app.desk().begin_ticket_import(&Principal::System, &import()).await.expect("it begins");
    app.master_key().await
}

async fn all(app: &TestApp, key: &str) -> Vec<Value> {
    let mut tickets = app.tickets(key).await;
    tickets.sort_by_key(|ticket| ticket["number"].as_i64());
    let mut read = vec![];
    for ticket in &tickets {
        read.push(app.ticket(key, ticket["number"].as_i64().expect("a number")).await);
    }
    read
}

#[tokio::test]
async fn tickets_keep_their_words_people_times_and_numbers() {
    let app = TestApp::start().await;
    app.ada().await;
    let key = begun(&app).await;
    let report = take(&app, &import(), &[exported(35436, "solved"), exported(35437, "pending")]).await;
    assert_eq!((counts(&report), report.n_messages, report.n_customers), ([2, 0, 0, 0, 0], 6, 1));
    let tickets = all(&app, &key).await;
    let ticket = &tickets[0];
    assert_eq!(ticket["first_replied_at"], "2024-03-01T11:00:00Z", "the note does not count");
    assert_eq!(
        (&ticket["status"], &ticket["priority"], &ticket["team"]),
        (&json!("solved"), &json!("high"), &json!("support"))
    );
    assert_eq!(
        (&ticket["created_at"], &ticket["solved_at"]),
        (&json!("2024-03-01T10:00:00Z"), &json!("2024-03-02T10:00:00Z"))
    );
    assert_eq!(ticket["customer"]["email"], "cy@example.org");
    assert_eq!(ticket["tags"], json!(["vip"]));
    assert_eq!(ticket["fields"]["imported_id"], "35436");
    let said: Vec<[&Value; 4]> = ticket["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|message| [&message["kind"], &message["author"], &message["body"], &message["created_at"]])
        .collect();
    let message = |n: usize| ticket["messages"][n].to_string();
    assert!(said[0][2] == "Where is my zamboni?" && said[0][1].to_string().contains("customer"), "{said:?}");
    assert!(said[1][2] == "On its **way**" && message(1).contains("\"Ada\""), "{said:?}");
    assert!(said[2][0] == "note" && message(2).contains("Gone Agent"), "{said:?}");
    assert_eq!(said[2][3], "2024-03-01T12:00:00Z");

    app.index_tickets().await;
    for words in ["zamboni", "35436", "cy@example.org", "thoughts"] {
        assert!(app.search_tickets(words, &key).await.contains(&1), "{words}");
    }
    let filtered =
        app.get("/api/v1/tickets?filter=field.imported_id:35437", Some(&key)).await.expect(200).json();
    assert_eq!(filtered["tickets"].as_array().map(Vec::len), Some(1), "{filtered}");
    let log = app.get("/api/v1/audit?action=site.imported", Some(&key)).await.expect(200).json();
    assert_eq!(log["entries"].as_array().map(Vec::len), Some(1), "{log}");
    assert_eq!(log["entries"][0]["details"]["source"], "zendesk", "{log}");
}

#[tokio::test]
async fn a_second_import_takes_only_what_is_new() {
    let app = TestApp::start().await;
    let key = begun(&app).await;
    let first = [exported(1, "solved"), exported(2, "open"), exported(3, "open")];
    assert_eq!(counts(&take(&app, &import(), &first).await), [3, 0, 0, 0, 0]);
    assert_eq!(counts(&take(&app, &import(), &first).await), [0, 0, 3, 0, 0]);
    let other = TicketImport { source: "elsewhere".to_owned(), ..import() };
    let dry = TicketImport { run: ImportRun::DryRun, ..other.clone() };
    assert_eq!(counts(&take(&app, &dry, &first).await), [3, 0, 0, 0, 0], "ids of another system are others");
    assert_eq!(all(&app, &key).await.len(), 3, "a dry run writes nothing");

    // One changes there, one here, and one in both places.
    let mut changed = exported(2, "solved");
    changed["updated_at"] = json!("2024-04-01T10:00:00Z");
    changed["comments"].as_array_mut().expect("a list").push(
        json!({ "id": 99, "author_id": 900, "body": "Thank you", "created_at": "2024-03-05T10:00:00Z" }),
    );
    let mut in_both = exported(3, "closed");
    in_both["updated_at"] = json!("2024-04-01T10:00:00Z");
    in_both["comments"]
        .as_array_mut()
        .expect("a list")
        .push(json!({ "id": 98, "author_id": 900, "body": "Hello?", "created_at": "2024-03-05T10:00:00Z" }));
    let tickets = all(&app, &key).await;
    let path = format!("/api/v1/tickets/{}", tickets[2]["id"].as_str().expect("an id"));
    app.send(Method::PATCH, &path, Some(&key), Some(json!({ "priority": "low" })), &[]).await.expect(200);
    let report = take(&app, &import(), &[exported(1, "solved"), changed.clone(), in_both]).await;
    assert_eq!((counts(&report), report.n_messages), ([0, 1, 1, 1, 0], 2));
    let tickets = all(&app, &key).await;
    assert_eq!((&tickets[1]["status"], &tickets[1]["number"]), (&json!("solved"), &json!(2)));
    assert!(tickets[1]["messages"].to_string().contains("Thank you"));
    assert_eq!(
        (&tickets[2]["status"], &tickets[2]["priority"]),
        (&json!("open"), &json!("low")),
        "it stays as it is here"
    );
    assert!(tickets[2]["messages"].to_string().contains("Hello?"), "but what was said is added");
    assert!(tickets[1]["history"].to_string().contains("solved"), "{}", tickets[1]["history"]);
    assert_eq!(
        counts(&take(&app, &import(), &[exported(2, "open")]).await),
        [0, 0, 1, 0, 0],
        "an older export"
    );
    app.index_tickets().await;
    assert!(app.search_tickets("thank you", &key).await.contains(&2));
}

#[tokio::test]
async fn nobody_outside_is_told_of_what_happened_elsewhere() {
    let app =
        TestApp::start_with(settings(json!({ "webhooks": { "allow": ["127.0.0.1"], "timeout_ms": 500 } })))
            .await;
    let key = begun(&app).await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let webhook = json!({ "url": receiver.url(), "types": [] });
    app.post("/api/v1/webhooks", Some(&key), webhook).await.expect(201);
    let policy =
        json!({ "name": "All", "targets": { "high": { "first_reply_min": 30, "resolution_min": 60 } } });
    app.post("/api/v1/sla-policies", Some(&key), policy).await.expect(201);
    let report =
        take(&app, &import(), &[exported(1, "closed"), exported(2, "open"), exported(3, "new")]).await;
    assert_eq!(counts(&report), [3, 0, 0, 0, 0]);
    app.desk().tell_due_clocks().await.expect("a sweep");
    let principal = app.desk().key_principal(&key).await.expect("read").expect("a key");
    let told = app.desk().happened_after(&principal, 0).await.expect("events");
    assert!(told.entries.is_empty(), "{:?}", told.entries);
    assert!(told.seq > 0, "a follower goes on behind it");
    app.desk().deliver_webhooks().await.expect("a round");
    assert!(receiver.heard().is_empty());
    let tickets = all(&app, &key).await;
    assert_eq!(tickets[0]["sla"], json!([]), "a closed one has no clocks");
    assert!(tickets[1]["sla"].to_string().contains("first_reply"), "{}", tickets[1]["sla"]);
    let kinds = app.get("/api/v1/events?types=tickets_imported", Some(&key)).await;
    kinds.problem(400);
}

#[tokio::test]
async fn open_tickets_get_a_team_and_somebody_or_a_reason() {
    let app = TestApp::start().await;
    let key = begun(&app).await;
    app.post("/api/v1/teams", Some(&key), json!({ "key": "support", "name": "Support" })).await.expect(201);
    let routing = json!({ "assignment": "automatic" });
    app.send(Method::PUT, "/api/v1/teams/support/routing", Some(&key), Some(routing), &[]).await.expect(200);
    let mut known = exported(3, "open");
    known["group"] = json!({ "id": 5, "name": "SUPPORT" });
    let mut unknown = exported(4, "closed");
    unknown["group"] = json!({ "id": 6, "name": "Level 2" });
    let report =
        take(&app, &import(), &[exported(1, "open"), exported(2, "closed"), known, unknown.clone()]).await;
    assert_eq!(report.missing.iter().collect::<Vec<_>>(), [(&"team Level 2".to_owned(), &1)]);
    let tickets = all(&app, &key).await;
    for (ticket, n_decisions) in tickets.iter().zip([1, 0, 1, 0]) {
        assert_eq!(ticket["team"], "support");
        let path = format!("/api/v1/tickets/{}/assignments", ticket["id"].as_str().expect("an id"));
        let found = app.get(&path, Some(&key)).await.expect(200).json();
        assert_eq!(found["assignments"].as_array().map(Vec::len), Some(n_decisions), "{found}");
    }
    let make = TicketImport {
        teams: Missing::Create,
        fields: Missing::Create,
        source: "other".to_owned(),
        ..import()
    };
    unknown["custom_fields"] = json!([{ "id": 27, "value": "x" }]);
    assert_eq!(counts(&take(&app, &make, &[unknown]).await), [1, 0, 0, 0, 0]);
    let last = all(&app, &key).await.pop().expect("a ticket");
    assert_eq!((&last["team"], &last["fields"]["f_27"]), (&json!("level-2"), &json!("x")), "{last}");
}

#[tokio::test]
async fn no_import_makes_more_teams_than_there_can_be() {
    let app = TestApp::start().await;
    let key = begun(&app).await;
    fill_teams(&app).await;
    let mut other = exported(2, "open");
    other["group"] = json!({ "id": 6, "name": "Level 2" });
    let make = TicketImport { teams: Missing::Create, ..import() };
    let report = take(&app, &make, &[exported(1, "open"), other]).await;
    let missing: Vec<(&str, u64)> = report.missing.iter().map(|(what, n)| (what.as_str(), *n)).collect();
    assert_eq!(missing, [("team Level 2", 1), ("team support", 2)]);
    for ticket in all(&app, &key).await {
        assert_eq!(ticket["team"], "t000", "{ticket}");
    }
    let teams = app.get("/api/v1/teams", Some(&key)).await.expect(200).json();
    assert_eq!(teams["teams"].as_array().map(Vec::len), Some(500));
}

#[tokio::test]
async fn comments_that_stand_apart_are_added_once_and_the_description_is_not_doubled() {
    let app = TestApp::start().await;
    app.ada().await;
    let key = begun(&app).await;
    let mut ticket = exported(1, "open");
    ticket["comments"] = Value::Null;
    ticket["description"] = json!("Where is my\nzamboni?");
    take(&app, &import(), &[ticket]).await;
    let said = |id: i64, author: i64, body: &str, of: i64| {
        comment(
            &json!({ "id": id, "ticket_id": of, "author_id": author, "body": body, "created_at": "2024-03-01T10:00:00Z" }),
        )
    };
    let comments = [
        said(1, 900, "Where is my zamboni?", 1),
        said(2, 700, "On its way", 1),
        said(3, 900, "Great", 1),
        said(4, 1, "x", 77),
    ];
    for expected in [[2, 0, 1, 0, 1], [0, 0, 3, 0, 1]] {
        let report =
            app.desk().import_messages(&Principal::System, &import(), &comments).await.expect("a batch");
        assert_eq!(counts(&report), expected);
    }
    let ticket = app.ticket(&key, 1).await;
    let bodies: Vec<&str> =
        ticket["messages"].as_array().expect("messages").iter().filter_map(|m| m["body"].as_str()).collect();
    assert_eq!(bodies.len(), 3, "{bodies:?}");
    assert!(ticket["messages"].to_string().matches("\"customer\"").count() >= 2, "{ticket}");
    app.index_tickets().await;
    assert_eq!(app.search_tickets("great", &key).await, [1]);
}

#[tokio::test]
async fn the_first_reply_is_the_earliest_that_any_run_brings() {
    let app = TestApp::start().await;
    let key = begun(&app).await;
    let mut ticket = exported(1, "open");
    let comments = ticket["comments"].as_array().expect("comments").clone();
    ticket["comments"] = json!([comments[0]]);
    take(&app, &import(), &[ticket.clone(), exported(2, "open")]).await;
    let replied = async || {
        let tickets = all(&app, &key).await;
        tickets.iter().map(|ticket| ticket["first_replied_at"].clone()).collect::<Vec<_>>()
    };
    let eleven = json!("2024-03-01T11:00:00Z");
    assert_eq!(replied().await, [Value::Null, eleven.clone()]);
    ticket["comments"] = json!(comments);
    ticket["updated_at"] = json!("2024-03-03T10:00:00Z");
    take(&app, &import(), &[ticket.clone()]).await;
    assert_eq!(replied().await, [eleven.clone(), eleven.clone()]);
    // Changed here meanwhile, and once more there, without what was said.
    let tickets = all(&app, &key).await;
    app.write(&key, &tickets[0], "reply", "Here it is.").await;
    ticket["comments"] = json!([comments[0]]);
    ticket["updated_at"] = json!("2024-03-04T10:00:00Z");
    take(&app, &import(), &[ticket]).await;
    assert_eq!(replied().await, [eleven.clone(), eleven]);
    let apart = [(2, "2024-03-01T10:30:00Z"), (2, "2024-03-05T10:00:00Z")].map(|(of, at)| {
        comment(&json!({ "id": at, "ticket_id": of, "author_id": 700, "body": format!("At {at}"), "created_at": at }))
    });
    app.desk().import_messages(&Principal::System, &import(), &apart).await.expect("a batch");
    assert_eq!(replied().await[1], "2024-03-01T10:30:00Z");
}

#[tokio::test]
async fn who_was_erased_is_not_imported_again() {
    let app = TestApp::start().await;
    let key = begun(&app).await;
    let person = customer(&json!({ "id": 900, "name": "Cy", "email": "cy@example.org", "role": "end-user" }));
    let taken = app
        .desk()
        .import_customers(&Principal::System, &import(), std::slice::from_ref(&person))
        .await
        .expect("a batch");
    assert_eq!(counts(&taken), [1, 0, 0, 0, 0]);
    take(&app, &import(), &[exported(1, "solved")]).await;
    let id = app.desk().customer_by_email(&Principal::System, "cy@example.org").await.expect("Cy");
    app.desk().erase_customer(&Principal::System, &id).await.expect("erased");
    let again = app.desk().import_customers(&Principal::System, &import(), &[person]).await.expect("a batch");
    assert_eq!(counts(&again), [0, 0, 0, 1, 0]);
    let mut changed = exported(1, "solved");
    changed["updated_at"] = json!("2024-04-01T10:00:00Z");
    changed["comments"][0]["id"] = json!(12345);
    let report = take(&app, &import(), &[changed, exported(2, "open")]).await;
    assert_eq!(counts(&report), [0, 0, 0, 1, 1], "{report:?}");
    let tickets = all(&app, &key).await;
    assert_eq!(tickets.len(), 1);
    assert!(!tickets[0].to_string().contains("zamboni"), "{}", tickets[0]);
    assert!(app.desk().customer_by_email(&Principal::System, "cy@example.org").await.is_err());
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_the_rest_goes_on() {
    let app = TestApp::start().await;
    let key = begun(&app).await;
    let mut ahead = exported(2, "open");
    ahead["comments"][2]["created_at"] = json!("2099-01-01T00:00:00Z");
    let mut odd = exported(3, "open");
    odd["requester"]["email"] = json!("cy@x.org\r\nBcc: y@z.org");
    odd["requester"]["id"] = json!(901);
    odd["requester_id"] = json!(901);
    let report = take(&app, &import(), &[exported(1, "open"), ahead, odd, exported(1, "closed")]).await;
    assert_eq!(counts(&report), [2, 0, 0, 0, 2], "{report:?}");
    assert!(report.refused.iter().any(|(place, why)| *place == 1 && why.contains("future")), "{report:?}");
    assert!(
        report.notes.iter().any(|(place, why)| *place == 2 && why.contains("no mail address")),
        "{report:?}"
    );
    let customers: Vec<Value> =
        all(&app, &key).await.iter().map(|ticket| ticket["customer"]["email"].clone()).collect();
    assert_eq!(customers, [json!("cy@example.org"), Value::Null]);
    let people = [
        customer(&json!({ "id": 1, "name": "N", "email": "no address", "role": "end-user" })),
        customer(&json!({ "id": 2, "name": "Cy again", "email": "CY@example.org", "role": "end-user" })),
    ];
    let report = app.desk().import_customers(&Principal::System, &import(), &people).await.expect("a batch");
    assert_eq!(report.refused.len(), 1, "{report:?}");
    assert_eq!(report.n_new, 0, "the address is known");

    for wrong in [
        TicketImport { source: "a b".to_owned(), ..import() },
        TicketImport { team: "nowhere".to_owned(), ..import() },
    ] {
        assert!(app.desk().begin_ticket_import(&Principal::System, &wrong).await.is_err(), "{wrong:?}");
    }
    let agent = app.ada().await;
    assert!(app.desk().import_tickets(&agent, &import(), &[]).await.is_err(), "an agent");
    let some = app.key_of_teams(&Scope::ALL, Some(&["support"])).await;
    let some = app.desk().key_principal(&some).await.expect("read").expect("a key");
    assert!(app.desk().import_customers(&some, &import(), &[]).await.is_err(), "who does not see all");
}

async fn changed_customers(app: &TestApp, key: &str) -> Vec<String> {
    let principal = app.desk().key_principal(key).await.expect("read").expect("a key");
    let told = app.desk().happened_after(&principal, 0).await.expect("events");
    let ids = told.entries.iter().filter_map(|entry| match &entry.event {
        domain::Event::CustomerChanged { customer_id } => Some(customer_id.to_string()),
        _ => None,
    });
    ids.collect()
}

#[tokio::test]
async fn imported_customers_belong_where_their_address_says_and_are_told_of() {
    let app = TestApp::start().await;
    let key = begun(&app).await;
    let organisation = json!({ "name": "Example Ltd", "domains": ["example.org"] });
    let organisation = app.post("/api/v1/organisations", Some(&key), organisation).await.expect(201).json();
    let people = [
        customer(&json!({ "id": 900, "name": "Cy", "email": "cy@example.org", "role": "end-user" })),
        customer(&json!({ "id": 901, "name": "Di", "email": "di@elsewhere.org", "role": "end-user" })),
        customer(&json!({ "id": 902, "name": "Ed", "email": "ed@example.org", "role": "end-user" })),
    ];
    let of = async |id: &str| {
        let path = format!("/api/v1/customers/{id}");
        app.get(&path, Some(&key)).await.expect(200).json()
    };
    let report = app.desk().import_customers(&Principal::System, &import(), &people).await.expect("a batch");
    assert_eq!(counts(&report), [3, 0, 0, 0, 0]);
    let told = changed_customers(&app, &key).await;
    assert_eq!(told.len(), 3, "each is told of once: {told:?}");
    for (email, belongs) in [("cy@example.org", true), ("di@elsewhere.org", false), ("ed@example.org", true)]
    {
        let id = app.desk().customer_by_email(&Principal::System, email).await.expect("a customer");
        assert!(told.contains(&id.to_string()), "{email}");
        let expected = if belongs { organisation["id"].clone() } else { Value::Null };
        assert_eq!(of(id.as_str()).await["organisation"]["id"], expected, "{email}");
    }
    let again = app.desk().import_customers(&Principal::System, &import(), &people).await.expect("a batch");
    assert_eq!(counts(&again), [0, 0, 3, 0, 0], "a second run finds nothing new");
    assert_eq!(changed_customers(&app, &key).await, told, "and tells of nothing");

    // Whom a ticket names belongs there too, with the ticket; of what happened elsewhere nobody is told.
    let mut ticket = exported(1, "open");
    ticket["requester_id"] = json!(903);
    ticket["requester"] = json!({ "id": 903, "name": "Flo", "email": "flo@example.org", "role": "end-user" });
    take(&app, &import(), &[ticket]).await;
    let ticket = app.ticket(&key, 1).await;
    assert_eq!(ticket["organisation"]["id"], organisation["id"], "{ticket}");
    assert_eq!(changed_customers(&app, &key).await, told);
}

#[tokio::test]
async fn tickets_of_a_customer_are_found_by_the_name_that_an_import_brings() {
    let app = TestApp::start().await;
    let key = begun(&app).await;
    take(&app, &import(), &[exported(1, "solved")]).await;
    app.index_tickets().await;
    assert!(app.search_tickets("Quackenbush", &key).await.is_empty());
    let organisation = json!({ "name": "Example Ltd", "domains": ["example.org"] });
    app.post("/api/v1/organisations", Some(&key), organisation).await.expect(201);
    let named = |name: &str| {
        customer(&json!({ "id": 900, "name": name, "email": "cy@example.org", "role": "end-user" }))
    };
    let id = app.desk().customer_by_email(&Principal::System, "cy@example.org").await.expect("Cy");
    let path = format!("/api/v1/customers/{id}");
    let before = app.get(&path, Some(&key)).await.expect(200).json();
    // Two records of one batch are about the same customer: the last one counts.
    let people = [named("Cy Quack"), named("Cy Quackenbush")];
    let report = app.desk().import_customers(&Principal::System, &import(), &people).await.expect("a batch");
    assert_eq!(counts(&report), [0, 2, 0, 0, 0]);
    assert_eq!(changed_customers(&app, &key).await, [id.to_string()]);
    app.index_tickets().await;
    assert_eq!(app.search_tickets("Quackenbush", &key).await, [1]);
    let after = app.get(&path, Some(&key)).await.expect(200).json();
    assert_eq!(after["name"], "Cy Quackenbush");
    let revision = |customer: &Value| customer["revision"].as_i64().expect("a revision");
    assert_eq!(revision(&after), revision(&before) + 1);

    // Where somebody said by hand that they belong nowhere, they stay there.
    app.send(Method::PATCH, &path, Some(&key), Some(json!({ "organisation_id": null })), &[])
        .await
        .expect(200);
    let people = [named("Cy Q.")];
    app.desk().import_customers(&Principal::System, &import(), &people).await.expect("a batch");
    let after = app.get(&path, Some(&key)).await.expect(200).json();
    assert_eq!((&after["name"], &after["organisation"]), (&json!("Cy Q."), &Value::Null), "{after}");

    // A rehearsal changes and tells nothing.
    let told = changed_customers(&app, &key).await;
    let rehearsal = TicketImport { run: ImportRun::DryRun, ..import() };
    app.desk().import_customers(&Principal::System, &rehearsal, &[named("Nobody")]).await.expect("a batch");
    assert_eq!(changed_customers(&app, &key).await, told);
    assert_eq!(app.get(&path, Some(&key)).await.expect(200).json()["name"], "Cy Q.");
}

/// The customer of a ticket that names somebody of the other system.
async fn asker(app: &TestApp, key: &str, number: i64, of: i64, email: &str) -> String {
    let mut ticket = exported(number, "open");
    ticket["requester_id"] = json!(of);
    ticket["requester"] = json!({ "id": of, "name": "Somebody", "email": email, "role": "end-user" });
    let report = take(app, &import(), &[ticket]).await;
    assert_eq!(counts(&report), [1, 0, 0, 0, 0]);
    let found = app.get("/api/v1/tickets?limit=1", Some(key)).await.expect(200).json();
    let found = app.ticket(key, found["tickets"][0]["number"].as_i64().expect("a number")).await;
    found["customer"]["id"].as_str().expect("a customer").to_owned()
}

#[tokio::test]
async fn whoever_was_merged_twice_is_who_goes_on_and_is_erased_with_them() {
    let app = TestApp::start().await;
    let key = begun(&app).await;
    let mut all = vec![];
    for n in 1..=3 {
        all.push(asker(&app, &key, n, 900 + n, &format!("c{n}@example.org")).await);
    }
    for (kept, other) in [(1, 0), (2, 1)] {
        let path = format!("/api/v1/customers/{}/merges", all[kept]);
        app.post(&path, Some(&key), json!({ "customer_id": all[other] })).await.expect(201);
    }
    assert_eq!(asker(&app, &key, 4, 901, "c1@example.org").await, all[2], "by their id there");
    assert_eq!(asker(&app, &key, 5, 999, "c1@example.org").await, all[2], "by their address");

    let path = format!("/api/v1/customers/{}", all[2]);
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(204);
    assert_eq!(app.get("/api/v1/customers/count", Some(&key)).await.expect(200).json()["n"], 0);
    let person = customer(&json!({ "id": 901, "name": "C", "email": "c1@example.org", "role": "end-user" }));
    let again = app.desk().import_customers(&Principal::System, &import(), &[person]).await.expect("a batch");
    assert_eq!(counts(&again), [0, 0, 0, 1, 0], "who was erased is not made again");
}

#[tokio::test]
async fn an_address_that_somebody_merely_claims_brings_them_no_tickets() {
    let app = TestApp::start().await;
    let key = begun(&app).await;
    let ann = asker(&app, &key, 1, 901, "ann@example.org").await;
    let claim = json!({ "kind": "email", "value": "bob@example.org" });
    app.post(&format!("/api/v1/customers/{ann}/identities"), Some(&key), claim).await.expect(201);
    let bob = asker(&app, &key, 2, 902, "bob@example.org").await;
    assert_ne!(bob, ann);
    let ann = app.get(&format!("/api/v1/customers/{ann}"), Some(&key)).await.expect(200).json();
    assert!(!ann.to_string().contains("bob@example.org"), "{ann}");
    let bob = app.get(&format!("/api/v1/customers/{bob}"), Some(&key)).await.expect(200).json();
    assert_eq!(bob["email"], "bob@example.org");
}
