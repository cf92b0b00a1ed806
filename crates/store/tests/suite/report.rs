//! What reports are made of: lives, facts, sums, and who reads which sums.

use std::{collections::BTreeMap, sync::Arc};

use domain::*;
use store::{CellGroup, CellQuery, FactsKind, ReportPhase, ReportState, StoredFacts};

use crate::{database::Database, fixture::*};

fn day(text: &str) -> ReportDay {
    ReportDay::parse(text).unwrap()
}

/// Opened cells of a dimension, by team and key.
fn cells(dimension: Dimension, of: &[(&str, &str, &str, i64)]) -> BTreeMap<CellKey, Cell> {
    let cell = |n: i64| {
        let mut cell = Cell::default();
        cell.add_count(Count::Created, n);
        cell.add_span(Span::FirstReplyWall, &Histogram::of(60 * n));
        cell
    };
    of.iter()
        .map(|(on, team, key, n)| {
            let (team, key) = ((*team).to_owned(), (*key).to_owned());
            (CellKey { grain: Grain::Day, dimension, day: day(on), team, key }, cell(*n))
        })
        .collect()
}

fn query<'q>(sight: &'q TicketSight, dimension: Dimension) -> CellQuery<'q> {
    CellQuery {
        grain: Grain::Day,
        dimension,
        from: day("2026-11-01"),
        before: day("2026-12-01"),
        sight,
        team: None,
        key: None,
        by: CellGroup::Nothing,
        counts: &[Count::Created],
        span: None,
    }
}

pub(crate) async fn sums_are_added_to_and_go_when_nothing_is_left(db: Arc<Database>) {
    let many: Vec<(String, i64)> = (1..=200).map(|n| (format!("agent{n}"), n)).collect();
    let many: Vec<(&str, &str, &str, i64)> =
        many.iter().map(|(key, n)| ("2026-11-02", "support", key.as_str(), *n)).collect();
    let added = cells(Dimension::Agent, &many);
    let mut tx = db.store.begin().await.unwrap();
    tx.add_report_cells(&added).await.unwrap();
    tx.add_report_cells(&added).await.unwrap();
    tx.add_report_cells(&BTreeMap::new()).await.unwrap();
    tx.commit().await.unwrap();
    let (mut found, mut after) = (vec![], None);
    loop {
        let page = db.store.report_cells_after(after.as_ref(), 64).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        found.extend(page);
    }
    assert_eq!(found.len(), 200);
    for (key, cell) in &found {
        let mut twice = Cell::default();
        twice.add(&added[key], 2);
        assert_eq!(*cell, twice, "{key:?}");
    }
    let mut taken = BTreeMap::new();
    for (key, cell) in added.iter().take(199) {
        let mut negative = Cell::default();
        negative.add(cell, -2);
        taken.insert(key.clone(), negative);
    }
    let mut tx = db.store.begin().await.unwrap();
    tx.add_report_cells(&taken).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.report_cells_after(None, 1_000).await.unwrap().len(), 1);
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.clear_report_cells(10).await.unwrap(), 1);
    assert_eq!(tx.clear_report_cells(10).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert!(db.store.report_cells_after(None, 10).await.unwrap().is_empty());
}

pub(crate) async fn sums_are_read_of_the_teams_that_are_seen(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    let agents = [
        ("2026-11-02", "support", "ada", 1),
        ("2026-11-02", "support", "bo", 2),
        ("2026-11-02", "billing", "ada", 4),
        ("2026-11-03", "support", "ada", 8),
        ("2026-12-01", "support", "ada", 16),
    ];
    tx.add_report_cells(&cells(Dimension::Agent, &agents)).await.unwrap();
    tx.add_report_cells(&cells(Dimension::Tag, &[("2026-11-02", "support", "vip", 32)])).await.unwrap();
    tx.commit().await.unwrap();
    let read = async |query: CellQuery<'_>| {
        let mut rows: Vec<(String, String, i64, i64)> = vec![];
        for row in db.store.read_report_cells(&query).await.unwrap() {
            let span = row.cell.span(Span::FirstReplyWall).sum_s();
            rows.push((row.day.to_string(), row.group, row.cell.count(Count::Created), span));
        }
        rows.sort();
        rows
    };
    let row = |day: &str, group: &str, n, span| (format!("2026-11-{day}"), group.to_owned(), n, span);
    let all = TicketSight::All;
    let of_all = query(&all, Dimension::Agent);
    assert_eq!(read(of_all.clone()).await, [row("02", "", 7, 0), row("03", "", 8, 0)]);
    let by_team = CellQuery { by: CellGroup::Team, ..of_all.clone() };
    let expected = [row("02", "billing", 4, 0), row("02", "support", 3, 0), row("03", "support", 8, 0)];
    assert_eq!(read(by_team).await, expected);
    let by_key = CellQuery { by: CellGroup::Key, team: Some("support"), ..of_all.clone() };
    assert_eq!(read(by_key).await, [row("02", "ada", 1, 0), row("02", "bo", 2, 0), row("03", "ada", 8, 0)]);
    let of_ada = CellQuery { key: Some("ada"), before: day("2026-11-03"), ..of_all.clone() };
    assert_eq!(read(of_ada).await, [row("02", "", 5, 0)]);
    let spans = CellQuery { span: Some(Span::FirstReplyWall), key: Some("ada"), ..of_all.clone() };
    assert_eq!(read(spans).await, [row("02", "", 0, 60), row("02", "", 0, 240), row("03", "", 0, 480)]);
    let billing = TicketSight::Teams(["billing".to_owned(), "sales".to_owned()].into());
    assert_eq!(read(query(&billing, Dimension::Agent)).await, [row("02", "", 4, 0)]);
    let others = CellQuery { team: Some("support"), ..query(&billing, Dimension::Agent) };
    assert!(read(others).await.is_empty());
    let none = TicketSight::Teams(std::collections::BTreeSet::new());
    assert!(read(query(&none, Dimension::Agent)).await.is_empty());
    assert_eq!(read(query(&all, Dimension::Tag)).await, [row("02", "", 32, 0)]);
}

pub(crate) async fn a_life_is_read_whole_and_in_order(db: Arc<Database>) {
    let later = |n: i64| Timestamp(NOW.0 + n);
    let mut tx = db.store.begin().await.unwrap();
    let vip = Ticket { tags: vec![Tag::parse("vip").unwrap()], ..ticket("t") };
    let opened = tx.open_ticket(vip).await.unwrap();
    let other = tx.open_ticket(ticket("u")).await.unwrap();
    for (id, at, field, from, to) in [
        ("1", 1, TicketField::Status, Some("new"), Some("open")),
        ("2", 2, TicketField::Tags, None, Some("vip")),
        ("3", 3, TicketField::Assignee, None, Some("ada")),
    ] {
        let (from, to) = (from.map(str::to_owned), to.map(str::to_owned));
        let entry = HistoryEntry {
            id: HistoryId::new(id),
            ticket_id: opened.id.clone(),
            at: later(at),
            by: agent(),
            field,
            from,
            to,
        };
        tx.insert_history(&entry).await.unwrap();
    }
    for (id, author, kind) in [
        ("1", Author::Customer, MessageKind::Reply),
        ("2", agent(), MessageKind::Note),
        ("3", agent(), MessageKind::Reply),
    ] {
        tx.insert_message(&message(id, "t", author, kind)).await.unwrap();
    }
    let draft = Suggestion {
        id: SuggestionId::new("s"),
        ticket_id: opened.id.clone(),
        rank: 1,
        body: "A draft".to_owned(),
        sources: vec![],
        why: String::new(),
        outcome: None,
        created_at: later(4),
    };
    tx.insert_suggestions(std::slice::from_ref(&draft)).await.unwrap();
    tx.set_suggestion_outcome(&draft.id, SuggestionOutcome::Edited, later(5)).await.unwrap();
    let targets = SlaTargets { first_reply_min: Some(1), resolution_min: Some(60), ..SlaTargets::default() };
    let mut clock = SlaClock::opened(NOW, SlaTerms { targets, ..SlaTerms::none() });
    clock.apply(later(120_000), SlaEvent::AgentReply);
    clock.apply(later(180_000), SlaEvent::Status(TicketStatus::Solved));
    let save = async |tx: &mut store::WriteTx, clock: &SlaClock| {
        let readings: Vec<SlaReading> = clock.readings(later(180_000)).collect();
        let stored = store::StoredClock { policy_id: None, state: clock.state().clone() };
        tx.save_sla_clock(&opened.id, &stored, None, &readings).await.unwrap();
    };
    save(&mut tx, &clock).await;
    tx.commit().await.unwrap();
    let life = TicketLife {
        ticket: opened.clone(),
        changes: vec![
            LifeChange {
                at: later(1),
                field: TicketField::Status,
                from: Some("new".to_owned()),
                to: Some("open".to_owned()),
            },
            LifeChange { at: later(3), field: TicketField::Assignee, from: None, to: Some("ada".to_owned()) },
        ],
        replies: vec![LifeReply { at: NOW, by: Some("ada".to_owned()) }],
        drafts: vec![LifeDraft { at: later(4), outcome: Some((SuggestionOutcome::Edited, later(5))) }],
        promises: vec![
            LifePromise { metric: SlaMetric::FirstReply, outcome: PromiseOutcome::Missed, at: later(60_000) },
            LifePromise { metric: SlaMetric::Resolution, outcome: PromiseOutcome::Met, at: later(180_000) },
        ],
    };
    let lives = db.store.ticket_lives(vec![other.clone(), opened.clone()]).await.unwrap();
    assert_eq!(lives[1], life);
    assert_eq!((lives[0].ticket.clone(), lives[0].changes.len(), lives[0].promises.len()), (other, 0, 0));
    // Opened again: nothing has become of that promise any more, what was missed stays missed.
    clock.apply(later(200_000), SlaEvent::Status(TicketStatus::Open));
    let mut tx = db.store.begin().await.unwrap();
    save(&mut tx, &clock).await;
    tx.commit().await.unwrap();
    let lives = db.store.ticket_lives(vec![opened.clone()]).await.unwrap();
    assert_eq!(lives[0].promises, life.promises[..1]);
}

pub(crate) async fn conversations_count_once_somebody_has_spoken(db: Arc<Database>) {
    let names = ["silent", "resolved", "left", "ticketed"];
    for id in names {
        start_conversation(&db.store, &conversation(id)).await;
    }
    let mut tx = db.store.begin().await.unwrap();
    for id in ["resolved", "left"] {
        tx.insert_turn(&turn(id, 0, said("Hello?"))).await.unwrap();
        tx.insert_turn(&turn(id, 1, answered("trace"))).await.unwrap();
    }
    tx.set_feedback(&TurnId::new("resolved-turn-1"), Feedback::Helpful).await.unwrap();
    let resolved = Conversation { state: ConversationState::Resolved, ..conversation("resolved") };
    tx.update_conversation(&resolved).await.unwrap();
    let conversation_id = Some(ConversationId::new("ticketed"));
    tx.open_ticket(Ticket { conversation_id, ..ticket("t") }).await.unwrap();
    tx.commit().await.unwrap();
    let mut found = db.store.conversation_facts(&names).await.unwrap();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let facts = |end, judged| ConversationFacts::new(NOW, "en".to_owned(), end, judged);
    let expected = [
        ("left", facts(ConversationEnd::Open, vec![])),
        ("resolved", facts(ConversationEnd::Resolved, vec![Judged(NOW, Feedback::Helpful)])),
        ("ticketed", facts(ConversationEnd::HandedOver, vec![])),
    ];
    assert_eq!(found, expected.map(|(id, facts)| (id.to_owned(), facts)));
    assert_eq!(db.store.conversation_ids_after("left", 2).await.unwrap(), ["resolved", "silent"]);
}

pub(crate) async fn facts_are_kept_by_generation(db: Arc<Database>) {
    let facts = |end| ConversationFacts::new(NOW, "en".to_owned(), end, vec![]);
    let (open, resolved) = (facts(ConversationEnd::Open), facts(ConversationEnd::Resolved));
    let mut tx = db.store.begin().await.unwrap();
    let kind = FactsKind::Conversation;
    tx.save_report_facts(kind, 1, &[("a", &open), ("b", &open)]).await.unwrap();
    tx.save_report_facts(kind, 2, &[("a", &resolved)]).await.unwrap();
    let found = tx.report_facts::<ConversationFacts>(kind, &["a", "b", "c"]).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found["a"], StoredFacts { generation: 2, facts: resolved });
    assert!(tx.report_facts::<TicketFacts>(FactsKind::Ticket, &["a"]).await.unwrap().is_empty());
    let old = tx.old_report_facts::<ConversationFacts>(kind, 2, 10).await.unwrap();
    assert_eq!(old, [("b".to_owned(), open.clone())]);
    assert!(tx.old_report_facts::<TicketFacts>(FactsKind::Ticket, 2, 10).await.unwrap().is_empty());
    tx.commit().await.unwrap();
    assert_eq!(db.store.count_report_facts().await.unwrap(), 2);
    let deleted = db.store.report_facts_of_deleted::<ConversationFacts>(kind, "a", 10).await.unwrap();
    assert_eq!(deleted, [("b".to_owned(), open)], "there is no such conversation");

    assert_eq!(db.store.report_state().await.unwrap(), None);
    let zone = Zone::parse("Europe/Berlin").unwrap();
    let (phase, after_id) = (ReportPhase::Clearing, String::new());
    let state = ReportState { zone, generation: 1, phase, after_id, event_seq: 7 };
    let next = ReportState { phase: ReportPhase::Tickets, after_id: "t".to_owned(), ..state.clone() };
    for state in [state, next] {
        let mut tx = db.store.begin().await.unwrap();
        tx.save_report_state(&state).await.unwrap();
        assert_eq!(tx.report_state().await.unwrap(), Some(state.clone()));
        tx.commit().await.unwrap();
        assert_eq!(db.store.report_state().await.unwrap(), Some(state));
    }
}

pub(crate) async fn names_schedules_and_votes_are_read_for_reports(db: Arc<Database>) {
    publish(&db.store, &article("a", Audience::Public), &[en()]).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    let quarter = 15 * 60 * 1_000;
    let first = NOW.0 - NOW.0 % quarter;
    for (id, at, feedback) in [
        ("1", first, Feedback::Helpful),
        ("2", first + quarter - 1, Feedback::Helpful),
        ("3", first, Feedback::Unhelpful),
        ("4", first + quarter, Feedback::Helpful),
        ("5", first + 9 * quarter, Feedback::Helpful),
    ] {
        tx.insert_vote(id, &VersionId::new("a-en-1"), feedback, None, Timestamp(at)).await.unwrap();
    }
    tx.insert_team(&Team { key: "sales".to_owned(), name: "Sales".to_owned(), created_at: NOW })
        .await
        .unwrap();
    tx.insert_schedule(&crate::schedule::office("s"), NOW).await.unwrap();
    let routing = TeamRouting { schedule_id: Some(ScheduleId::new("s")), ..TeamRouting::default() };
    tx.save_team_routing("sales", &routing).await.unwrap();
    tx.commit().await.unwrap();
    let mut votes =
        db.store.count_article_votes(Timestamp(first), Timestamp(first + 2 * quarter)).await.unwrap();
    votes.sort_by_key(|(at, votes)| (*at, votes.n_unhelpful));
    let n = |n_helpful, n_unhelpful| ArticleVotes { n_helpful, n_unhelpful };
    let (first, second) = (Timestamp(first), Timestamp(first + quarter));
    assert_eq!(votes, [(first, n(2, 0)), (first, n(0, 1)), (second, n(1, 0))]);
    let names = db.store.agent_names(&["ada", "nobody", ""]).await.unwrap();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), [("ada".to_owned(), "Name of ada".to_owned())]);
    let schedules = db.store.team_schedules().await.unwrap();
    assert_eq!(schedules.keys().collect::<Vec<_>>(), ["sales"]);
    assert_eq!(schedules["sales"], crate::schedule::office("s"));
}
