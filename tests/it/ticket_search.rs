//! Finding tickets by their words: by whom, how soon, and what an index that is not there means.

use axum::http::Method;
use domain::{
    ConversationId, CustomerId, Filter, Locale, Message, MessageId, MessageKind, Principal, Scope, Ticket,
    TicketId, TicketStatus, Timestamp,
};
use serde_json::{Value, json};
use store::{Store, sqlite_url};
use tests::TestApp;

/// Opens a ticket; gives it.
async fn open(app: &TestApp, key: &str, email: &str, subject: &str, body: &str) -> Value {
    let new = json!({ "subject": subject, "body": body, "customer": { "email": email } });
    app.post("/api/v1/tickets", Some(key), new).await.expect(201).json()
}

async fn change(app: &TestApp, key: &str, ticket: &Value, change: Value) {
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    app.send(Method::PATCH, &path, Some(key), Some(change), &[]).await.expect(200);
}

#[tokio::test]
async fn what_is_written_is_found_after_the_next_round() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.index_tickets().await;
    let ticket = open(&app, &key, "cy@example.org", "Parcel", "Where is my parcel?").await;
    assert!(app.search_tickets("parcel", &key).await.is_empty());
    app.index_tickets().await;
    let number = ticket["number"].as_i64().unwrap();
    assert_eq!(app.search_tickets("parcel", &key).await, [number]);

    for (kind, body, words) in [
        ("reply", "It lies at <b>customs</b> & waits.", "customs"),
        ("note", "Ask the carrier \"Roadrunner\".", "roadrunner"),
    ] {
        assert!(app.search_tickets(words, &key).await.is_empty());
        app.write(&key, &ticket, kind, body).await;
        app.index_tickets().await;
        assert_eq!(app.search_tickets(words, &key).await, [number], "{kind}");
    }
    change(&app, &key, &ticket, json!({ "tags": ["lost"], "priority": "urgent" })).await;
    app.index_tickets().await;
    let found = app.get("/api/v1/tickets/search?q=custom+lost&filter=priority:urgent", Some(&key)).await;
    let hit = found.expect(200).json()["hits"][0].clone();
    for (part, expected) in [
        ("number", json!(number)),
        ("subject", json!("Parcel")),
        ("status", json!("pending")),
        ("snippet", json!("It lies at <b>customs</b> & waits.")),
        ("marks", json!([[14, 21]])),
    ] {
        assert_eq!(hit[part], expected, "{hit}");
    }
    assert_eq!(hit["customer"]["email"], "cy@example.org");
    assert!(hit["score"].as_f64().is_some_and(|score| score > 0.0), "{hit}");
    let later = app.get("/api/v1/tickets/search?q=custom&filter=priority:low", Some(&key)).await.expect(200);
    assert_eq!(later.json()["hits"], json!([]));
    assert_eq!(app.search_tickets(&format!("#{number}"), &key).await, [number]);
    assert_eq!(app.search_tickets("CY@example.org", &key).await, [number]);
    assert!(app.desk().verify_tickets().await.unwrap().is_clean());
}

#[tokio::test]
async fn what_the_customer_and_the_bot_said_is_found_with_the_ticket() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.index_tickets().await;
    let conversation = app.conversation().await;
    app.ask(&conversation, "My thermostat blinks violet.").await;
    let number =
        app.hand_off(&conversation, json!({ "email": "cy@example.org", "message": "Call me." })).await;
    app.index_tickets().await;
    assert_eq!(app.search_tickets("thermostat violet call", &key).await, [number]);
    app.ask(&conversation, "It also hums in the evening.").await;
    app.index_tickets().await;
    assert_eq!(app.search_tickets("hums", &key).await, [number]);
    assert!(app.desk().verify_tickets().await.unwrap().is_clean());
}

#[tokio::test]
async fn nobody_finds_what_they_may_not_read() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for (team, name) in [("sales", "Sales"), ("billing", "Billing")] {
        app.post("/api/v1/teams", Some(&key), json!({ "key": team, "name": name })).await.expect(201);
    }
    let sales = open(&app, &key, "cy@example.org", "Quote", "A zeppelin for two.").await;
    let billing = open(&app, &key, "di@example.org", "Invoice", "A zeppelin for ten.").await;
    change(&app, &key, &sales, json!({ "team": "sales", "tags": ["balloon"] })).await;
    change(&app, &key, &billing, json!({ "team": "billing" })).await;
    app.write(&key, &sales, "note", "The zeppelin is haunted.").await;
    app.index_tickets().await;
    let number = |ticket: &Value| ticket["number"].as_i64().unwrap();
    assert_eq!(app.search_tickets("zeppelin", &key).await.len(), 2);

    let limited = app.key_of_teams(&[Scope::TicketsRead], Some(&["sales"])).await;
    assert_eq!(app.search_tickets("zeppelin", &limited).await, [number(&sales)]);
    assert!(app.search_tickets(&format!("#{}", number(&billing)), &limited).await.is_empty());
    assert!(app.search_tickets("di@example.org", &limited).await.is_empty());
    // What has gone to another team is gone at once, before the index knows.
    change(&app, &key, &sales, json!({ "team": "billing" })).await;
    assert!(app.search_tickets("zeppelin", &limited).await.is_empty());
    change(&app, &key, &sales, json!({ "team": "sales" })).await;

    let stranger = app.key(&[Scope::KbRead]).await;
    app.get("/api/v1/tickets/search?q=zeppelin", Some(&stranger)).await.problem(403);
    app.get("/api/v1/tickets/search?q=zeppelin", None).await.problem(401);
    let conversation = app.conversation().await;
    app.get("/api/v1/tickets/search?q=zeppelin", Some(&conversation.1)).await.problem(403);

    let id = sales["customer"]["id"].as_str().unwrap();
    let cy = Principal::Customer { id: CustomerId::new(id), segments: [].into() };
    let search = |words: &str, filter: Filter| desk::TicketSearch {
        words: words.to_owned(),
        filter,
        as_you_type: true,
        after: None,
        limit: 10,
    };
    for (words, expected) in
        [("zeppelin", 1), ("two", 1), ("ten", 0), ("haunted", 0), ("haun", 0), ("balloon", 0)]
    {
        let found = app.desk().search_tickets(&cy, search(words, Filter::everything())).await.unwrap();
        assert_eq!(found.hits.len(), expected, "{words}");
        assert!(found.hits.iter().all(|hit| !hit.snippet.text.contains("haunted")), "{words}");
    }
    let tagged = search("zeppelin", "tag:balloon".parse().unwrap());
    assert!(matches!(app.desk().search_tickets(&cy, tagged).await, Err(desk::DeskError::Forbidden)));
    let nobody = Principal::anonymous();
    let refused = app.desk().search_tickets(&nobody, search("zeppelin", Filter::everything())).await;
    assert!(matches!(refused, Err(desk::DeskError::Forbidden)));
    let visitor = Principal::Visitor { conversation: Some(ConversationId::new("none")) };
    let found = app.desk().search_tickets(&visitor, search("zeppelin", Filter::everything())).await.unwrap();
    assert!(found.hits.is_empty());
}

#[tokio::test]
async fn no_text_breaks_the_search() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    open(&app, &key, "cy@example.org", "مرحبا", "كيف الحال؟ 🎈 50% of C:\\temp").await;
    app.index_tickets().await;
    for (words, n) in [
        ("\"", 0),
        ("((((a:b OR", 0),
        ("subject:مرحبا", 0),
        ("مرحبا", 1),
        ("\u{202e}مرحبا\u{202c}", 1),
        ("🎈", 0),
        ("🎈 مرحبا", 1),
        ("50%", 1),
        ("c:\\temp", 1),
        ("*", 0),
        ("_", 0),
        ("' OR 1=1 --", 0),
        ("[* TO *] {a b} ^9 ~2 && || ! /x/", 0),
    ] {
        assert_eq!(app.search_tickets(words, &key).await.len(), n, "{words}");
    }
    for (query, status) in [
        ("q=", 422),
        ("q=%20", 422),
        ("q=a%00b", 400),
        (&*format!("q={}", "a".repeat(10_000)), 413),
        ("", 400),
        ("q=a&after=nonsense", 422),
        ("q=a&after=7fc00000.1.1", 422),
        ("q=a&filter=colour:red", 422),
        ("q=a&view=nowhere", 404),
        ("q=a&limit=many", 400),
    ] {
        app.get(&format!("/api/v1/tickets/search?{query}"), Some(&key)).await.problem(status);
    }
}

#[tokio::test]
async fn pages_and_views_go_together_with_words() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let mut expected = vec![];
    for n in 0..5 {
        let ticket = open(&app, &key, "cy@example.org", "Balloon", "One of many.").await;
        if n != 2 {
            change(&app, &key, &ticket, json!({ "priority": "high" })).await;
            expected.insert(0, ticket["number"].as_i64().unwrap());
        }
        app.clock.advance(60);
    }
    app.index_tickets().await;
    let view = json!({ "name": "Pressing", "filter": "priority:high", "sharing": "everyone" });
    let view = app.post("/api/v1/views", Some(&key), view).await.expect(201).json();
    let id = view["id"].as_str().unwrap();
    let mut found = vec![];
    let mut next = String::new();
    loop {
        let path = format!("/api/v1/tickets/search?q=ballo&as_you_type=true&view={id}&limit=3{next}");
        let page = app.get(&path, Some(&key)).await.expect(200).json();
        found.extend(page["hits"].as_array().unwrap().iter().map(|hit| hit["number"].as_i64().unwrap()));
        let Some(place) = page["next"].as_str() else { break };
        next = format!("&after={place}");
    }
    assert_eq!(found, expected, "equals come newest first");
}

/// Leaves tickets in the database that no event tells of, as an import does.
async fn import(app: &TestApp, n: usize) {
    let store = Store::open(&sqlite_url(&app.data().join("askwell.db"))).await.unwrap();
    let ticket = |n: usize| Ticket {
        subject: format!("Imported balloon {n}"),
        status: TicketStatus::Closed,
        fields: domain::FieldValues::new(),
        solved_at: Some(Timestamp(n as i64)),
        ..Ticket::new(
            TicketId::new(format!("imported{n:04}")),
            "support".to_owned(),
            domain::Channel::chat(),
            Locale::english(),
            Timestamp(n as i64),
        )
    };
    let mut tickets: Vec<Ticket> = (0..n).map(ticket).collect();
    let message = |ticket: &Ticket| Message {
        id: MessageId::new(format!("m-{}", ticket.id)),
        ticket_id: ticket.id.clone(),
        author: domain::Author::Customer,
        kind: MessageKind::Reply,
        body: "From the old system.".to_owned(),
        html: None,
        created_at: ticket.created_at,
    };
    let messages: Vec<Message> = tickets.iter().map(message).collect();
    let mut tx = store.begin().await.unwrap();
    tx.insert_tickets(&mut tickets).await.unwrap();
    tx.insert_messages(&messages).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_index_that_is_not_complete_says_so_and_is_built() {
    let mut app = TestApp::start().await;
    let key = app.master_key().await;
    let refused = app.get("/api/v1/tickets/search?q=balloon", Some(&key)).await;
    refused.problem(503);
    assert_eq!(refused.header("retry-after"), "10");
    open(&app, &key, "cy@example.org", "Balloon", "A balloon.").await;
    import(&app, 450).await;
    app.index_tickets().await;
    assert_eq!(app.search_tickets("old system", &key).await.len(), 20);
    assert_eq!(app.search_tickets("\"balloon 449\"", &key).await.len(), 1);
    assert!(app.desk().verify_tickets().await.unwrap().is_clean());

    // A restart needs no other build; what comes after it is found.
    app.restart().await;
    assert_eq!(app.search_tickets("\"balloon 449\"", &key).await.len(), 1);
    open(&app, &key, "cy@example.org", "Zeppelin", "A zeppelin.").await;
    app.restart().await;
    app.index_tickets().await;
    assert_eq!(app.search_tickets("zeppelin", &key).await.len(), 1);

    // What no event tells of is found once the index is built again.
    let damaged = app.stop().join("tickets");
    for file in std::fs::read_dir(&damaged).unwrap() {
        std::fs::write(file.unwrap().path(), b"not an index").unwrap();
    }
    app.start_again().await;
    app.get("/api/v1/tickets/search?q=balloon", Some(&key)).await.problem(503);
    app.index_tickets().await;
    assert_eq!(app.search_tickets("zeppelin", &key).await.len(), 1);
    let report = app.desk().verify_tickets().await.unwrap();
    assert!(report.is_clean() && report.n_tickets == 452, "{report}");
    let mut n_told = 0;
    app.desk().rebuild_tickets(&mut |_| n_told += 1).await.unwrap();
    assert!(n_told >= 3, "it says how far it is");
    assert!(app.desk().verify_tickets().await.unwrap().is_clean());
}

#[tokio::test]
async fn a_place_that_is_forgotten_means_another_build() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.index_tickets().await;
    open(&app, &key, "cy@example.org", "Balloon", "A balloon.").await;
    app.clock.advance(8 * 86_400);
    open(&app, &key, "cy@example.org", "Zeppelin", "A zeppelin.").await;
    app.desk().forget_expired().await.unwrap();
    app.index_tickets().await;
    assert_eq!(app.search_tickets("balloon", &key).await.len(), 1);
    assert_eq!(app.search_tickets("zeppelin", &key).await.len(), 1);
    assert!(app.desk().verify_tickets().await.unwrap().is_clean());
}

#[tokio::test]
async fn the_staff_area_searches_without_scripts() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    app.ada().await;
    let link = app.desk().create_sign_in_link(&Principal::System, "ada@askwell.example").await.unwrap();
    let signed_in = app.desk().sign_in_with_link(&link, None, &desk::Origin::default()).await.unwrap();
    let desk::SignIn::Done(session) = signed_in else { panic!("no second factor") };
    let cookie = format!("askwell_session={}", session.token);
    let page = |path: &'static str| {
        let (app, cookie) = (&app, &cookie);
        async move { app.send(Method::GET, path, None, None, &[("cookie", cookie)]).await }
    };
    let building = page("/app/tickets?q=balloon").await;
    assert_eq!((building.status.as_u16(), building.header("retry-after")), (503, "10"));
    open(&app, &key, "cy@example.org", "<i>Balloon</i>", "<script>alert(1)</script> of a balloon").await;
    app.index_tickets().await;
    let list = page("/app/tickets").await.expect(200).text;
    assert!(list.contains(r#"role="search""#) && list.contains(r#"aria-label="Search tickets""#), "{list}");
    let found = page("/app/tickets?q=balloon&status=new").await.expect(200).text;
    assert!(found.contains("&lt;script&gt;alert(1)&lt;/script&gt; of a <mark>balloon</mark>"), "{found}");
    assert!(!found.contains("<script>alert"), "{found}");
    assert!(found.contains(r#"value="balloon""#) && found.contains("status=open&#38;q=balloon"), "{found}");
    let nothing = page("/app/tickets?q=%22%3E%3Cb%3Ezeppelin").await.expect(200).text;
    assert!(nothing.contains("No ticket matches") && !nothing.contains("<b>zeppelin"), "{nothing}");
}
