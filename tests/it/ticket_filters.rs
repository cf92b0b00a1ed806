//! One filter, three answers: the database, the memory and the index of tickets admit the same.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Customer, CustomerId, Decimal, FieldValue, FieldValues, Filter, FilterContext, FilterPeople, Handling,
    Locale, Organisation, OrganisationId, Principal, Priority, Role, Sees, SlaStanding, SlaSummary, Status,
    StatusState, Tag, Ticket, TicketId, TicketPeople, TicketReader, TicketSort, TicketStatus, Timestamp,
    User, UserId,
};
use search::{TicketIndex, TicketIndexConfig, TicketRequest, TicketText, TicketWords};
use store::{Store, TicketQuery, WriteTx, sqlite_url};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp(1_750_000_000_000);
const N_TICKETS: usize = 400;
const ATOMS: [&str; 79] = [
    "sla:breached",
    "sla:running,warned",
    "-sla:none,met",
    "due<+2h",
    "-due<now",
    "due:none",
    "-due:none",
    "due:today",
    "status:vendor",
    "status:vendor,new",
    "-status:vendor,closed",
    "snoozed:none",
    "snoozed>today",
    "-snoozed<=today",
    "follower:ada",
    "follower:none,me",
    "status:open",
    "status:new,solved",
    "-status:closed",
    "priority>=high",
    "priority<high",
    "team:mine",
    "team:support,sales",
    "team:nowhere",
    "assignee:me",
    "assignee:none",
    "assignee:bo,none",
    "assignee:bo@example.org",
    "assignee:nobody@example.org",
    "-assignee:nobody@example.org",
    "customer:none",
    "customer:cy",
    "customer:cy@example.org",
    "customer:nobody@example.org,none",
    "organisation:acme",
    "organisation:\"Acme Inc\",none",
    "-organisation:\"Acme Inc\"",
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
    "number<=40",
    "number:7",
    "number!=7",
    "created>-2d",
    "created:today",
    "created<=yesterday",
    "created<1970-01-01",
    "updated<-12h",
    "updated:this_month",
    "solved:none",
    "-solved:none",
    "solved>=-3d",
    "-solved>=-3d",
    "created>9999-12-31",
    "updated<=9999-12-31",
    "field.plan:pro",
    "field.plan:none,free",
    "-field.plan:pro",
    "field.amount>=4.5",
    "field.amount<0",
    "-field.amount>2",
    "field.seats:3",
    "field.due<=today",
    "field.due>2025-05",
    "field.parts:fan",
    "field.parts:disk,none",
    "field.urgent:true",
    "field.remark:\"5 \"",
    "field.nothing:x",
    "field.nothing:none",
    "field.nothing>1",
];

/// Values of custom fields, none for every third ticket.
fn fields(n: usize) -> FieldValues {
    if n.is_multiple_of(3) {
        return FieldValues::new();
    }
    let amount = Decimal::from_millionths((n % 20) as i64 * 500_000 - 1_000_000);
    let day = if n.is_multiple_of(2) { "2025-06-15" } else { "1969-07-01" };
    let parts = ["disk", "fan"].into_iter().take(n % 4 / 2 + 1).map(str::to_owned).collect();
    [
        ("plan", FieldValue::Choice(["pro", "free"][n % 2].to_owned())),
        ("amount", FieldValue::Decimal(amount)),
        ("seats", FieldValue::Number(n as i64 % 7)),
        ("due", FieldValue::Date(day.parse().unwrap())),
        ("parts", FieldValue::Choices(parts)),
        ("urgent", FieldValue::Checkbox(n.is_multiple_of(2))),
        ("remark", FieldValue::Text(format!("{n} {}", "x".repeat(1_000 * (n % 5))))),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// How the ticket of this number stands to what its customer is promised.
fn promised(n: usize, status: TicketStatus) -> SlaSummary {
    use SlaStanding::{Breached, Met, None, Paused, Running, Warned};
    let standing = match status.is_done() {
        true => [None, Met, Breached][n / 6 % 3],
        false => [None, Running, Warned, Paused, Breached, Met][n / 6 % 6],
    };
    let is_owed = !status.is_done()
        && (matches!(standing, Running | Warned) || n.is_multiple_of(4) && standing == Breached);
    SlaSummary { standing, due_at: is_owed.then(|| Timestamp(NOW.0 + (n as i64 % 40 - 20) * 1_800_000)) }
}

/// How the ticket of this number is handled.
fn arranged(n: usize, status: TicketStatus) -> Handling {
    let is_vendor = status == TicketStatus::Pending && n.is_multiple_of(4);
    let is_snoozed = !status.is_done() && n % 5 < 2;
    Handling {
        custom_status: is_vendor.then(|| "vendor".to_owned()),
        snoozed_until: is_snoozed.then(|| Timestamp(NOW.0 + (n % 9) as i64 * 20_000_000)),
        followers: ["ada", "bo"].into_iter().take(n % 3).map(UserId::new).collect(),
        sla: promised(n, status),
        ..Handling::default()
    }
}

/// Tickets that differ in everything a filter asks for, several of each kind.
async fn tickets(tx: &mut WriteTx) -> Vec<Ticket> {
    let user = |id: &str| User {
        id: UserId::new(id),
        name: id.to_owned(),
        email: format!("{id}@example.org"),
        role: Role::Agent,
        sees: Sees::All,
        created_at: NOW,
        deactivated_at: None,
        revision: 1,
        has_second_factor: false,
    };
    for id in ["ada", "bo"] {
        tx.insert_user(&user(id), None).await.unwrap();
    }
    let email = Some("cy@example.org".to_owned());
    let cy = Customer::new(CustomerId::new("cy"), "Cy".to_owned(), email, NOW);
    tx.insert_customer(&cy).await.unwrap();
    let vendor = Status {
        key: "vendor".to_owned(),
        name: "With the vendor".to_owned(),
        customer_name: "Waiting".to_owned(),
        category: TicketStatus::Pending,
        position: 25,
        state: StatusState::Active,
        next: None,
        revision: 1,
    };
    tx.insert_status(&vendor).await.unwrap();
    let acme = Organisation {
        id: OrganisationId::new("acme"),
        name: "Acme Inc".to_owned(),
        domains: BTreeSet::new(),
        external_id: None,
        tags: vec![],
        fields: FieldValues::new(),
        created_at: NOW,
        updated_at: NOW,
        revision: 1,
    };
    tx.insert_organisation(&acme).await.unwrap();
    let tag = |text: &str| Tag::parse(text).unwrap();
    let at = |hours: usize| Timestamp(NOW.0 - hours as i64 * 3_600_000);
    let mut tickets: Vec<Ticket> = (0..N_TICKETS)
        .map(|n| {
            let status = TicketStatus::ALL[n % 6];
            Ticket {
                subject: "Same".to_owned(),
                status,
                priority: Priority::ALL[n / 2 % 4],
                tags: [vec![], vec![tag("vip")], vec![tag("refund"), tag("vip")]][n / 5 % 3].clone(),
                fields: fields(n),
                assignee_id: [None, Some(UserId::new("ada")), Some(UserId::new("bo"))][n / 4 % 3].clone(),
                customer_id: (n % 7 < 3).then(|| CustomerId::new("cy")),
                organisation_id: (n % 5 < 2).then(|| OrganisationId::new("acme")),
                updated_at: at(n * 31 % 50),
                solved_at: status.is_done().then(|| at(n * 17 % 100)),
                handling: arranged(n, status),
                ..Ticket::new(
                    TicketId::new(format!("t{n:03}")),
                    ["support", "billing", "sales"][n / 3 % 3].to_owned(),
                    if n % 5 == 0 { domain::Channel::api() } else { domain::Channel::chat() },
                    if n % 8 == 0 { Locale::parse("de").unwrap() } else { Locale::english() },
                    at(n / 2),
                )
            }
        })
        .collect();
    tx.insert_tickets(&mut tickets).await.unwrap();
    tickets
}

/// Each condition alone, and in pairs of every shape.
fn filters() -> Vec<String> {
    let mut filters: Vec<String> = ATOMS.iter().map(|atom| (*atom).to_owned()).collect();
    for (n, one) in ATOMS.iter().enumerate() {
        let other = |step: usize| ATOMS[(n * step + 11) % ATOMS.len()];
        filters.push(format!("{one} {}", other(5)));
        filters.push(format!("{one} or {}", other(7)));
        filters.push(format!("-({one} {})", other(13)));
        filters.push(format!("-({one} or {}) {}", other(17), other(3)));
        filters.push(format!("(-{one} or {}) (status:new,open or {})", other(9), other(2)).replace("--", ""));
    }
    filters
}

#[tokio::test]
async fn the_database_the_memory_and_the_index_admit_the_same() {
    let dir = TempDir::new().unwrap();
    let store = Store::open(&sqlite_url(&dir.path().join("askwell.db"))).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let all = tickets(&mut tx).await;
    tx.commit().await.unwrap();
    let config = TicketIndexConfig { dir: dir.path().join("tickets"), default_locale: Locale::english() };
    let index = TicketIndex::open(&config).unwrap();
    // Two commits are two segments, in the second of which nothing was ever solved.
    let is_unsolved = |ticket: &&Ticket| ticket.solved_at.is_none() && ticket.number > 200;
    let (second, first): (Vec<&Ticket>, Vec<&Ticket>) = all.iter().partition(is_unsolved);
    for tickets in [first, second] {
        let text = |ticket: &Ticket| TicketText {
            ticket: ticket.clone(),
            customer: None,
            public: vec![],
            notes: vec![],
        };
        index.apply(tickets.into_iter().map(text).collect(), vec![], 1).await.unwrap();
    }
    let ctx = FilterContext {
        me: Some(UserId::new("ada")),
        my_teams: ["billing".to_owned()].into(),
        ..FilterContext::nobody(NOW)
    };
    let people = FilterPeople {
        agents: HashMap::from([("bo@example.org".to_owned(), UserId::new("bo"))]),
        customers: HashMap::from([("cy@example.org".to_owned(), CustomerId::new("cy"))]),
        organisations: HashMap::from([("Acme Inc".to_owned(), OrganisationId::new("acme"))]),
    };
    let mut n_admitted = 0;
    for text in filters() {
        let filter: Filter = text.parse().unwrap();
        let email = |id: Option<&str>| id.map(|id| format!("{id}@example.org"));
        let is_admitted = |ticket: &&Ticket| {
            let assignee = email(ticket.assignee_id.as_ref().map(UserId::as_str));
            let customer = email(ticket.customer_id.as_ref().map(CustomerId::as_str));
            let people = TicketPeople {
                assignee_email: assignee,
                customer_emails: customer.into_iter().collect(),
                organisation_name: Some("Acme Inc".to_owned()),
                sla: ticket.handling.sla,
            };
            filter.matches(people.facts(ticket), &ctx)
        };
        let in_memory: Vec<TicketId> =
            all.iter().filter(is_admitted).map(|ticket| ticket.id.clone()).collect();
        let query = TicketQuery {
            within: store::Within::Desk,
            filter: filter.clone(),
            ctx: ctx.clone(),
            sort: TicketSort::NEWEST,
            group_by: None,
            after: None,
            limit: N_TICKETS,
        };
        let listed = store.list_tickets(&Principal::System, &query).await.unwrap();
        let mut in_database: Vec<TicketId> = listed.into_iter().map(|ticket| ticket.id).collect();
        in_database.sort();
        assert_eq!(in_database, in_memory, "{text}");
        let request = TicketRequest {
            words: TicketWords::default(),
            filter: filter.with_ids(&people),
            ctx: ctx.clone(),
            reader: TicketReader::All,
            after: None,
            limit: N_TICKETS,
        };
        let found = index.search(request).await.unwrap();
        let mut in_index: Vec<TicketId> = found.hits.into_iter().map(|hit| hit.ticket_id).collect();
        in_index.sort();
        assert_eq!(in_index, in_memory, "{text}");
        n_admitted += in_memory.len();
    }
    assert!(n_admitted > 10_000, "the filters admit something: {n_admitted}");
}
