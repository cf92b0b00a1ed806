//! What an agent notices of the search for tickets, whatever finds them.

use std::{fs, path::Path};

use domain::*;
use search::*;
use tempfile::TempDir;

const NOW: Timestamp = Timestamp(1_750_000_000_000);

fn config(dir: &Path) -> TicketIndexConfig {
    TicketIndexConfig { dir: dir.join("tickets"), default_locale: Locale::english() }
}

/// A ticket of customer `cy` with team support; the greater its number the newer.
fn ticket(number: i64, subject: &str) -> Ticket {
    Ticket {
        number,
        subject: subject.to_owned(),
        status: TicketStatus::Open,
        customer_id: Some(CustomerId::new("cy")),
        updated_at: NOW,
        ..Ticket::new(
            TicketId::new(format!("t{number}")),
            "support".to_owned(),
            Channel::chat(),
            Locale::english(),
            Timestamp(NOW.0 + number),
        )
    }
}

fn text(ticket: Ticket, public: &[&str], notes: &[&str]) -> TicketText {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let customer = ticket.customer_id.clone().map(|id| {
        let (name, email) = (format!("Name of {id}"), format!("{id}@example.org"));
        Customer::new(id, name, Some(email), NOW)
    });
    TicketText { ticket, customer, public: owned(public), notes: owned(notes) }
}

fn request(words: &str) -> TicketRequest {
    TicketRequest {
        words: TicketWords::parse(words),
        filter: Filter::everything(),
        ctx: FilterContext::nobody(NOW),
        reader: TicketReader::All,
        after: None,
        limit: 20,
    }
}

async fn numbers(index: &TicketIndex, request: TicketRequest) -> Vec<i64> {
    let found = index.search(request).await.unwrap();
    found.hits.iter().map(|hit| hit.ticket_id.as_str()[1..].parse().unwrap()).collect()
}

/// A few tickets that differ in what they say.
async fn filled(dir: &Path) -> TicketIndex {
    let index = TicketIndex::open(&config(dir)).unwrap();
    let billing = Ticket {
        team: "billing".to_owned(),
        customer_id: Some(CustomerId::new("di")),
        tags: vec![Tag::parse("vip").unwrap()],
        fields: [("order".to_owned(), FieldValue::Text("Serial X-9".to_owned()))].into(),
        conversation_id: Some(ConversationId::new("c3")),
        ..ticket(3, "Charged twice")
    };
    let tickets = vec![
        text(ticket(1, "Refund"), &["Where is my refund?", "It is on its way."], &["ask the bank"]),
        text(ticket(2, "Late parcel"), &["Refund my order INV-2024-17 please."], &[]),
        text(billing, &["I was charged twice, see ticket 1."], &["Refunded by phone; résumé attached"]),
        text(ticket(12, "重置密码"), &["如何重置密码?"], &[]),
        text(ticket(5, "Reply wanted"), &["She never replies. One mailbox."], &[]),
    ];
    index.apply(tickets, vec![], 7).await.unwrap();
    index
}

#[tokio::test]
async fn tickets_are_found_by_what_they_say() {
    let dir = TempDir::new().unwrap();
    let index = filled(dir.path()).await;
    for (words, expected) in [
        // The subject counts more; another ending counts less than the word.
        ("refund", vec![1, 2, 3]),
        ("REFUND order", vec![2]),
        ("refund nowhere", vec![]),
        ("bank", vec![1]),
        ("vip", vec![3]),
        ("x-9", vec![3]),
        ("resume", vec![3]),
        ("replies", vec![5]),
        ("reply mailboxes", vec![5]),
        ("\"charged twice\"", vec![3]),
        ("\"twice charged\"", vec![]),
        ("\"way bank\"", vec![]),
        ("inv-2024-17", vec![2]),
        ("inv-17-2024", vec![]),
        ("#1", vec![1, 3]),
        ("1", vec![1, 3]),
        ("12", vec![12]),
        ("di@example.org", vec![3]),
        ("DI@Example.ORG charged", vec![3]),
        ("name di", vec![3]),
        ("密码", vec![12]),
        ("密", vec![12]),
        ("refu", vec![]),
        ("field:value AND (1=1) \" ' \\ * ~ [a TO b]", vec![]),
    ] {
        assert_eq!(numbers(&index, request(words)).await, expected, "{words}");
    }
    for (words, expected) in [
        ("refu", vec![1, 3, 2]),
        ("char tw", vec![]),
        ("twice char", vec![3]),
        ("\"charged tw", vec![3]),
        ("r", vec![]),
    ] {
        let request = TicketRequest { words: TicketWords::as_you_type(words), ..request("") };
        assert_eq!(numbers(&index, request).await, expected, "{words}");
    }
    let marked = index.search(request("refund replies")).await.unwrap().marked;
    assert_eq!(Vec::from_iter(marked), ["refund", "refunded", "replies", "reply"]);
}

#[tokio::test]
async fn everybody_finds_only_what_they_may_read() {
    let dir = TempDir::new().unwrap();
    let index = filled(dir.path()).await;
    let teams = |keys: &[&str]| TicketReader::Teams(keys.iter().map(|key| (*key).to_owned()).collect());
    let customer = |id: &str| TicketReader::Customer(CustomerId::new(id));
    for (reader, words, expected) in [
        (teams(&["support"]), "refund", vec![1, 2]),
        (teams(&["support", "billing"]), "refund", vec![1, 2, 3]),
        (teams(&["billing"]), "#1", vec![3]),
        (teams(&["sales"]), "refund", vec![]),
        (customer("cy"), "refund", vec![1, 2]),
        (customer("di"), "charged", vec![3]),
        (customer("di"), "refunded", vec![]),
        (customer("di"), "phone", vec![]),
        (customer("di"), "vip", vec![]),
        (customer("di"), "serial", vec![]),
        (customer("di"), "#1", vec![3]),
        (customer("di"), "cy@example.org", vec![]),
        (TicketReader::Visitor(ConversationId::new("c3")), "charged", vec![3]),
        (TicketReader::Visitor(ConversationId::new("c3")), "phone", vec![]),
        (TicketReader::Visitor(ConversationId::new("c3")), "refund", vec![]),
        (TicketReader::Nobody, "refund", vec![]),
    ] {
        let request = TicketRequest { reader: reader.clone(), ..request(words) };
        assert_eq!(numbers(&index, request).await, expected, "{reader:?} {words}");
    }
    // What the team alone reads is not told by what an unfinished word becomes, either.
    let words = TicketWords::as_you_type("phon");
    let found = index.search(TicketRequest { reader: customer("di"), words, ..request("") }).await.unwrap();
    assert!(found.hits.is_empty() && !found.marked.contains("phone"), "{found:?}");
}

#[tokio::test]
async fn equals_come_newest_first_in_pages() {
    let dir = TempDir::new().unwrap();
    let index = TicketIndex::open(&config(dir.path())).unwrap();
    for numbers in [1..=13_i64, 14..=25] {
        let tickets = numbers.map(|number| text(ticket(number, "same"), &[], &[])).collect();
        index.apply(tickets, vec![], 1).await.unwrap();
    }
    let mut found = vec![];
    let mut after = None;
    loop {
        let page = index.search(TicketRequest { after, limit: 7, ..request("same") }).await.unwrap();
        let Some(last) = page.hits.last() else { break };
        after = TicketHitPlace::parse(&last.place.to_string());
        assert!(after.is_some());
        found.extend(page.hits.into_iter().map(|hit| hit.ticket_id));
    }
    let expected: Vec<_> = (1..=25).rev().map(|number| TicketId::new(format!("t{number}"))).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_change_takes_the_place_of_what_was_and_survives() {
    let dir = TempDir::new().unwrap();
    let index = filled(dir.path()).await;
    let changed = text(Ticket { revision: 2, ..ticket(1, "Parcel") }, &["Where is it?"], &[]);
    index.apply(vec![changed], vec![TicketId::new("t5")], 8).await.unwrap();
    for index in [index.clone(), TicketIndex::open_read_only(&config(dir.path())).unwrap()] {
        assert_eq!(numbers(&index, request("refund")).await, [2, 3]);
        assert_eq!(numbers(&index, request("mailbox")).await, Vec::<i64>::new());
        assert_eq!((index.reached(), index.n_tickets()), (Reached::Event(8), 4));
    }
    let states = |revision| vec![(TicketId::new("t1"), 1, revision), (TicketId::new("t2"), 2, 1)];
    let compared = index.compare(states(2), TicketDifferences::default()).await.unwrap();
    assert_eq!(index.compared(compared).n_stale, 2);
    let all = [states(1), vec![(TicketId::new("t3"), 3, 1), (TicketId::new("t9"), 9, 1)]].concat();
    let compared = index.compare(all, TicketDifferences::default()).await.unwrap();
    let compared = index.compared(compared);
    assert_eq!((compared.n_missing, compared.n_different, compared.n_stale), (1, 1, 1), "{compared}");
    assert_eq!(compared.named, [1, 9]);
}

#[tokio::test]
async fn an_index_that_is_being_built_is_not_searched() {
    let dir = TempDir::new().unwrap();
    let index = TicketIndex::open(&config(dir.path())).unwrap();
    let refused = |index: TicketIndex| async move {
        assert!(matches!(index.search(request("refund")).await, Err(SearchError::Incomplete)));
    };
    refused(index.clone()).await;
    index.clear(3).await.unwrap();
    index.add(vec![text(ticket(1, "refund"), &[], &[])]).await.unwrap();
    let half = Reached::Building { seq: 3, after: Some(TicketId::new("t1")) };
    index.commit(half.clone()).await.unwrap();
    index.add(vec![text(ticket(2, "refund"), &[], &[])]).await.unwrap();
    refused(index.clone()).await;
    drop(index);
    // What was not committed is gone, the rest is there.
    let index = TicketIndex::open(&config(dir.path())).unwrap();
    assert_eq!((index.reached(), index.n_tickets()), (half, 1));
    index.begin().await.unwrap();
    index.add(vec![text(ticket(2, "refund"), &[], &[])]).await.unwrap();
    index.begin().await.unwrap();
    index.commit(Reached::Event(3)).await.unwrap();
    assert_eq!(numbers(&index, request("refund")).await, [1], "what was begun anew is forgotten");
}

#[tokio::test]
async fn a_damaged_folder_is_put_aside_and_a_locked_one_is_refused() {
    let dir = TempDir::new().unwrap();
    let index = filled(dir.path()).await;
    let locked = TicketIndex::open(&config(dir.path()));
    assert!(matches!(locked.err(), Some(SearchError::Locked(_))));
    assert_eq!(numbers(&index, request("bank")).await, [1], "and left as it is");
    drop(index);
    let mut files = fs::read_dir(dir.path().join("tickets")).unwrap().map(|file| file.unwrap().path());
    let segment = files.find(|file| file.extension().is_some_and(|end| end == "pos")).unwrap();
    fs::write(&segment, b"not an index").unwrap();
    let index = TicketIndex::open(&config(dir.path())).unwrap();
    assert_eq!((index.reached(), index.n_tickets()), (Reached::NOTHING, 0));
    assert!(dir.path().join("tickets.aside-1").is_dir());
    let other = TicketIndex::open_read_only(&config(dir.path())).unwrap();
    assert!(matches!(other.apply(vec![], vec![], 1).await, Err(SearchError::ReadOnly)));
}
