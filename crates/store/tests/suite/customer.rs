//! Customers: identities, organisations, filters, notes, segments, merges, history.

use std::{collections::BTreeSet, sync::Arc};

use domain::*;
use store::{CustomerQuery, HistoryPlace, HistoryWhat, Likeness, OrganisationsBy, TicketCount};

use crate::{database::Database, fixture::*};

fn ctx() -> FilterContext {
    FilterContext::nobody(NOW)
}

fn query(filter: &str) -> CustomerQuery {
    CustomerQuery { filter: filter.parse().unwrap(), ctx: ctx(), after: None, limit: 1_000 }
}

pub(crate) async fn identities_are_one_customers(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    tx.insert_customer(&person("di")).await.unwrap();
    let phone = identity("i1", "cy", IdentityKind::Phone, "+49301234567");
    let second = identity("i2", "cy", IdentityKind::Email, "cy@home.example");
    tx.insert_customer_identity(&phone).await.unwrap();
    tx.insert_customer_identity(&second).await.unwrap();
    let stolen = identity("i3", "di", IdentityKind::Email, "cy@example.org");
    assert!(is_conflict(&tx.insert_customer_identity(&stolen).await));
    let same_text = identity("i4", "di", IdentityKind::ExternalId, "cy@home.example");
    tx.insert_customer_identity(&same_text).await.unwrap();
    // Merely said to be theirs: nobody is taken for them by it.
    assert!(tx.customer_by_email("cy@home.example").await.unwrap().is_none());
    tx.update_identity(&Identity { verified_at: Some(NOW), ..second.clone() }).await.unwrap();
    assert_eq!(tx.customer_by_email("cy@home.example").await.unwrap().unwrap().id.as_str(), "cy");
    assert_eq!(tx.customer_by_email("cy@example.org").await.unwrap().unwrap().id.as_str(), "cy");
    tx.delete_identity(&phone.id).await.unwrap();
    assert!(is_not_found(&tx.delete_identity(&phone.id).await));
    assert!(is_not_found(&tx.update_identity(&phone).await));
    assert_eq!(tx.identity_by_value(IdentityKind::Phone, &phone.value).await.unwrap(), None);
    tx.commit().await.unwrap();
    let ids = BTreeSet::from([CustomerId::new("cy"), CustomerId::new("di")]);
    let all = db.store.identities_of(&ids).await.unwrap();
    let values: Vec<&str> = all[&CustomerId::new("cy")].iter().map(|one| one.value.as_str()).collect();
    assert_eq!(values, ["cy@example.org", "cy@home.example"]);
    let emails = BTreeSet::from(["cy@home.example".to_owned(), "none@example.org".to_owned()]);
    assert_eq!(db.store.customer_ids_of(&emails).await.unwrap().len(), 1);
    assert!(db.store.find_customer_by_email("cy@home.example").await.unwrap().is_some());
}

pub(crate) async fn what_only_one_conversation_knows_is_nobody_elses(db: Arc<Database>) {
    start_conversation(&db.store, &conversation("cy")).await;
    start_conversation(&db.store, &conversation("other")).await;
    let cy = CustomerId::new("cy");
    let talk = |id: &str| Conversation { customer_id: Some(cy.clone()), ..conversation(id) };
    let asked = |id: &str, of: &str| Ticket {
        customer_id: Some(cy.clone()),
        conversation_id: Some(ConversationId::new(of)),
        ..ticket(id)
    };
    for elsewhere in ["nothing", "conversation", "ticket", "phone", "verified", "merged"] {
        let mut tx = db.store.begin().await.unwrap();
        tx.insert_customer(&person("cy")).await.unwrap();
        tx.update_conversation(&talk("cy")).await.unwrap();
        tx.open_ticket(asked("t1", "cy")).await.unwrap();
        match elsewhere {
            "conversation" => tx.update_conversation(&talk("other")).await.unwrap(),
            "ticket" => {
                tx.open_ticket(asked("t2", "other")).await.unwrap();
            }
            "phone" => {
                let phone = identity("i1", "cy", IdentityKind::Phone, "+49301234567");
                tx.insert_customer_identity(&phone).await.unwrap();
            }
            "verified" => {
                let own = tx.identities(&cy).await.unwrap().remove(0);
                tx.update_identity(&Identity { verified_at: Some(NOW), ..own }).await.unwrap();
            }
            "merged" => {
                tx.insert_customer(&person("di")).await.unwrap();
                let di = Customer { merged_into: Some(cy.clone()), ..person("di") };
                tx.update_customer(&di).await.unwrap();
            }
            _ => {}
        }
        assert_eq!(tx.is_known_elsewhere(&cy).await.unwrap(), elsewhere != "nothing", "{elsewhere}");
        tx.rollback().await.unwrap();
    }
}

pub(crate) async fn domains_say_who_belongs(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    for id in ["only", "two", "sure", "hand", "other"] {
        let customer = Customer { email: Some(format!("{id}@acme.example")), ..person(id) };
        tx.insert_customer(&customer).await.unwrap();
    }
    let more =
        |of: &str| identity(&format!("i-{of}"), of, IdentityKind::Email, &format!("{of}@home.example"));
    tx.insert_customer_identity(&more("two")).await.unwrap();
    tx.insert_customer_identity(&more("sure")).await.unwrap();
    let sure = tx.identity_by_value(IdentityKind::Email, "sure@acme.example").await.unwrap().unwrap();
    tx.update_identity(&Identity { verified_at: Some(NOW), ..sure }).await.unwrap();
    let hand = tx.customer(&CustomerId::new("hand")).await.unwrap().unwrap();
    tx.update_customer(&Customer { organisation_by: OrganisationBy::Hand, ..hand }).await.unwrap();
    let acme = organisation("acme", &["acme.example", "acme.test"]);
    tx.insert_organisation(&acme).await.unwrap();
    assert_eq!(tx.apply_domains(&acme.id).await.unwrap(), 3);
    assert_eq!(tx.organisation_of_domains(&["x.example", "acme.test"]).await.unwrap(), Some(acme.id.clone()));
    assert_eq!(tx.organisation_of_domains(&[]).await.unwrap(), None);
    let bolt = organisation("bolt", &["acme.test"]);
    assert!(is_conflict(&tx.insert_organisation(&bolt).await), "a domain is one organisation's");
    tx.rollback().await.unwrap();

    let mut tx = db.store.begin().await.unwrap();
    for id in ["only", "two"] {
        let customer = Customer { email: Some(format!("{id}@acme.example")), ..person(id) };
        tx.insert_customer(&customer).await.unwrap();
    }
    tx.insert_customer_identity(&more("two")).await.unwrap();
    tx.insert_organisation(&acme).await.unwrap();
    tx.insert_organisation(&organisation("bolt", &[])).await.unwrap();
    tx.apply_domains(&acme.id).await.unwrap();
    let same_name = Organisation { name: "Name of bolt".to_owned(), ..acme.clone() };
    assert!(is_conflict(&tx.update_organisation(&same_name).await));
    tx.commit().await.unwrap();
    let belongs =
        async |id: &str| db.store.find_customer(&CustomerId::new(id)).await.unwrap().unwrap().organisation_id;
    assert_eq!((belongs("only").await, belongs("two").await), (Some(acme.id.clone()), None));
    let listed = async |by: OrganisationsBy<'_>| -> Vec<String> {
        let found = db.store.list_organisations(by, None, 10).await.unwrap();
        found.into_iter().map(|organisation| organisation.id.to_string()).collect()
    };
    assert_eq!(listed(OrganisationsBy::Any).await, ["acme", "bolt"]);
    assert_eq!(listed(OrganisationsBy::Name("Name of acme")).await, ["acme"]);
    assert_eq!(listed(OrganisationsBy::Domain("acme.test")).await, ["acme"]);
    assert_eq!(listed(OrganisationsBy::ExternalId("external-bolt")).await, ["bolt"]);
    let after = db.store.list_organisations(OrganisationsBy::Any, Some(&acme.id), 10).await.unwrap();
    assert_eq!(after.len(), 1);
    assert_eq!(db.store.find_organisation(&acme.id).await.unwrap().as_ref(), Some(&acme));
    assert_eq!(
        db.store.organisations_of(&BTreeSet::from([acme.id.clone()])).await.unwrap(),
        std::slice::from_ref(&acme)
    );
    let names = BTreeSet::from(["Name of acme".to_owned(), "x".to_owned()]);
    assert_eq!(db.store.organisation_ids_of(&names).await.unwrap()["Name of acme"], acme.id);

    let mut tx = db.store.begin().await.unwrap();
    tx.update_organisation(&Organisation { domains: BTreeSet::new(), revision: 2, ..acme.clone() })
        .await
        .unwrap();
    assert_eq!(tx.apply_domains(&acme.id).await.unwrap(), 1, "who came by the domain goes with it");
    let of_acme = Ticket { organisation_id: Some(acme.id.clone()), ..ticket("t") };
    let opened = tx.open_ticket(of_acme).await.unwrap();
    assert!(is_conflict(&tx.delete_organisation(&acme.id).await), "it has a ticket");
    tx.update_ticket(&Ticket { organisation_id: None, ..opened }).await.unwrap();
    tx.delete_organisation(&acme.id).await.unwrap();
    assert!(is_not_found(&tx.delete_organisation(&acme.id).await));
    assert!(is_not_found(&tx.update_organisation(&acme).await));
    tx.commit().await.unwrap();
}

/// Customers that differ in everything a filter asks for.
async fn many(db: &Database) -> Vec<(Customer, Vec<Identity>)> {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_organisation(&organisation("acme", &[])).await.unwrap();
    let tag = |text: &str| Tag::parse(text).unwrap();
    let at = |hours: usize| Timestamp(NOW.0 - i64::try_from(hours).unwrap() * 3_600_000);
    let mut all = vec![];
    for n in 0..60_usize {
        let id = format!("c{n:02}");
        let customer = Customer {
            name: ["", "Cy", "Di"][n % 3].to_owned(),
            email: (n % 4 > 0).then(|| format!("{id}@{}.example", ["home", "acme"][n % 2])),
            locale: [None, Some(en()), Some(locale("de"))][n / 2 % 3].clone(),
            organisation_id: (n % 5 < 2).then(|| OrganisationId::new("acme")),
            tags: [vec![], vec![tag("vip")], vec![tag("old"), tag("vip")]][n / 3 % 3].clone(),
            fields: if n % 3 == 0 {
                FieldValues::new()
            } else {
                [
                    ("plan".to_owned(), FieldValue::Choice(["pro", "free"][n % 2].to_owned())),
                    ("seats".to_owned(), FieldValue::Number(n as i64 % 7)),
                ]
                .into()
            },
            created_at: at(n * 7 % 100),
            seen_at: (n % 4 < 3).then(|| at(n * 3 % 80)),
            ..person(&id)
        };
        tx.insert_customer(&customer).await.unwrap();
        if n % 6 == 1 {
            let phone = identity(&format!("p{n}"), &id, IdentityKind::Phone, &format!("+4930100{n:04}"));
            tx.insert_customer_identity(&phone).await.unwrap();
        }
        if n % 8 == 3 {
            let second =
                identity(&format!("e{n}"), &id, IdentityKind::Email, &format!("{id}@second.example"));
            let second = Identity { verified_at: Some(NOW), ..second };
            tx.insert_customer_identity(&second).await.unwrap();
        }
        let identities = tx.identities(&customer.id).await.unwrap();
        all.push((customer, identities));
    }
    let merged = Customer { merged_into: Some(CustomerId::new("c01")), email: None, ..person("merged") };
    tx.insert_customer(&merged).await.unwrap();
    tx.update_customer(&merged).await.unwrap();
    tx.commit().await.unwrap();
    all
}

pub(crate) async fn a_filter_admits_the_same_customers_in_the_database_and_in_memory(db: Arc<Database>) {
    let all = many(&db).await;
    let atoms = [
        "name:Cy",
        "name:none,Di",
        "-name:cy",
        "email:c01@acme.example",
        "email:c03@second.example,none",
        "phone:+49301000001",
        "phone:none",
        "external_id:x",
        "visitor:none",
        "domain:acme.example",
        "domain:second.example,home.example",
        "-domain:acme.example",
        "organisation:acme",
        "organisation:\"Name of acme\",none",
        "-organisation:\"Name of acme\"",
        "tag:vip",
        "tag:none,old",
        "-tag:vip",
        "locale:de,none",
        "-locale:en",
        "verified:yes",
        "verified:no",
        "created>-2d",
        "created:today",
        "seen:none",
        "seen<-1d",
        "-seen>-1d",
        "field.plan:pro,none",
        "-field.plan:pro",
        "field.seats>=3",
        "field.nothing:x",
    ];
    let mut filters: Vec<String> = atoms.iter().map(|atom| (*atom).to_owned()).collect();
    filters.push(String::new());
    for (n, one) in atoms.iter().enumerate() {
        let other = |step: usize| atoms[(n * step + 11) % atoms.len()];
        filters.push(format!("{one} {}", other(5)));
        filters.push(format!("{one} or {}", other(7)));
        filters.push(format!("-({one} {})", other(13)));
        filters.push(format!("-({one} or {}) {}", other(17), other(3)));
    }
    let mut n_admitted = 0;
    for text in &filters {
        let filter: CustomerFilter = text.parse().unwrap();
        let expected: Vec<&str> = all
            .iter()
            .filter(|(customer, identities)| {
                let organisation_name = customer.organisation_id.as_ref().map(|_| "Name of acme");
                let facts = CustomerFacts { customer, identities, organisation_name };
                filter.matches(facts, &ctx())
            })
            .map(|(customer, _)| customer.id.as_str())
            .collect();
        let found = db.store.list_customers_of(&query(text)).await.unwrap();
        let found: Vec<&str> = found.iter().map(|customer| customer.id.as_str()).collect();
        assert_eq!(found, expected, "{text}");
        let counted = db.store.count_customers(&filter, &ctx()).await.unwrap();
        assert_eq!(counted, TicketCount { n: expected.len(), is_exact: true }, "{text}");
        n_admitted += expected.len();
    }
    assert!(n_admitted > 1_500, "the filters admit something: {n_admitted}");
    let page = CustomerQuery { after: Some(CustomerId::new("c57")), limit: 2, ..query("") };
    let page = db.store.list_customers_of(&page).await.unwrap();
    assert_eq!(page.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["c58", "c59"]);
    assert_eq!(page[0], all[58].0, "stored and read the same");
}

pub(crate) async fn customers_are_found_by_index(db: Arc<Database>) {
    many(&db).await;
    for filter in
        ["email:c01@acme.example", "phone:+49301000001", "domain:second.example", "organisation:acme"]
    {
        let steps = db.store.explain_customers(&query(filter)).await.unwrap();
        let is_scan = |step: &String| step.starts_with("SCAN c") && !step.contains("INDEX");
        assert!(!steps.iter().any(is_scan), "{filter}: {steps:?}");
        assert!(!steps.iter().any(|step| step.contains("Seq Scan")), "{filter}: {steps:?}");
    }
}

pub(crate) async fn likely_duplicates_are_grouped(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_organisation(&organisation("acme", &[])).await.unwrap();
    let acme = Some(OrganisationId::new("acme"));
    for (id, name, email, phone) in [
        ("a", "Cy", "cy@example.org", "+49301234567"),
        ("b", "Cyra", "cy+news@example.org", "0301234567"),
        ("c", "Di", "di@example.org", "0305555555"),
        ("d", "Di", "di@other.example", "0306666666"),
        ("e", "Di", "di@third.example", "0307777777"),
    ] {
        let organisation_id = if matches!(id, "c" | "d") { acme.clone() } else { None };
        let customer =
            Customer { name: name.to_owned(), email: Some(email.to_owned()), organisation_id, ..person(id) };
        tx.insert_customer(&customer).await.unwrap();
        tx.insert_customer_identity(&identity(&format!("p{id}"), id, IdentityKind::Phone, phone))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let found = db.store.list_duplicates(10).await.unwrap();
    let found: Vec<(Likeness, String)> = found
        .into_iter()
        .map(|group| {
            let ids: Vec<&str> = group.customers.iter().map(CustomerId::as_str).collect();
            (group.likeness, ids.join(" "))
        })
        .collect();
    assert_eq!(
        found,
        [
            (Likeness::Identity(IdentityKind::Phone), "a b".to_owned()),
            (Likeness::Identity(IdentityKind::Email), "a b".to_owned()),
            (Likeness::Name, "c d".to_owned()),
        ]
    );
    assert_eq!(db.store.list_duplicates(0).await.unwrap(), []);
}

pub(crate) async fn notes_belong_to_a_customer_or_an_organisation(db: Arc<Database>) {
    let about = NoteAbout::Customer(CustomerId::new("cy"));
    let of_acme = NoteAbout::Organisation(OrganisationId::new("acme"));
    let note = |id: &str, about: &NoteAbout| Note {
        id: NoteId::new(id),
        about: about.clone(),
        author: agent(),
        body: format!("Body of {id}"),
        created_at: NOW,
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    tx.insert_customer(&person("di")).await.unwrap();
    tx.insert_organisation(&organisation("acme", &[])).await.unwrap();
    for note in [note("n1", &about), note("n2", &about), note("n3", &of_acme)] {
        tx.insert_note(&note).await.unwrap();
    }
    assert_eq!(tx.note_ids(&about).await.unwrap(), [NoteId::new("n1"), NoteId::new("n2")]);
    assert!(is_not_found(&tx.delete_note(&about, &NoteId::new("n3")).await));
    assert!(is_not_found(&tx.move_note(&NoteId::new("n3"), &CustomerId::new("di")).await));
    tx.move_note(&NoteId::new("n2"), &CustomerId::new("di")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_notes(&about).await.unwrap(), [note("n1", &about)]);
    assert_eq!(db.store.list_notes(&of_acme).await.unwrap(), [note("n3", &of_acme)]);
    let mut tx = db.store.begin().await.unwrap();
    tx.delete_note(&about, &NoteId::new("n1")).await.unwrap();
    tx.delete_organisation(&OrganisationId::new("acme")).await.unwrap();
    tx.commit().await.unwrap();
    assert!(db.store.list_notes(&about).await.unwrap().is_empty());
    assert!(db.store.list_notes(&of_acme).await.unwrap().is_empty());
}

pub(crate) async fn segments_are_kept_while_an_article_is_for_them(db: Arc<Database>) {
    let gold = CustomerSegment {
        key: "gold".to_owned(),
        name: "Gold".to_owned(),
        filter: "organisation:acme verified:yes".parse().unwrap(),
        created_at: NOW,
        revision: 1,
    };
    publish(&db.store, &article("a", Audience::Segment("gold".to_owned())), &[en()]).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_segment(&gold).await.unwrap();
    assert!(is_conflict(&tx.insert_segment(&gold).await));
    assert_eq!(tx.count_segments().await.unwrap(), 1);
    assert_eq!(tx.segment("gold").await.unwrap().as_ref(), Some(&gold));
    let changed = CustomerSegment { name: "Gilt".to_owned(), revision: 2, ..gold.clone() };
    tx.update_segment(&changed).await.unwrap();
    assert!(is_conflict(&tx.delete_segment("gold").await));
    assert!(is_not_found(&tx.delete_segment("silver").await));
    let silver = CustomerSegment { key: "silver".to_owned(), ..gold };
    assert!(is_not_found(&tx.update_segment(&silver).await));
    tx.insert_segment(&silver).await.unwrap();
    tx.delete_segment("silver").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_segments().await.unwrap(), std::slice::from_ref(&changed));
    assert_eq!(db.store.find_segment("gold").await.unwrap(), Some(changed));
    assert_eq!(db.store.find_segment("silver").await.unwrap(), None);
}

pub(crate) async fn merges_remember_what_they_moved(db: Arc<Database>) {
    let (a, b) = (CustomerId::new("a"), CustomerId::new("b"));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&person("a")).await.unwrap();
    tx.insert_customer(&person("b")).await.unwrap();
    let talk = Conversation { customer_id: Some(b.clone()), ..conversation("c") };
    tx.insert_conversation(&talk, "token-c").await.unwrap();
    tx.move_conversation(&talk.id, &a).await.unwrap();
    assert!(is_not_found(&tx.move_conversation(&ConversationId::new("x"), &a).await));
    assert!(tx.solved_of_customer(&b).await.unwrap().is_empty());
    assert!(tx.proposals_of_customer(&b).await.unwrap().is_empty());
    tx.move_learned(&[TicketId::new("x")], &[ProposalId::new("x")], &a).await.unwrap();
    let profile = Profile::of(&person("a"));
    let merge = Merge {
        id: MergeId::new("m"),
        kept_id: a.clone(),
        merged_id: b.clone(),
        at: NOW,
        ends_at: Timestamp(NOW.0 + MERGE_UNDO_MS),
        undone_at: None,
        moved: Moved {
            tickets: vec![TicketId::new("t")],
            conversations: vec![talk.id.clone()],
            identities: vec![(IdentityId::new("b"), None)],
            notes: vec![],
            solved: vec![],
            proposals: vec![],
            email: Some("b@example.org".to_owned()),
            before: profile.clone(),
            after: profile,
        },
    };
    tx.insert_merge(&merge).await.unwrap();
    tx.update_customer(&Customer { merged_into: Some(a.clone()), ..person("b") }).await.unwrap();
    assert_eq!(tx.customers_merged_into(&a).await.unwrap(), std::slice::from_ref(&b));
    assert_eq!(tx.merge(&merge.id).await.unwrap().as_ref(), Some(&merge));
    tx.note_customer_wrote(&a, &en(), Timestamp(NOW.0 + 1)).await.unwrap();
    tx.mark_merge_undone(&merge.id, NOW).await.unwrap();
    assert!(is_not_found(&tx.mark_merge_undone(&MergeId::new("x"), NOW).await));
    tx.commit().await.unwrap();
    let undone = Merge { undone_at: Some(NOW), ..merge };
    assert_eq!(db.store.list_merges(&b, 10).await.unwrap(), [undone]);
    let seen = db.store.find_customer(&a).await.unwrap().unwrap();
    assert_eq!((seen.seen_at, seen.locale), (Some(Timestamp(NOW.0 + 1)), Some(en())));

    // Who was merged goes with who goes on.
    let mut tx = db.store.begin().await.unwrap();
    tx.begin_erasure(&a).await.unwrap();
    let name = tx.erased_name(&a).await.unwrap().unwrap();
    assert!(name.others.contains(&"Name of b".to_owned()), "{name:?}");
    tx.release_conversation(&talk.id).await.unwrap();
    tx.delete_customer(&a).await.unwrap();
    tx.commit().await.unwrap();
    assert!(db.store.find_customer(&b).await.unwrap().is_none());
}

pub(crate) async fn history_is_one_time_line_for_who_may_read_it(db: Arc<Database>) {
    let cy = CustomerId::new("cy");
    let at = |n: i64| Timestamp(NOW.0 + n);
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    let talk =
        Conversation { customer_id: Some(cy.clone()), created_at: at(1), n_turns: 4, ..conversation("c") };
    tx.insert_conversation(&talk, "token-c").await.unwrap();
    for (id, team, n) in [("t1", "support", 2), ("t2", "billing", 5)] {
        let ticket = Ticket {
            customer_id: Some(cy.clone()),
            team: team.to_owned(),
            created_at: at(n),
            conversation_id: (id == "t1").then(|| talk.id.clone()),
            ..ticket(id)
        };
        tx.open_ticket(ticket).await.unwrap();
    }
    for (id, ticket, kind, n) in [
        ("m1", "t1", MessageKind::Reply, 3),
        ("m2", "t1", MessageKind::Note, 4),
        ("m3", "t2", MessageKind::Reply, 6),
        ("m4", "t1", MessageKind::Event, 7),
    ] {
        tx.insert_message(&Message { created_at: at(n), ..message(id, ticket, agent(), kind) })
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let ids = async |principal: &Principal, after: Option<&HistoryPlace>, limit: usize| -> Vec<String> {
        let items = db.store.customer_history(principal, &cy, after, limit).await.unwrap();
        items.iter().map(|item| item.id().to_owned()).collect()
    };
    assert_eq!(ids(&staff(), None, 10).await, ["m3", "t2", "m2", "m1", "t1", "c"]);
    assert_eq!(ids(&staff_of(&["support"]), None, 10).await, ["m2", "m1", "t1", "c"]);
    assert_eq!(ids(&customer("cy", &[]), None, 10).await, ["m3", "t2", "m1", "t1", "c"]);
    assert_eq!(ids(&customer("di", &[]), None, 10).await, Vec::<String>::new());
    let first = db.store.customer_history(&staff(), &cy, None, 2).await.unwrap();
    let place = first[1].place();
    assert_eq!(HistoryPlace::parse(&place.to_string()), Some(place.clone()));
    assert_eq!(ids(&staff(), Some(&place), 3).await, ["m2", "m1", "t1"]);
    assert!(matches!(&first[0].what, HistoryWhat::Message(message) if message.body == "Body of m3"));
    assert_eq!(first[1].ticket.as_ref().map(|(id, _)| id.as_str()), Some("t2"));
    for wrong in ["", "x", "1.", "x.y"] {
        assert_eq!(HistoryPlace::parse(wrong), None, "{wrong}");
    }
    assert_eq!(db.store.ticket_ids_of_customer(&cy, None, 1).await.unwrap(), [TicketId::new("t1")]);
    let rest = db.store.ticket_ids_of_customer(&cy, Some(&TicketId::new("t1")), 5).await.unwrap();
    assert_eq!(rest, [TicketId::new("t2")]);
}

pub(crate) async fn fields_of_customers_are_their_own(db: Arc<Database>) {
    let field = |of: FieldOf, show_when: Option<ShowWhen>| Field {
        of,
        key: "plan".to_owned(),
        title: "Plan".to_owned(),
        kind: FieldKind::Organisation,
        show_when,
        required: Required::Never,
        position: 0,
        state: FieldState::Active,
        revision: 1,
    };
    let shown = ShowWhen::Customer("verified:yes".parse().unwrap());
    let (of_tickets, of_customers) = (field(FieldOf::Ticket, None), field(FieldOf::Customer, Some(shown)));
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_field(&of_tickets).await.unwrap();
    tx.insert_field(&of_customers).await.unwrap();
    assert!(is_conflict(&tx.insert_field(&of_customers).await));
    let retired = Field { state: FieldState::Retired, ..of_customers };
    tx.update_field(&retired).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.list_fields(FieldOf::Customer).await.unwrap(), [retired]);
    assert_eq!(db.store.list_fields(FieldOf::Ticket).await.unwrap(), [of_tickets]);
    assert_eq!(db.store.list_fields(FieldOf::Organisation).await.unwrap(), []);
}
