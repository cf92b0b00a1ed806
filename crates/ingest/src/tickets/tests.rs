//! What is read of exports, what is refused, and that nothing panics.

use std::io::{BufRead, BufReader, Cursor};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn stream(text: impl Into<Vec<u8>>) -> Box<dyn BufRead + Send> {
    Box::new(BufReader::new(Cursor::new(text.into())))
}

/// A reader that gives a few bytes at a time: what is read must not depend on it.
fn drip(text: impl Into<Vec<u8>>, n: usize) -> Box<dyn BufRead + Send> {
    Box::new(BufReader::with_capacity(n.max(1), Cursor::new(text.into())))
}

fn records(mut all: JsonRecords) -> Vec<(u64, Option<&'static str>, Result<i64, String>)> {
    let mut found = vec![];
    while let Some(record) = all.read().unwrap() {
        let id = record.value.map(|value| value["id"].as_i64().unwrap_or(-1));
        found.push((record.line, record.list, id));
    }
    found
}

fn ids(text: &str) -> Vec<i64> {
    records(JsonRecords::new(stream(text))).into_iter().filter_map(|(.., id)| id.ok()).collect()
}

#[test]
fn every_shape_of_an_export_gives_its_records() {
    let pretty = serde_json::to_string_pretty(&json!({
        "count": 2, "next_page": null, "meta": { "has_more": false },
        "users": [{ "id": 9 }], "tickets": [{ "id": 1, "comments": [{ "id": 7 }] }, { "id": 2 }]
    }))
    .unwrap();
    for (text, expected) in [
        ("{\"id\":1}\n\n{\"id\":2}\r\n", vec![1, 2]),
        ("[{\"id\":1},{\"id\":2}]", vec![1, 2]),
        ("[\n {\"id\":1, \"x\":\"a]}\\\"\"},\n {\"id\":2}\n]\n", vec![1, 2]),
        ("{\"tickets\":[{\"id\":1},{\"id\":2}],\"count\":2}", vec![1, 2]),
        ("{\"tickets\":[{\"id\":1}]}\n{\"tickets\":[{\"id\":2}]}\n", vec![1, 2]),
        ("{\"tickets\":[\n{\"id\":1},\n{\"id\":2}\n]}\n{\"tickets\":[\n{\"id\":3}\n]}", vec![1, 2, 3]),
        ("{\"tickets\":[\n{\"ticket\": {\"id\":1}},\n{\"ticket\": {\"id\":2}}\n]}", vec![1, 2]),
        ("{\"ticket\":{\"id\":1}}\n{\"ticket\":{\"id\":2}}", vec![1, 2]),
        ("{\n  \"ticket\": {\n    \"id\": 1\n  }\n}", vec![1]),
        ("{\n  \"id\": 1,\n  \"comments\": [\n    {\"id\": 7}\n  ]\n}", vec![1]),
        (&pretty, vec![1, 2, 9]),
        ("", vec![]),
        (" \n\n", vec![]),
    ] {
        let mut found = ids(text);
        found.sort_unstable();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_broken_record_costs_itself_and_is_named_by_its_line() {
    let lines = "{\"id\":1}\n{\"id\":2, \"x\": \"open\n[1]\n7\n{\"id\":5}\n";
    let found = records(JsonRecords::new(stream(lines)));
    let numbers: Vec<u64> = found.iter().filter(|(.., id)| id.is_err()).map(|(line, ..)| *line).collect();
    assert_eq!((numbers, ids(lines)), (vec![2, 3, 4], vec![1, 5]), "{found:?}");

    let first = "{\"id\":1, \"x\": \"open\n{\"id\":2}\n{\"id\":3}";
    assert_eq!(ids(first), [2, 3]);
    let list = "[\n{\"id\":1},\n{\"id\":2, \"x\": \"open},\n{\"id\":3, tru},\n{\"id\":4}\n]";
    let found = records(JsonRecords::new(stream(list)));
    assert_eq!(ids(list), [1, 4], "{found:?}");
    assert_eq!(
        found.iter().filter(|(.., id)| id.is_err()).map(|(line, ..)| *line).collect::<Vec<_>>(),
        [3, 4]
    );
    let page = "{\"tickets\":[\n{\"id\":1},\n{\"id\":2, \"x\": \"open},\n{\"id\":3}\n]}";
    assert_eq!(records(JsonRecords::new(stream(page))).last().unwrap(), &(4, Some("tickets"), Ok(3)));
    let short = "[{\"id\":1},{\"id\":2,\"x\":[";
    let found = records(JsonRecords::new(stream(short)));
    assert!(found.len() == 2 && found[1].2.is_err(), "{found:?}");
}

#[test]
fn a_line_without_end_is_not_held() {
    let mut text = vec![b'x'; RECORD_BYTES_MAX + 10];
    text.extend(b"\n{\"id\":2}\n");
    let found = records(JsonRecords::new(stream(text)));
    assert_eq!(found.len(), 2);
    assert!(
        found[0].2.as_ref().is_err_and(|why| why.contains("more than")) && found[1].2 == Ok(2),
        "{found:?}"
    );
}

fn zendesk(value: &Value) -> Result<Record, String> {
    zendesk_record(value, None, "export.json")
}

fn ticket(value: &Value) -> ParsedTicket {
    match zendesk(value).unwrap() {
        Record::Ticket(ticket) => *ticket,
        other => panic!("{other:?}"),
    }
}

fn exported() -> Value {
    json!({
        "url": "https://x.zendesk.com/api/v2/tickets/35436.json", "id": 35436,
        "created_at": "2020-07-20T22:55:29Z", "updated_at": "2020-07-22T10:00:00Z",
        "subject": "Help,\u{200b} my printer\r\nBcc: x@y.org", "description": "The fire is very colourful.",
        "priority": "high", "status": "solved", "tags": ["enterprise", "Other Tag", "a,b"],
        "requester_id": 20978392, "assignee_id": 235323, "group_id": 98738, "organization_id": 509974,
        "follower_ids": [1, 2], "satisfaction_rating": { "id": 1, "score": "good" },
        "custom_fields": [{ "id": 27642, "value": "745" }, { "id": 27648, "value": null }],
        "requester": { "id": 20978392, "name": "Cy", "email": "Cy@Example.org", "role": "end-user" },
        "comments": [
            { "id": 1, "author_id": 20978392, "body": "The fire is very colourful.", "html_body": "<p>The <b>fire</b></p>",
              "public": true, "created_at": "2020-07-20T22:55:29Z", "attachments": [{ "file_name": "fire.jpg" }] },
            { "id": 2, "author_id": 235323, "body": "Try water.", "html_body": "<div><p>Try <b>water</b>.</p></div>",
              "public": true, "created_at": "2020-07-21T08:00:00Z" },
            { "id": 3, "author_id": 235323, "body": "He is angry", "public": false, "created_at": "2020-07-21T08:01:00Z" },
            { "id": 4, "author_id": -1, "body": "Merged", "created_at": "2020-07-22T08:01:00Z" }
        ]
    })
}

#[test]
fn a_ticket_of_zendesk_is_read_with_what_was_said() {
    let mut ticket = ticket(&exported());
    let mut directory = Directory::default();
    let agent =
        zendesk(&json!({ "id": 235323, "name": "Ada", "email": "ada@desk.example", "role": "admin" }));
    let Ok(Record::Person(agent)) = agent else { panic!("{agent:?}") };
    assert!(directory.add_agent(agent));
    directory.add_group("98738".to_owned(), "Level 2".to_owned());
    let field = json!({ "id": 27642, "type": "tagger", "title": "Product", "custom_field_options": [
        { "name": "Printer 745", "value": "745" }, { "name": "Other", "value": "Other One" }
    ] });
    let Ok(Record::Field(field)) = zendesk_record(&field, Some("ticket_fields"), "x") else {
        panic!("a field")
    };
    directory.add_field(field);
    directory.complete(&mut ticket);

    assert_eq!(
        (ticket.external_id.as_str(), ticket.subject.as_str()),
        ("35436", "Help, my printer Bcc: x@y.org")
    );
    assert_eq!((ticket.status, ticket.priority), (TicketStatus::Solved, Priority::High));
    assert_eq!(ticket.tags.iter().map(Tag::as_str).collect::<Vec<_>>(), ["enterprise", "other-tag"]);
    assert_eq!(ticket.team.as_deref(), Some("Level 2"));
    let requester = ticket.requester.clone().unwrap();
    assert_eq!(requester.email.as_deref(), Some("cy@example.org"));
    assert_eq!(ticket.assignee.clone().unwrap().email.as_deref(), Some("ada@desk.example"));
    assert_eq!(ticket.solved_at, Timestamp::parse("2020-07-22T10:00:00Z"));
    assert_eq!(ticket.values.len(), 1);
    assert_eq!(ticket.values[0].field, "Product");
    assert!(
        matches!(&ticket.values[0].kind, Some(FieldKind::Select { choices }) if choices[0].key == "f_745")
    );
    let said: Vec<_> =
        ticket.messages.iter().map(|m| (m.kind, m.plain.as_str(), m.rich.as_deref())).collect();
    assert_eq!(said[0], (MessageKind::Reply, "The fire is very colourful.\n[attachment: fire.jpg]", None));
    assert_eq!(said[1], (MessageKind::Reply, "Try water.", Some("Try **water**.")));
    assert_eq!(said[2].0, MessageKind::Note);
    assert_eq!(ticket.messages[1].author.name.as_deref(), Some("Ada"));
    assert!(ticket.messages[3].author.is_nobody());
    let left: Vec<_> = ticket.left_out.into_iter().collect();
    assert_eq!(
        left,
        [("attachments", 1), ("followers", 2), ("organisations of tickets", 1), ("satisfaction ratings", 1)]
    );
    assert_eq!(ticket.warnings, ["1 tags do not fit and were left out"]);
}

#[test]
fn the_hash_follows_the_content_alone() {
    let one = ticket(&exported());
    assert_eq!(one.content_hash(), ticket(&exported()).content_hash());
    for (name, value) in [("subject", json!("x")), ("status", json!("open")), ("tags", json!([]))] {
        let mut other = exported();
        other[name] = value;
        assert_ne!(one.content_hash(), ticket(&other).content_hash(), "{name}");
    }
}

#[test]
fn what_cannot_be_taken_says_why() {
    for (name, value, expected) in [
        ("id", Value::Null, "it has no id"),
        ("id", json!("x".repeat(300)), "an id is one line"),
        ("status", json!("waiting for godot"), "there is no status \"waiting for godot\""),
        ("created_at", json!("yesterday"), "created_at: \"yesterday\" is no time"),
        ("created_at", Value::Null, "it does not say when it was opened"),
        ("comments", json!([{ "id": 1, "created_at": "" }]), "its comment 1: it does not say when"),
        ("comments", json!([7]), "one of its comments is no object"),
    ] {
        let mut wrong = exported();
        wrong[name] = value;
        let why = zendesk(&wrong).unwrap_err();
        assert!(why.contains(expected), "{name}: {why}");
    }
    let mut deleted = exported();
    deleted["status"] = json!("deleted");
    assert_eq!(zendesk(&deleted), Ok(Record::LeftOut("deleted tickets")));
    assert_eq!(zendesk(&json!({ "id": 1, "domain_names": [] })), Ok(Record::LeftOut("organisations")));
    assert!(zendesk(&json!({ "id": 1 })).is_err());
    assert!(zendesk(&json!({})).is_err());
}

#[test]
fn comments_of_their_own_name_their_ticket_or_stand_in_its_file() {
    let comment = json!({ "id": 5, "author_id": 2, "body": "x", "created_at": "2020-07-22T08:01:00Z" });
    assert!(zendesk(&comment).is_err_and(|why| why.contains("which ticket")));
    let mut named = comment.clone();
    named["ticket_id"] = json!(35436);
    for record in [zendesk(&named), zendesk_record(&comment, None, "35436.json")] {
        assert!(matches!(record, Ok(Record::Message(message)) if message.ticket_id == "35436"));
    }
}

#[test]
fn what_is_too_much_is_cut_or_counted() {
    let mut large = exported();
    large["tags"] = (0..1_000_000).map(|n| json!(format!("t{n}"))).collect();
    large["subject"] = json!("word ".repeat(1_000));
    large["comments"] =
        json!([{ "id": 1, "body": "x".repeat(400_000), "created_at": "2020-07-22T08:01:00Z" }]);
    let ticket = ticket(&large);
    assert_eq!(ticket.tags.len(), domain::TAGS_MAX);
    assert!(ticket.subject.len() <= SUBJECT_BYTES_MAX && ticket.subject.ends_with('…'));
    let body = &ticket.messages[0].plain;
    assert!(body.len() <= domain::MESSAGE_BYTES_MAX && body.ends_with("[cut here by the import]"));
    assert_eq!(ticket.warnings.len(), 2, "{:?}", ticket.warnings);
    let mut long = exported();
    let comment = json!({ "id": 1, "body": "x", "created_at": "2020-07-22T08:01:00Z" });
    long["comments"] = std::iter::repeat_n(comment, TICKET_MESSAGES_MAX + 3).collect();
    let long = self::ticket(&long);
    assert_eq!(long.messages.len(), TICKET_MESSAGES_MAX);
    assert_eq!(long.left_out.get("comments beyond the 5,000th"), Some(&3));
}

fn rows(text: impl Into<Vec<u8>>) -> Vec<CsvRow> {
    let mut rows = CsvRows::new(drip(text, 7));
    let mut all = vec![];
    while let Some(row) = rows.read().unwrap() {
        all.push(row);
    }
    all
}

fn cells(rows: &[CsvRow]) -> Vec<(u64, Vec<String>)> {
    rows.iter().map(|row| (row.line, row.cells.clone().unwrap_or_default())).collect()
}

#[test]
fn rows_are_read_as_spreadsheets_write_them() {
    let owned = |row: &[&str]| row.iter().map(|cell| (*cell).to_owned()).collect::<Vec<String>>();
    let text = "a,b\r\n\"x, \"\"y\"\"\nz\",2\r\n\r\n\n3,4";
    assert_eq!(
        cells(&rows(text)),
        [(1, owned(&["a", "b"])), (2, owned(&["x, \"y\"\nz", "2"])), (6, owned(&["3", "4"]))]
    );
    assert_eq!(
        cells(&rows("a;b;c,d\n1;2;3")),
        [(1, owned(&["a", "b", "c,d"])), (2, owned(&["1", "2", "3"]))]
    );
    assert_eq!(cells(&rows("a\tb\n1\t2")), [(1, owned(&["a", "b"])), (2, owned(&["1", "2"]))]);
    assert_eq!(cells(&rows(b"n\ncaf\xe9\n".as_slice())), [(1, owned(&["n"])), (2, owned(&["café"]))]);
    assert!(rows("").is_empty());
}

#[test]
fn a_quotation_mark_that_is_missing_costs_what_a_row_may_hold() {
    let line = format!("{},x\n", "y".repeat(1_000));
    let mut text = "a,b\n\"never closed,1\n".to_owned();
    text.push_str(&line.repeat(ROW_BYTES_MAX / line.len() + 10));
    text.push_str("last,row");
    let mut reader = CsvRows::new(stream(text));
    let mut all = vec![];
    while let Some(row) = reader.read().unwrap() {
        all.push(row);
    }
    assert_eq!(all[0].cells.as_ref().unwrap(), &["a", "b"]);
    let why = all[1].cells.as_ref().unwrap_err();
    assert!(all[1].line == 2 && why.contains("quotation mark") && why.contains("Lines 2 to"), "{why}");
    assert_eq!(all.last().unwrap().cells.as_ref().unwrap(), &["last", "row"]);
    let wide = format!("{}\n1,2\n", ",".repeat(CELLS_MAX + 1));
    let all = rows(wide);
    assert!(all[0].cells.is_err() && all[1].line == 2 && all[1].cells.is_ok(), "{all:?}");
}

fn sheet(header: &str, map: &SheetMap) -> Result<TicketSheet, InvalidMap> {
    let header: Vec<String> = header.split(',').map(str::to_owned).collect();
    TicketSheet::new(&header, map, DateReader::utc())
}

fn row(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

#[test]
fn columns_are_found_by_their_usual_names_or_as_somebody_says() {
    let header = "Ticket ID,Subject,Status,Priority,Tags,Requester,Requester Email,Group,Created at,field.order_no,Score";
    let found = sheet(header, &SheetMap::default()).unwrap();
    assert_eq!(found.left_out(), ["Score"]);
    let cells = row("7,Hi,Resolved,Medium,a b;c,Cy,CY@example.org,Billing,2026-01-31 10:00,4711,5");
    let Ok(Record::Ticket(ticket)) = found.record(&cells) else { panic!("a ticket") };
    assert_eq!(
        (ticket.external_id.as_str(), ticket.status, ticket.priority),
        ("7", TicketStatus::Solved, Priority::Normal)
    );
    assert_eq!(ticket.tags.iter().map(Tag::as_str).collect::<Vec<_>>(), ["a-b", "c"]);
    assert_eq!(ticket.requester.as_ref().and_then(|who| who.email.as_deref()), Some("cy@example.org"));
    assert_eq!((ticket.solved_at, ticket.updated_at), (Some(ticket.created_at), ticket.created_at));
    assert_eq!(ticket.values[0].field, "order_no");
    assert!(ticket.messages.is_empty(), "no text, no message");

    let map: SheetMap = serde_json::from_value(json!({
        "tickets": { "id": "Nr", "created": "Am" }, "status": { "In Arbeit": "open", "Müll": "deleted" },
        "teams": { "Buchhaltung": "billing" }, "fields": { "order_no": "Bestellung" }
    }))
    .unwrap();
    let german = sheet("Nr,Status,Am,Group,Bestellung,Description", &map).unwrap();
    let Ok(Record::Ticket(ticket)) = german.record(&row("9,in arbeit,2026-01-31,buchhaltung,X1,Hallo"))
    else {
        panic!("a ticket")
    };
    assert_eq!((ticket.status, ticket.team.as_deref()), (TicketStatus::Open, Some("billing")));
    assert_eq!(ticket.messages[0].external_id, DESCRIPTION);
    assert_eq!(german.record(&row("9,Müll,2026-01-31,,,")), Ok(Record::LeftOut("deleted tickets")));
}

#[test]
fn a_row_that_does_not_fit_is_refused_and_never_guessed() {
    let found = sheet("id,status,created,email", &SheetMap::default()).unwrap();
    for (cells, expected) in [
        ("1,open,31/01/2026,a@b.org", "created: \"31/01/2026\" cannot be read"),
        ("1,open,,a@b.org", "does not say when"),
        ("1,asleep,2026-01-31,a@b.org", "[status] \"asleep\" = \"open\""),
        (",open,2026-01-31,a@b.org", "no id"),
        ("1,open,2026-01-31,a@b.org,surplus", "it has 5 cells where the first line has 4"),
        ("1,open", "it has 2 cells"),
    ] {
        let why = found.record(&row(cells)).unwrap_err();
        assert!(why.contains(expected), "{cells}: {why}");
    }
    assert!(found.record(&row("1,open,2026-01-31,,,")).is_ok(), "empty cells at the end");
    for (header, map, expected) in [
        ("id,status", json!({}), "no column says when a ticket was opened; name it"),
        ("status,created", json!({}), "no column says the id"),
        (
            "id,status,created",
            json!({ "tickets": { "team": "Gruppe" } }),
            "there is no column \"Gruppe\"; there are \"id\"",
        ),
        ("id,status,created", json!({ "status": { "x": "asleep" } }), "\"asleep\" is none of new, open"),
        ("", json!({}), "the file is empty"),
    ] {
        let map: SheetMap = serde_json::from_value(map).unwrap();
        let why = sheet(header, &map).unwrap_err().to_string();
        assert!(why.contains(expected), "{header}: {why}");
    }
    assert!(serde_json::from_value::<SheetMap>(json!({ "ticket": {} })).is_err(), "a misspelt table");
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic_and_each_ends(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let n = records(JsonRecords::new(stream(bytes.clone()))).len();
        prop_assert!(n <= bytes.len());
        prop_assert!(rows(bytes.clone()).len() <= bytes.len());
        if let Ok(mut text) = text_stream(Cursor::new(bytes)).unwrap() {
            let mut read = String::new();
            let _ = text.read_line(&mut read);
        }
    }

    #[test]
    fn nearly_json_is_read_alike_in_pieces(
        parts in proptest::collection::vec(
            prop::sample::select(vec!["{", "}", "[", "]", "\"", "\\", "\n", ",", ":", "\"id\":1", "\"tickets\":[", "x", " "]), 0..60),
        n in 1_usize..20,
    ) {
        let text = parts.concat();
        let whole = records(JsonRecords::new(stream(text.clone())));
        prop_assert_eq!(whole, records(JsonRecords::new(drip(text, n))));
    }

    #[test]
    fn no_cells_make_the_sheets_panic(
        header in proptest::collection::vec("[a-z_. ]{0,12}|id|status|created|email|tags", 0..8),
        cells in proptest::collection::vec("\\PC{0,30}", 0..9),
    ) {
        if let Ok(sheet) = TicketSheet::new(&header, &SheetMap::default(), DateReader::utc()) {
            let _ = sheet.record(&cells);
        }
        if let Ok(sheet) = CustomerSheet::new(&header, &SheetMap::default(), DateReader::utc()) {
            let _ = sheet.record(&cells);
        }
        for cell in &cells {
            let _ = DateReader::utc().read(cell);
        }
    }

    #[test]
    fn no_json_makes_zendesk_panic(
        name in prop::sample::select(vec!["id", "status", "tags", "comments", "created_at", "custom_fields", "requester", "priority", "assignee_id", "html"]),
        value in prop::sample::select(vec![json!(null), json!(-1), json!(1e300), json!("\u{0}\u{202e}x"), json!([[], {}, 7]), json!({ "id": {} }), json!(true), json!([{ "id": 1, "created_at": "2020-01-01", "html_body": "<p><b>" }])]),
        list in prop::sample::select(vec![None, Some("tickets"), Some("users"), Some("groups"), Some("ticket_fields"), Some("comments"), Some("results")]),
    ) {
        let mut record = exported();
        record[name] = value.clone();
        let _ = zendesk_record(&record, list, "1.json");
        let _ = zendesk_record(&value, list, "tickets.json");
    }
}
