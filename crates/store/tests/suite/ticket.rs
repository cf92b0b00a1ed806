//! Tickets, their messages, suggestions, and what solved ones teach.

use std::sync::Arc;

use domain::*;
use store::{COUNT_MAX, TicketCount, TicketPlace, TicketQuery};

use crate::{database::Database, fixture::*};

/// A ticket of customer `cy` and of conversation `c`, with a reply, a note and an event.
async fn open(db: &Database) -> Ticket {
    start_conversation(&db.store, &conversation("c")).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    let opened = tx
        .open_ticket(Ticket {
            customer_id: Some(CustomerId::new("cy")),
            conversation_id: Some(ConversationId::new("c")),
            ..ticket("t")
        })
        .await
        .unwrap();
    for (id, author, kind) in [
        ("m3", agent(), MessageKind::Note),
        ("m1", Author::Customer, MessageKind::Reply),
        ("m2", Author::System, MessageKind::Event),
        ("m4", agent(), MessageKind::Reply),
    ] {
        tx.insert_message(&message(id, "t", author, kind)).await.unwrap();
    }
    tx.commit().await.unwrap();
    opened
}

pub(crate) async fn tickets_are_numbered_and_one_per_conversation(db: Arc<Database>) {
    let first = open(&db).await;
    assert_eq!(first.number, 1);
    let mut tx = db.store.begin().await.unwrap();
    let again = Ticket { conversation_id: first.conversation_id.clone(), ..ticket("again") };
    assert_eq!(tx.open_ticket(again).await.unwrap(), first);
    assert_eq!(tx.ticket(&TicketId::new("again")).await.unwrap(), None);
    assert_eq!(tx.open_ticket(ticket("u")).await.unwrap().number, 2);
    tx.commit().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_conflict(&tx.open_ticket(ticket("u")).await));
    tx.rollback().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.open_ticket(ticket("v")).await.unwrap().number, 3);
    tx.commit().await.unwrap();
}

pub(crate) async fn a_ticket_is_read_by_its_own_people(db: Arc<Database>) {
    let opened = open(&db).await;
    for (reader, readable) in [
        (visitor(), false),
        (visitor_of("other"), false),
        (visitor_of("c"), true),
        (customer("cy", &[]), true),
        (customer("di", &[]), false),
        (key_with(&[Scope::KbRead, Scope::KbWrite]), false),
        (key_with(&[Scope::TicketsRead]), true),
        (staff(), true),
        (staff_of(&["billing", "support"]), true),
        (staff_of(&["billing"]), false),
        (staff_of(&[]), false),
        (Principal::System, true),
    ] {
        let expected = readable.then(|| opened.clone());
        assert_eq!(db.store.find_ticket(&reader, &opened.id).await.unwrap(), expected, "{reader:?}");
        assert_eq!(db.store.find_ticket_by_number(&reader, 1).await.unwrap(), expected, "{reader:?}");
        let listed = db.store.list_tickets(&reader, &query("")).await.unwrap();
        assert_eq!(listed, Vec::from_iter(expected), "{reader:?}");
        let counted = db.store.count_tickets(&reader, &Filter::everything(), &ctx()).await.unwrap();
        assert_eq!(counted, TicketCount { n: usize::from(readable), is_exact: true }, "{reader:?}");
    }
    assert_eq!(db.store.find_ticket_by_number(&staff(), 2).await.unwrap(), None);
}

/// Ada, who is in team billing, at noon.
fn ctx() -> FilterContext {
    FilterContext {
        me: Some(UserId::new("ada")),
        my_teams: ["billing".to_owned()].into(),
        ..FilterContext::nobody(NOW)
    }
}

fn query(filter: &str) -> TicketQuery {
    let filter = filter.parse().unwrap();
    let within = store::Within::Desk;
    TicketQuery {
        within,
        filter,
        ctx: ctx(),
        sort: TicketSort::NEWEST,
        group_by: None,
        after: None,
        limit: 1_000,
    }
}

async fn ids(db: &Database, query: &TicketQuery) -> Vec<String> {
    let tickets = db.store.list_tickets(&staff(), query).await.unwrap();
    tickets.iter().map(|ticket| ticket.id.to_string()).collect()
}

/// Values of custom fields, none for every third ticket.
fn fields(n: usize) -> FieldValues {
    if n.is_multiple_of(3) {
        return FieldValues::new();
    }
    let amount = Decimal::from_millionths(i64::try_from(n % 20).unwrap() * 500_000);
    let day = if n.is_multiple_of(2) { "2025-06-15" } else { "2025-07-01" };
    [
        ("plan", FieldValue::Choice(["pro", "free"][n % 2].to_owned())),
        ("amount", FieldValue::Decimal(amount)),
        ("due", FieldValue::Date(day.parse().unwrap())),
        (
            "parts",
            FieldValue::Choices(["disk", "fan"].into_iter().take(n % 4 / 2 + 1).map(str::to_owned).collect()),
        ),
        ("remark", FieldValue::Text(format!("{n} {}", "x".repeat(1_000 * (n % 5))))),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// How the ticket of this number stands to what its customer is promised.
fn promised(n: usize, status: TicketStatus) -> SlaSummary {
    use SlaStanding::{Breached, Met, None, Paused, Running, Warned};
    let standing = if status.is_done() {
        [None, Met, Breached][n / 6 % 3]
    } else {
        [None, Running, Warned, Paused, Breached, Met][n / 6 % 6]
    };
    let is_owed = matches!(standing, Running | Warned) || (n.is_multiple_of(4) && standing == Breached);
    let due_at = Timestamp(NOW.0 + (i64::try_from(n % 40).unwrap() - 20) * 1_800_000);
    SlaSummary { standing, due_at: (is_owed && !status.is_done()).then_some(due_at) }
}

/// How the ticket of this number is handled.
fn arranged(n: usize, status: TicketStatus) -> Handling {
    let is_vendor = status == TicketStatus::Pending && n.is_multiple_of(4);
    let is_snoozed = !status.is_done() && n % 5 < 2;
    Handling {
        custom_status: is_vendor.then(|| "vendor".to_owned()),
        snoozed_until: is_snoozed.then(|| Timestamp(NOW.0 + i64::try_from(n % 9).unwrap() * 20_000_000)),
        followers: ["ada", "bo"].into_iter().take(n % 3).map(UserId::new).collect(),
        sla: promised(n, status),
        ..Handling::default()
    }
}

/// Tickets that differ in everything a filter asks for, several of each kind.
async fn many(db: &Database) -> Vec<Ticket> {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    tx.insert_user(&user("bo", Role::Agent), None).await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    tx.insert_status(&vendor()).await.unwrap();
    tx.insert_organisation(&organisation("acme", &[])).await.unwrap();
    let tag = |text: &str| Tag::parse(text).unwrap();
    let hour = 3_600_000;
    let mut tickets = vec![];
    for n in 0..90_usize {
        let at = |hours: usize| Timestamp(NOW.0 - i64::try_from(hours).unwrap() * hour);
        let status = TicketStatus::ALL[n % 6];
        let ticket = Ticket {
            status,
            priority: Priority::ALL[n / 2 % 4],
            team: ["support", "billing", "sales"][n / 3 % 3].to_owned(),
            tags: [vec![], vec![tag("vip")], vec![tag("refund"), tag("vip")]][n / 5 % 3].clone(),
            assignee_id: [None, Some(UserId::new("ada")), Some(UserId::new("bo"))][n / 4 % 3].clone(),
            customer_id: (n % 7 < 3).then(|| CustomerId::new("cy")),
            channel: if n % 5 == 0 { Channel::api() } else { Channel::chat() },
            organisation_id: (n % 5 < 2).then(|| OrganisationId::new("acme")),
            locale: if n % 8 == 0 { locale("de") } else { en() },
            fields: fields(n),
            created_at: at(n / 2 * 5),
            updated_at: at(n * 31 % 50),
            solved_at: status.is_done().then(|| at(n * 17 % 100)),
            handling: arranged(n, status),
            ..ticket(&format!("t{n:02}"))
        };
        tickets.push(tx.open_ticket(ticket).await.unwrap());
    }
    tx.commit().await.unwrap();
    tickets
}

pub(crate) async fn tickets_are_listed_in_every_order_in_pages(db: Arc<Database>) {
    let all = many(&db).await;
    assert_eq!(ids(&db, &query("")).await[..3], ["t01", "t00", "t03"], "the newest, then the greater id");
    for (name, sort) in TicketSort::ALL {
        for filter in ["", "status:new,open,pending,on_hold", "tag:vip", "team:billing"] {
            let whole = ids(&db, &TicketQuery { sort, ..query(filter) }).await;
            assert!(whole.len() > 10, "{filter}");
            let key = |id: &String| {
                let ticket = all.iter().find(|ticket| ticket.id.as_str() == id).unwrap();
                let (created, updated) = (ticket.created_at.0, ticket.updated_at.0);
                let due = ticket.handling.sla.due_at.map_or(i64::MAX, |at| at.0);
                let keys = match name.trim_start_matches('-') {
                    "due" => (due, 0),
                    "created" => (created, 0),
                    "updated" => (updated, 0),
                    _ => (ticket.priority as i64, created),
                };
                (keys, id.clone())
            };
            let mut expected = whole.clone();
            expected.sort_by_key(key);
            if name.starts_with('-') {
                expected.reverse();
            }
            assert_eq!(whole, expected, "{name} {filter}");
            let mut paged = vec![];
            let mut after = None;
            loop {
                let page = TicketQuery { sort, after: after.take(), limit: 7, ..query(filter) };
                let tickets = db.store.list_tickets(&staff(), &page).await.unwrap();
                let Some(last) = tickets.last() else { break };
                let place = TicketPlace::of((None, sort), last).to_string();
                after = TicketPlace::parse((None, sort), &place);
                assert!(after.is_some(), "{place}");
                paged.extend(tickets.iter().map(|ticket| ticket.id.to_string()));
            }
            assert_eq!(paged, whole, "{name} {filter}");
        }
    }
    for wrong in ["", "t1", "x.t1", "1.", "1.2.t1", "1.t1.", "1.t1'); DROP TABLE tickets"] {
        let parsed = TicketPlace::parse((None, TicketSort::NEWEST), wrong);
        assert!(parsed.is_none() || wrong.contains("DROP"), "{wrong}");
    }
}

pub(crate) async fn customers_read_replies_only(db: Arc<Database>) {
    let opened = open(&db).await;
    for (reader, expected) in [
        (staff(), vec!["m1", "m2", "m3", "m4"]),
        (customer("cy", &[]), vec!["m1", "m4"]),
        (visitor_of("c"), vec!["m1", "m4"]),
        (customer("di", &[]), vec![]),
        (visitor(), vec![]),
        (staff_of(&["support"]), vec!["m1", "m2", "m3", "m4"]),
        (staff_of(&["billing"]), vec![]),
    ] {
        let messages = db.store.list_messages(&reader, &opened.id).await.unwrap();
        let ids: Vec<_> = messages.iter().map(|message| message.id.as_str()).collect();
        assert_eq!(ids, expected, "{reader:?}");
    }
    let all = db.store.list_messages(&staff(), &opened.id).await.unwrap();
    assert_eq!(all[3], message("m4", "t", agent(), MessageKind::Reply));
    assert_eq!(all[1].author, Author::System);
    let mut tx = db.store.begin().await.unwrap();
    assert!(is_conflict(&tx.insert_message(&all[0]).await));
    let lost = message("m5", "x", Author::Bot, MessageKind::Reply);
    assert!(is_not_found(&tx.insert_message(&lost).await));
}

pub(crate) async fn a_changed_ticket_keeps_its_number(db: Arc<Database>) {
    let opened = open(&db).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    let changed = Ticket {
        number: 99,
        status: TicketStatus::Solved,
        priority: Priority::Urgent,
        team: "billing".to_owned(),
        assignee_id: Some(UserId::new("ada")),
        solved_at: Some(NOW),
        ..opened.clone()
    };
    tx.update_ticket(&changed).await.unwrap();
    let stored = tx.ticket(&opened.id).await.unwrap().unwrap();
    assert_eq!(stored, Ticket { number: 1, ..changed });
    assert!(is_not_found(&tx.update_ticket(&ticket("x")).await));
    tx.commit().await.unwrap();
}

pub(crate) async fn suggestions_remember_what_became_of_them(db: Arc<Database>) {
    let opened = open(&db).await;
    let draft = |rank: u32, created_at: Timestamp| Suggestion {
        id: SuggestionId::new(format!("s{}-{rank}", created_at.0)),
        ticket_id: opened.id.clone(),
        rank,
        body: "Try this.".to_owned(),
        sources: vec![SuggestionSource::Ticket {
            ticket_id: TicketId::new("old"),
            number: 7,
            subject: "Same".to_owned(),
        }],
        why: "A ticket like this was solved with it".to_owned(),
        outcome: None,
        created_at,
    };
    let (first, second, newer) = (draft(1, NOW), draft(2, NOW), draft(1, Timestamp(NOW.0 + 1)));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_suggestions(&[first.clone(), second.clone()]).await.unwrap();
    tx.insert_suggestions(std::slice::from_ref(&newer)).await.unwrap();
    assert!(is_conflict(&tx.insert_suggestions(std::slice::from_ref(&first)).await));
    tx.set_suggestion_outcome(&second.id, SuggestionOutcome::Edited, NOW).await.unwrap();
    let second = Suggestion { outcome: Some(SuggestionOutcome::Edited), ..second };
    assert_eq!(tx.suggestion(&second.id).await.unwrap().as_ref(), Some(&second));
    let missing = SuggestionId::new("x");
    assert_eq!(tx.suggestion(&missing).await.unwrap(), None);
    assert!(is_not_found(&tx.set_suggestion_outcome(&missing, SuggestionOutcome::Used, NOW).await));
    tx.commit().await.unwrap();
    let listed = db.store.list_suggestions(&staff(), &opened.id).await.unwrap();
    assert_eq!(listed, [newer, first, second]);
    for stranger in [customer("cy", &[]), staff_of(&["billing"])] {
        assert!(db.store.list_suggestions(&stranger, &opened.id).await.unwrap().is_empty());
    }
}

pub(crate) async fn groups_come_one_after_the_other(db: Arc<Database>) {
    let all = many(&db).await;
    for group in TicketGroup::ALL {
        for (name, sort) in TicketSort::ALL {
            let order = (Some(group), sort);
            let (mut labels, mut found) = (vec![], vec![]);
            let mut after = None;
            loop {
                let page = TicketQuery {
                    group_by: Some(group),
                    sort,
                    after: after.take(),
                    limit: 11,
                    ..query("status:new,open,pending,on_hold")
                };
                let tickets = db.store.list_tickets(&staff(), &page).await.unwrap();
                let Some(last) = tickets.last() else { break };
                after = TicketPlace::parse(order, &TicketPlace::of(order, last).to_string());
                assert!(after.is_some(), "{group:?} {name}");
                labels.extend(tickets.iter().map(|ticket| match group {
                    TicketGroup::Status => ticket.status.as_str().to_owned(),
                    TicketGroup::Priority => ticket.priority.as_str().to_owned(),
                    TicketGroup::Team => ticket.team.clone(),
                    TicketGroup::Assignee => format!("{:?}", ticket.assignee_id),
                }));
                found.extend(tickets.into_iter().map(|ticket| ticket.id));
            }
            let n_unsolved = all.iter().filter(|ticket| !ticket.status.is_done()).count();
            assert_eq!(found.iter().collect::<std::collections::BTreeSet<_>>().len(), n_unsolved);
            labels.dedup();
            let expected = match group {
                TicketGroup::Status => vec!["new", "open", "pending", "on_hold"],
                TicketGroup::Priority => vec!["urgent", "high", "normal", "low"],
                TicketGroup::Team | TicketGroup::Assignee => {
                    assert_eq!(labels.len(), 3, "{group:?} {name}: {labels:?}");
                    continue;
                }
            };
            assert_eq!(labels, expected, "{name}");
        }
    }
}

/// The database and the memory admit the same tickets, whatever is combined.
pub(crate) async fn a_filter_admits_the_same_in_the_database_and_in_memory(db: Arc<Database>) {
    let all = many(&db).await;
    let atoms = [
        "sla:breached",
        "sla:running,warned",
        "-sla:none,met",
        "due<+2h",
        "-due<now",
        "due:none",
        "due:today",
        "status:open",
        "status:new,solved",
        "-status:closed",
        "priority>=high",
        "priority:low",
        "team:mine",
        "team:support,sales",
        "team:nowhere",
        "assignee:me",
        "assignee:none",
        "assignee:bo,none",
        "assignee:bo@example.org",
        "assignee:nobody@example.org",
        "customer:none",
        "customer:cy",
        "customer:cy@example.org",
        "organisation:acme",
        "organisation:\"Name of acme\",none",
        "-organisation:\"Name of acme\"",
        "organisation:nobody",
        "tag:vip",
        "tag:refund,other",
        "tag:none",
        "-tag:vip",
        "tag:none,refund",
        "channel:api",
        "channel:chat,agent",
        "locale:de",
        "locale:en,fr",
        "number>40",
        "number:7",
        "number!=7",
        "created>-2d",
        "created:today",
        "created<=yesterday",
        "updated<-12h",
        "updated:this_month",
        "solved:none",
        "-solved:none",
        "solved>=-3d",
        "-solved>=-3d",
        "created>9999-12-31",
        "field.plan:pro",
        "field.plan:none,free",
        "-field.plan:pro",
        "field.amount>=4.5",
        "field.amount<2",
        "-field.amount>2",
        "field.due<=today",
        "field.due>2025-06",
        "field.parts:fan",
        "field.remark:\"5 \"",
        "field.nothing:x",
        "status:vendor",
        "status:vendor,new",
        "-status:vendor,closed",
        "snoozed:none",
        "-snoozed:none",
        "snoozed>today",
        "-snoozed<=today",
        "follower:me",
        "follower:none,bo",
        "-follower:ada",
    ];
    let mut filters: Vec<String> = atoms.iter().map(|atom| (*atom).to_owned()).collect();
    for (n, one) in atoms.iter().enumerate() {
        let other = |step: usize| atoms[(n * step + 11) % atoms.len()];
        filters.push(format!("{one} {}", other(5)));
        filters.push(format!("{one} or {}", other(7)));
        filters.push(format!("-({one} {})", other(13)));
        filters.push(format!("-({one} or {}) {}", other(17), other(3)));
        filters.push(format!("status:new,open {one}"));
        filters.push(format!("tag:vip {one}"));
        filters.push(format!("tag:vip status:open,pending {one}"));
    }
    let mut n_admitted = 0;
    for text in &filters {
        let filter: Filter = text.parse().unwrap();
        let mut expected = vec![];
        for ticket in &all {
            let email = |id: Option<&str>| id.map(|id| format!("{id}@example.org"));
            let assignee = email(ticket.assignee_id.as_ref().map(UserId::as_str));
            let customer = email(ticket.customer_id.as_ref().map(CustomerId::as_str));
            let people = TicketPeople {
                assignee_email: assignee,
                customer_emails: customer.into_iter().collect(),
                organisation_name: Some("Name of acme".to_owned()),
                sla: ticket.handling.sla,
            };
            if filter.matches(people.facts(ticket), &ctx()) {
                expected.push(ticket.id.to_string());
            }
        }
        let mut found = ids(&db, &query(text)).await;
        found.sort();
        assert_eq!(found, expected, "{text}");
        let counted = db.store.count_tickets(&staff(), &filter, &ctx()).await.unwrap();
        assert_eq!(counted, TicketCount { n: expected.len(), is_exact: true }, "{text}");
        n_admitted += expected.len();
    }
    assert!(n_admitted > 2_000, "the filters admit something: {n_admitted}");
    assert!(COUNT_MAX > all.len());
}

pub(crate) async fn tags_are_replaced(db: Arc<Database>) {
    let tag = |text: &str| Tag::parse(text).unwrap();
    let tagged = Ticket { tags: vec![tag("refund"), tag("vip")], ..ticket("t1") };
    let mut tx = db.store.begin().await.unwrap();
    tx.open_ticket(tagged.clone()).await.unwrap();
    tx.commit().await.unwrap();
    let first = db.store.find_ticket(&staff(), &TicketId::new("t1")).await.unwrap().unwrap();
    assert_eq!(first.tags, tagged.tags);
    let mut tx = db.store.begin().await.unwrap();
    let second = Ticket { tags: vec![tag("vip")], ..first };
    tx.update_ticket(&second).await.unwrap();
    assert_eq!(tx.ticket(&second.id).await.unwrap().unwrap().tags, [tag("vip")]);
    tx.commit().await.unwrap();
    assert!(ids(&db, &query("tag:refund")).await.is_empty());
    for (status, n) in [(TicketStatus::Solved, 0), (TicketStatus::Open, 1)] {
        let mut tx = db.store.begin().await.unwrap();
        tx.update_ticket(&Ticket { status, ..second.clone() }).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(ids(&db, &query("tag:vip status:new,open,pending,on_hold")).await.len(), n, "{status:?}");
        assert_eq!(ids(&db, &query("tag:vip")).await.len(), 1);
    }
}

pub(crate) async fn many_tickets_are_added_at_once(db: Arc<Database>) {
    let customers: Vec<Customer> = (0..450).map(|n| person(&format!("c{n}"))).collect();
    let mut tickets: Vec<Ticket> = (0..450_usize)
        .map(|n| Ticket {
            team: ["support", "billing"][n % 2].to_owned(),
            tags: if n % 3 == 0 { vec![Tag::parse("vip").unwrap()] } else { vec![] },
            customer_id: Some(customers[n].id.clone()),
            status: TicketStatus::ALL[n % 6],
            ..ticket(&format!("t{n:03}"))
        })
        .collect();
    let messages: Vec<Message> = tickets
        .iter()
        .map(|ticket| message(&format!("m-{}", ticket.id), ticket.id.as_str(), agent(), MessageKind::Note))
        .collect();
    let mut tx = db.store.begin().await.unwrap();
    tx.open_ticket(ticket("first")).await.unwrap();
    tx.insert_customers(&customers).await.unwrap();
    tx.insert_tickets(&mut tickets).await.unwrap();
    tx.insert_messages(&messages).await.unwrap();
    assert_eq!(tx.open_ticket(ticket("last")).await.unwrap().number, 452);
    tx.commit().await.unwrap();
    assert_eq!((tickets[0].number, tickets[449].number), (2, 451));
    for n in [0, 199, 200, 449] {
        let stored = db.store.find_ticket(&staff(), &tickets[n].id).await.unwrap();
        assert_eq!(stored.as_ref(), Some(&tickets[n]));
        assert_eq!(db.store.list_messages(&staff(), &tickets[n].id).await.unwrap(), [messages[n].clone()]);
    }
    assert_eq!(ids(&db, &query("tag:vip status:new")).await.len(), 75);
    let mut again = vec![Ticket { customer_id: None, ..tickets[0].clone() }];
    let mut tx = db.store.begin().await.unwrap();
    assert!(tx.insert_tickets(&mut again).await.is_err(), "an id that is taken");
}
