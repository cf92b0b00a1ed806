//! How the databases go about what agents wait for. A plan that reads a whole large table fails here, before a site grows.

use std::{fmt::Write as _, sync::Arc};

use domain::*;
use store::{CellGroup, CellQuery, TicketQuery, Within};

use crate::{
    database::{Database, execute},
    fixture::*,
};

/// Enough for Postgres to prefer an index to reading everything.
const TICKETS: usize = 20_000;

/// The lists of `askwell bench desk`, whose plans must hold at two million tickets.
const LISTS: [(&str, &str, Option<TicketGroup>); 19] = [
    ("assignee:me status:new,open,pending,on_hold", "-updated", None),
    ("status:new,open,pending,on_hold", "-priority", Some(TicketGroup::Team)),
    ("team:mine assignee:none status:new,open", "created", None),
    ("tag:vip status:new,open", "-created", None),
    ("status:solved solved>-7d", "-updated", None),
    ("team:mine status:closed", "-created", None),
    ("tag:vip", "-created", None),
    ("customer:cy@example.org", "-created", None),
    ("organisation:\"Name of acme\"", "-created", None),
    ("", "-updated", None),
    ("assignee:me status:new,open,pending,on_hold snoozed:none", "-updated", None),
    ("-snoozed:none", "-updated", None),
    ("status:vendor", "-updated", None),
    ("follower:me", "-updated", None),
    ("sla:breached assignee:me status:new,open,pending,on_hold", "due", None),
    ("due<+2h", "due", None),
    ("due<+2h team:mine", "-created", None),
    ("sla:breached", "-created", None),
    ("sla:breached", "-updated", None),
];

/// Lists of the archive.
const ARCHIVED_LISTS: [(&str, &str, Option<TicketGroup>); 6] = [
    ("", "-created", None),
    ("", "updated", None),
    ("customer:cy@example.org", "-created", None),
    ("team:mine", "-created", None),
    ("tag:vip", "-created", None),
    ("status:closed updated<-365d", "updated", None),
];

pub(crate) async fn lists_are_read_by_index(db: Arc<Database>) {
    let mut tickets: Vec<Ticket> = (0..TICKETS)
        .map(|n| {
            let at = Timestamp(NOW.0 - i64::try_from(TICKETS - n).unwrap() * 600_000);
            Ticket {
                status: if n % 100 == 0 {
                    TicketStatus::Open
                } else {
                    [TicketStatus::Solved, TicketStatus::Closed][n % 2]
                },
                team: ["support", "billing", "sales"][n % 3].to_owned(),
                tags: vec![Tag::parse(if n % 50 == 0 { "vip" } else { "usual" }).unwrap()],
                assignee_id: (n % 4 == 0).then(|| UserId::new("ada")),
                customer_id: (n % 1_000 == 0).then(|| CustomerId::new("cy")),
                organisation_id: (n % 500 == 0).then(|| OrganisationId::new("acme")),
                created_at: at,
                updated_at: at,
                solved_at: (n % 100 != 0).then_some(at),
                handling: Handling {
                    custom_status: (n % 500 == 0).then(|| "vendor".to_owned()),
                    snoozed_until: (n % 300 == 0).then_some(NOW),
                    followers: (n % 1_000 == 0).then(|| UserId::new("ada")).into_iter().collect(),
                    sla: SlaSummary {
                        standing: if n % 400 == 0 { SlaStanding::Breached } else { SlaStanding::Met },
                        due_at: (n % 200 == 0).then_some(NOW),
                    },
                    ..Handling::default()
                },
                ..ticket(&format!("t{n:05}"))
            }
        })
        .collect();
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_user(&user("ada", Role::Agent), None).await.unwrap();
    tx.insert_customer(&person("cy")).await.unwrap();
    tx.insert_status(&vendor()).await.unwrap();
    tx.insert_organisation(&organisation("acme", &[])).await.unwrap();
    tx.insert_tickets(&mut tickets).await.unwrap();
    tx.commit().await.unwrap();
    let is_postgres = db.url.starts_with("postgres");
    if is_postgres {
        // Its autovacuum does so by itself; SQLite is told which index to read.
        execute(&db.url, "VACUUM ANALYZE").await;
    }
    let ctx = FilterContext {
        me: Some(UserId::new("ada")),
        my_teams: ["billing".to_owned()].into(),
        ..FilterContext::nobody(NOW)
    };
    let mut plans = String::new();
    let lists = LISTS.map(|list| (Within::Desk, list)).into_iter();
    let lists = lists.chain(ARCHIVED_LISTS.map(|list| (Within::Archive, list)));
    for (n, (within, (filter, sort, group_by))) in lists.enumerate() {
        if n == LISTS.len() {
            archive(&db, &tickets).await;
        }
        let query = TicketQuery {
            within,
            filter: filter.parse().unwrap(),
            ctx: ctx.clone(),
            sort: TicketSort::parse(sort).unwrap(),
            group_by,
            after: None,
            limit: 50,
        };
        let [listed, counted] = db.store.explain_tickets(&staff(), &query).await.unwrap();
        for (what, steps) in [("list", listed), ("count", counted)] {
            if (within, what) == (Within::Archive, "count") {
                continue;
            }
            let place = if within == Within::Archive { " in the archive" } else { "" };
            let _ = writeln!(plans, "{what} {filter:?} {sort} {group_by:?}{place}");
            for step in steps {
                // Postgres reads from one end to the other what has no order and no end; SQLite says SCAN.
                let scans = [
                    "SCAN t",
                    "SCAN g",
                    "Seq Scan on tickets",
                    "Seq Scan on ticket_tags",
                    "Seq Scan on archived",
                ];
                let is_scan = scans.iter().any(|scan| step.contains(scan)) && !step.contains("USING");
                assert!(!is_scan, "{filter:?} {sort}: {step}");
                // How Postgres puts the parts together differs between its versions, what it reads them by does not.
                if !is_postgres || step.contains("Scan") {
                    let _ = writeln!(plans, "    {}", step.trim());
                }
            }
        }
    }
    // A selection for a bulk job reads what a list in the order of creation reads, to its end.
    for filter in ["status:open team:support", "tag:vip", "customer:cy@example.org"] {
        let parsed: Filter = filter.parse().unwrap();
        for step in db.store.explain_ticket_ids(&staff(), &parsed, &ctx).await.unwrap() {
            let is_scan = step.contains("Seq Scan") || (step.starts_with("SCAN") && !step.contains("USING"));
            assert!(!is_scan, "ids {filter:?}: {step}");
        }
    }
    for (what, steps) in db.store.explain_routing().await.unwrap() {
        let is_indexed = |step: &String| step.contains("INDEX") || step.contains("Index");
        assert!(steps.iter().any(is_indexed), "{what}: {steps:?}");
        let is_scan = |step: &String| step.contains("Seq Scan") || step.starts_with("SCAN");
        assert!(!steps.iter().any(is_scan), "{what}: {steps:?}");
    }
    let rule = crate::automation::rule("r", Trigger::Time, "status:open,solved updated<-3d -tag:vip", 1);
    let _ = writeln!(plans, "time rule");
    for step in db.store.explain_tickets_for_rule(&rule, &ctx).await.unwrap() {
        let is_scan = step.contains("Seq Scan") || (step.starts_with("SCAN") && !step.contains("USING"));
        assert!(!is_scan && !step.contains("TEMP B-TREE"), "time rule: {step}");
        if !is_postgres || step.contains("Scan") {
            let _ = writeln!(plans, "    {}", step.trim());
        }
    }
    for (what, steps) in db.store.explain_archive(&Principal::System).await.unwrap() {
        let _ = writeln!(plans, "{what}");
        // Each half ends at the page: otherwise all that there is would be sorted for each.
        let n_of =
            |node: &str| steps.iter().filter(|step| step.trim_start_matches([' ', '-', '>']) == node).count();
        let is_cut = n_of("Limit") == 3 && n_of("Sort") == 0;
        assert!(!is_postgres || what != "a page of both" || is_cut, "{steps:?}");
        for step in steps {
            let is_scan = step.contains("Seq Scan") || (step.contains("SCAN t") && !step.contains("USING"));
            assert!(!is_scan, "{what}: {step}");
            if !is_postgres || step.contains("Scan") {
                let _ = writeln!(plans, "    {}", step.trim());
            }
        }
    }
    insta::assert_snapshot!(if is_postgres { "plans_postgres" } else { "plans_sqlite" }, plans);
}

pub(crate) async fn reports_are_read_by_index(db: Arc<Database>) {
    let mut cells = std::collections::BTreeMap::new();
    for day in 0..400 {
        for (dimension, key) in [(Dimension::Team, ""), (Dimension::Agent, "ada"), (Dimension::Agent, "bo")] {
            let mut cell = Cell::default();
            cell.add_count(Count::Created, 1);
            let (team, key) = ("support".to_owned(), key.to_owned());
            cells.insert(CellKey { grain: Grain::Day, dimension, day: ReportDay::new(day), team, key }, cell);
        }
    }
    let mut tx = db.store.begin().await.unwrap();
    tx.add_report_cells(&cells).await.unwrap();
    tx.commit().await.unwrap();
    let is_postgres = db.url.starts_with("postgres");
    if is_postgres {
        execute(&db.url, "VACUUM ANALYZE").await;
    }
    let sight = TicketSight::All;
    let all = CellQuery {
        grain: Grain::Day,
        dimension: Dimension::Agent,
        from: ReportDay::new(300),
        before: ReportDay::new(390),
        sight: &sight,
        team: None,
        key: None,
        by: CellGroup::Key,
        counts: &[Count::Created, Count::Solved],
        span: None,
    };
    let mut plans = String::new();
    for (what, query) in [
        ("by agent", all.clone()),
        ("by team", CellQuery { by: CellGroup::Team, dimension: Dimension::Team, ..all.clone() }),
        ("of a team", CellQuery { team: Some("support"), ..all.clone() }),
        ("of an agent", CellQuery { key: Some("ada"), by: CellGroup::Nothing, ..all.clone() }),
        ("times by agent", CellQuery { span: Some(Span::ResolutionOpen), ..all.clone() }),
        ("before", CellQuery { grain: Grain::Month, from: ReportDay::new(i64::MIN), ..all }),
    ] {
        let _ = writeln!(plans, "{what}");
        for step in db.store.explain_report(&query).await.unwrap() {
            assert!(!step.contains("Seq Scan") && !step.contains("SCAN report"), "{what}: {step}");
            // How Postgres puts the parts together differs between its versions, what it reads them by does not.
            if !is_postgres || step.contains("Scan") {
                let _ = writeln!(plans, "    {}", step.trim());
            }
        }
    }
    let steps = db.store.explain_added_cells().await.unwrap();
    let is_scan = |step: &String| step.contains("Seq Scan on report_cells") || step.starts_with("SCAN c");
    assert!(!steps.iter().any(is_scan), "{steps:?}");
    assert!(steps.iter().any(|step| step.contains("INDEX") || step.contains("Index")), "{steps:?}");
    insta::assert_snapshot!(if is_postgres { "report_plans_postgres" } else { "report_plans_sqlite" }, plans);
}

/// Puts the oldest closed tickets into the archive.
async fn archive(db: &Database, tickets: &[Ticket]) {
    let closed = tickets.iter().filter(|ticket| ticket.status == TicketStatus::Closed);
    let old: Vec<TicketId> = closed.take(5_000).map(|ticket| ticket.id.clone()).collect();
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.archive_tickets(&old, NOW).await.unwrap(), 5_000);
    tx.commit().await.unwrap();
    if db.url.starts_with("postgres") {
        execute(&db.url, "VACUUM ANALYZE").await;
    }
}

pub(crate) async fn bulk_jobs_are_read_by_index(db: Arc<Database>) {
    let mut tx = db.store.begin().await.unwrap();
    for n in 0..300 {
        let id = format!("j{n:03}");
        let writer = Writer::Person(UserId::new(format!("u{}", n % 30)));
        let state = if n % 100 == 0 { BulkJobState::Running } else { BulkJobState::Finished };
        let job = BulkJob { writer, state, ..crate::bulk_job::job(&id) };
        tx.insert_bulk_job(&job).await.unwrap();
        let tickets: Vec<TicketId> = (0..60).map(|n| TicketId::new(format!("t{n}"))).collect();
        tx.insert_bulk_tickets(&job.id, 1, &tickets).await.unwrap();
    }
    tx.commit().await.unwrap();
    let is_postgres = db.url.starts_with("postgres");
    if is_postgres {
        execute(&db.url, "UPDATE bulk_job_tickets SET state = 'done' WHERE position > 20").await;
        execute(&db.url, "VACUUM ANALYZE").await;
    }
    let mut plans = String::new();
    for (what, steps) in db.store.explain_bulk_jobs().await.unwrap() {
        let _ = writeln!(plans, "{what}");
        for step in steps {
            let is_scan = step.contains("Seq Scan") || (step.starts_with("SCAN") && !step.contains("USING"));
            assert!(!is_scan && !step.contains("TEMP B-TREE"), "{what}: {step}");
            // How Postgres puts the parts together differs between its versions, what it reads them by does not.
            if !is_postgres || step.contains("Scan") {
                let _ = writeln!(plans, "    {}", step.trim());
            }
        }
    }
    insta::assert_snapshot!(if is_postgres { "bulk_plans_postgres" } else { "bulk_plans_sqlite" }, plans);
}
