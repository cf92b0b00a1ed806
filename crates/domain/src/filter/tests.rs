//! What a filter says, refuses and admits.

use proptest::prelude::*;

use super::*;
use crate::{Channel, ConversationId, FieldValue, Ticket, TicketId};

fn parsed(text: &str) -> Filter {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn what_people_write_has_one_spelling() {
    for (written, shown) in [
        ("", ""),
        ("  status:open  ", "status:open"),
        ("status=open,new", "status:new,open"),
        ("priority>=high", "priority:high,urgent"),
        ("priority<normal", "priority:low"),
        ("priority!=urgent", "-priority:urgent"),
        ("not status:closed", "-status:closed"),
        ("- status:closed", "-status:closed"),
        ("status:open AND team:mine", "status:open team:mine"),
        ("status:open or team:mine assignee:me", "status:open or team:mine assignee:me"),
        ("status:open or (team:mine or (assignee:me))", "status:open or team:mine or assignee:me"),
        ("status:open (team:mine (assignee:me))", "status:open team:mine assignee:me"),
        ("(status:open or team:mine) assignee:none", "(status:open or team:mine) assignee:none"),
        ("((status:open))", "status:open"),
        ("assignee:Ada@Example.org", "assignee:ada@example.org"),
        ("customer:01ABC,none", "customer:01ABC,none"),
        ("organisation:\"Acme Inc\",none", "organisation:\"Acme Inc\",none"),
        ("tag:\"Needs  Review\",vip,none", "tag:needs-review,vip,none"),
        ("tag:\"a\\\"b\"", "tag:\"a\\\"b\""),
        ("created>-7d", "created>-1w"),
        ("created>-36h", "created>-36h"),
        ("updated<-90min", "updated<-90min"),
        ("created:2026-11-21", "created:2026-11-21"),
        ("created>=2026-02", "created>=2026-02"),
        ("solved:last_week", "solved:last_week"),
        ("solved:none", "solved:none"),
        ("snoozed:none", "snoozed:none"),
        ("-snoozed:none snoozed<2026-12", "-snoozed:none snoozed<2026-12"),
        ("follower:me,none,01ABC", "follower:me,none,01ABC"),
        ("status:vendor,on_ship", "status:on_ship,vendor"),
        ("status:vendor,open", "status:open or status:vendor"),
        ("-status:vendor,open", "-(status:open or status:vendor)"),
        ("status:vendor,open team:mine", "(status:open or status:vendor) team:mine"),
        ("sla:warned,breached,none", "sla:none,warned,breached"),
        ("-sla:none", "-sla:none"),
        ("due<+120min", "due<+2h"),
        ("due<now", "due<now"),
        ("due>-0h due<=+0d", "due>now due<=now"),
        ("due:none", "due:none"),
        ("due:today", "due:today"),
        ("number>100", "number>100"),
        ("channel:chat,api", "channel:chat,api"),
        ("locale:pt-BR", "locale:pt-BR"),
        ("field.plan:pro,\"two words\",none", "field.plan:pro,\"two words\",none"),
        ("field.amount>=012.50", "field.amount>=12.5"),
        ("field.due<2026-11", "field.due<2026-11"),
        ("-(status:open or status:new)", "-(status:open or status:new)"),
    ] {
        assert_eq!(parsed(written).to_string(), shown, "{written}");
        assert_eq!(parsed(shown), parsed(written), "{written}");
    }
}

#[test]
fn a_refusal_says_where_and_what_would_be_right() {
    for (written, at, message) in [
        ("colour:red", 1, "there is no field \"colour\""),
        ("status:open sttus:new", 13, "there is no field \"sttus\""),
        ("refund", 1, "write field:value"),
        ("field.:x", 1, "write field. and the key"),
        ("field.2x:x", 1, "write field. and the key"),
        ("field.Plan:x", 1, "write field:value"),
        ("field.due>soon", 11, "compare with a number or a day"),
        ("field.due>-7d", 11, "compare with a number or a day"),
        ("field:x", 1, "there is no field \"field\""),
        ("status:", 8, "a value is missing"),
        ("status:\"no status\"", 8, "a status is one of new, open"),
        ("status>lost", 1, "status is equal or not"),
        ("follower:ada@example.org", 10, "a follower is me, none or an id"),
        ("status>open", 1, "status is equal or not"),
        ("priority>urgent", 10, "no priority is that high"),
        ("priority>low,high", 10, "compare with one priority"),
        ("team:\"no key\"", 6, "a team is mine"),
        ("channel:Chat", 9, "a channel is a key"),
        ("channel>chat", 1, "channel is equal or not"),
        ("assignee:\"Robert'); DROP TABLE tickets\"", 10, "an assignee is me"),
        ("created:-7d", 9, "compare with a relative time"),
        ("created>7d", 9, "a time is -7d"),
        ("created>-7y", 9, "a time is -7d"),
        ("due<+2y", 5, "a time is -7d or +2h"),
        ("due<2h", 5, "a time is -7d or +2h"),
        ("due:now", 5, "compare with a relative time"),
        ("due:+2h", 5, "compare with a relative time"),
        ("sla:late", 5, "what is promised is one of none, met, paused, running, warned, breached"),
        ("sla>met", 1, "sla is equal or not"),
        ("created>-99999999999999999999d", 9, "a time is -7d"),
        ("created>-999999999999d", 9, "a time is -7d"),
        ("created>--7d", 9, "a time is -7d"),
        ("created:2026-02-30", 9, "a time is -7d"),
        ("created:2026-11-21,2026-11-22", 9, "write one value here"),
        ("number:one", 8, "a number is a whole number"),
        ("(status:open", 13, "a closing parenthesis is missing"),
        ("status:open)", 12, "a closing parenthesis without"),
        ("()", 3, "nothing stands between"),
        ("status:open or", 15, "a condition is missing beside"),
        ("or status:open", 3, "a condition is missing beside"),
        ("status:open and", 16, "a condition is missing after \"and\""),
        ("-", 2, "a condition is missing after the negation"),
        ("not or status:open", 5, "a condition is missing after the negation"),
        ("tag:\"open", 10, "a closing quote is missing"),
        ("tag:a,,b", 7, "a value is missing"),
        ("größe:1", 1, "write field:value"),
    ] {
        let error = written.parse::<Filter>().expect_err(written);
        assert_eq!(error.at, at, "{written}: {error}");
        assert!(error.message.starts_with(message), "{written}: {error}");
    }
    let deep = format!("{}status:open{}", "(".repeat(20), ")".repeat(20));
    let many = "status:open ".repeat(60);
    let values = format!("tag:{}", ["x"; 200].join(","));
    let long = format!("tag:{}", "x".repeat(5_000));
    for (written, message) in [
        (deep, "nested deeper"),
        ("-".repeat(3_000), "nested deeper"),
        (many, "more than 50 conditions"),
        (values, "more than 100 values"),
        (long, "longer than"),
    ] {
        assert!(written.parse::<Filter>().expect_err("refused").message.starts_with(message), "{message}");
    }
}

fn ticket() -> Ticket {
    Ticket {
        number: 7,
        status: TicketStatus::Open,
        priority: Priority::High,
        tags: vec![Tag::parse("vip").unwrap()],
        fields: [
            ("plan".to_owned(), FieldValue::Choice("pro".to_owned())),
            ("amount".to_owned(), FieldValue::Decimal("12.50".parse().unwrap())),
            ("due".to_owned(), FieldValue::Date(jiff::civil::date(2026, 11, 21))),
            ("parts".to_owned(), FieldValue::Choices(["disk".to_owned(), "fan".to_owned()].into())),
            ("gift".to_owned(), FieldValue::Checkbox(true)),
        ]
        .into(),
        assignee_id: Some(UserId::new("ada")),
        organisation_id: Some(OrganisationId::new("acme")),
        conversation_id: Some(ConversationId::new("c")),
        updated_at: at("2026-11-21T12:00:00Z"),
        handling: crate::Handling {
            custom_status: Some("vendor".to_owned()),
            snoozed_until: Some(at("2026-11-23T08:00:00Z")),
            followers: [UserId::new("ada"), UserId::new("bo")].into(),
            ..crate::Handling::default()
        },
        ..Ticket::new(
            TicketId::new("t"),
            "billing".to_owned(),
            Channel::chat(),
            Locale::english(),
            at("2026-11-20T23:30:00Z"),
        )
    }
}

/// Something is due in an hour, and was warned of.
fn warned() -> crate::SlaSummary {
    crate::SlaSummary { standing: crate::SlaStanding::Warned, due_at: Some(at("2026-11-21T14:00:00Z")) }
}

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

/// Ada, on a Saturday in Berlin, where the ticket of [`ticket`] was opened on that day.
fn ctx() -> FilterContext {
    FilterContext {
        now: at("2026-11-21T13:00:00Z"),
        time_zone: TimeZone::get("Europe/Berlin").unwrap(),
        me: Some(UserId::new("ada")),
        my_teams: BTreeSet::from(["billing".to_owned()]),
    }
}

#[test]
fn a_filter_admits_what_it_says() {
    let ticket = ticket();
    let facts = Facts {
        ticket: &ticket,
        assignee_email: Some("ada@askwell.example"),
        customer_emails: &[],
        organisation_name: Some("Acme Inc"),
        sla: warned(),
    };
    for (written, expected) in [
        ("", true),
        ("status:open,new", true),
        ("status:vendor", true),
        ("status:vendor,closed", true),
        ("status:other", false),
        ("-status:vendor,closed", false),
        ("snoozed:none", false),
        ("-snoozed:none", true),
        ("snoozed>today", true),
        ("snoozed:today", false),
        ("sla:warned", true),
        ("sla:breached,running", false),
        ("-sla:none", true),
        ("due<+2h", true),
        ("due<+30min", false),
        ("due>now due<=+90min", true),
        ("due<now", false),
        ("due:today", true),
        ("due:none", false),
        ("follower:me", true),
        ("follower:bo", true),
        ("follower:none", false),
        ("follower:cy", false),
        ("-status:open", false),
        ("priority>normal", true),
        ("team:mine", true),
        ("team:support,sales", false),
        ("assignee:me", true),
        ("assignee:none", false),
        ("assignee:ada@askwell.example", true),
        ("customer:none", true),
        ("customer:cy@example.org", false),
        ("organisation:none", false),
        ("organisation:acme", true),
        ("organisation:\"Acme Inc\",none", true),
        ("-organisation:\"acme inc\"", true),
        ("tag:vip,other", true),
        ("tag:none", false),
        ("-tag:none", true),
        ("channel:chat,api", true),
        ("channel:api", false),
        ("-channel:api", true),
        ("locale:en", true),
        ("locale:en-GB", false),
        ("number>=7 number<8", true),
        ("number!=7", false),
        ("created:today", true),
        ("created:yesterday", false),
        ("created:2026-11-21", true),
        ("created<2026-11-21", false),
        ("created<=2026-11-20", false),
        ("created:2026-11", true),
        ("created:this_week", true),
        ("created:last_week", false),
        ("created:this_month", true),
        ("created:last_month", false),
        ("updated>-1h", false),
        ("updated>=-1h", true),
        ("updated>-61min", true),
        ("updated<-2h", false),
        ("solved:none", true),
        ("-solved:none", false),
        ("solved<2027-01-01", false),
        ("-solved<2027-01-01", true),
        ("status:closed or (team:mine -tag:spam)", true),
        ("field.plan:pro,free", true),
        ("field.plan:none", false),
        ("-field.plan:free", true),
        ("field.other:none", true),
        ("field.other>0", false),
        ("-field.other>0", true),
        ("field.amount>=12.5 field.amount<=12.5", true),
        ("field.amount>12.5", false),
        ("field.amount:12.5", true),
        ("field.due<=today", true),
        ("field.due<today", false),
        ("field.due>=2026-11 field.due<2026-12-01", true),
        ("field.due:2026-11-21", true),
        ("field.parts:fan", true),
        ("field.parts:fan field.parts:none", false),
        ("field.gift:true", true),
    ] {
        assert_eq!(parsed(written).matches(facts, &ctx()), expected, "{written}");
    }
    let nobody = FilterContext::nobody(ctx().now);
    assert!(!parsed("assignee:me").matches(facts, &nobody));
    assert!(!parsed("team:mine").matches(facts, &nobody));
    assert!(parsed("created:yesterday").matches(facts, &nobody), "in UTC it was opened the day before");
    let unowned = Ticket { assignee_id: None, ..ticket.clone() };
    let facts = Facts {
        ticket: &unowned,
        assignee_email: None,
        customer_emails: &[],
        organisation_name: Some("Acme Inc"),
        sla: warned(),
    };
    assert!(!parsed("assignee:me").matches(facts, &nobody), "nobody is not who asks");
}

#[test]
fn days_are_as_long_as_the_clocks_say() {
    let berlin = |now: &str| FilterContext { now: at(now), ..ctx() };
    let hours = |ctx: &FilterContext| {
        let (from, to) = ctx.bounds(Comparison::Is, Moment::During(Period::Today)).unwrap();
        (to.unwrap().0 - from.unwrap().0) / 3_600_000
    };
    assert_eq!(hours(&berlin("2026-03-29T10:00:00Z")), 23);
    assert_eq!(hours(&berlin("2026-10-25T10:00:00Z")), 25);
    assert_eq!(hours(&berlin("2028-02-29T10:00:00Z")), 24);
}

#[test]
fn a_filter_for_unsolved_tickets_is_known_as_one() {
    for (written, expected) in [
        ("status:open,new", true),
        ("team:mine status:pending", true),
        ("status:open,solved", false),
        ("status:open or team:mine", false),
        ("-status:open", false),
        ("-snoozed:none", true),
        ("snoozed:none", false),
        ("snoozed<2026-12", true),
        ("due<now", true),
        ("-due:none", true),
        ("due:none", false),
        ("sla:running,warned", true),
        ("sla:breached", false),
        ("sla:paused,running", false),
        ("status:vendor", false),
        ("", false),
    ] {
        assert_eq!(parsed(written).is_unsolved_only(), expected, "{written}");
    }
}

fn conditions() -> impl Strategy<Value = Condition> {
    let moment = prop_oneof![
        (0_i64..10_000).prop_map(|minutes| Moment::Ago(minutes * 60_000)),
        (1_i64..10_000).prop_map(|minutes| Moment::Ahead(minutes * 60_000)),
        prop::sample::select(Period::NAMED.to_vec()).prop_map(|(_, period)| Moment::During(period)),
        (1_i16..=9999, 1_i8..=12, 1_i8..=28)
            .prop_map(|(y, m, d)| Moment::During(Period::Day(jiff::civil::date(y, m, d)))),
        (1_i16..=9999, 1_i8..=12)
            .prop_map(|(y, m)| Moment::During(Period::Month(jiff::civil::date(y, m, 1)))),
    ];
    let field = prop::sample::select(vec![
        TimeField::Created,
        TimeField::Updated,
        TimeField::Solved,
        TimeField::Snoozed,
        TimeField::Due,
    ]);
    let comparison = prop::sample::select(vec![
        Comparison::Is,
        Comparison::Less,
        Comparison::AtMost,
        Comparison::More,
        Comparison::AtLeast,
    ]);
    let tag = prop::option::of("[a-zé\"(\\\\)]{1,5}")
        .prop_map(|text| text.filter(|text| text != "none").and_then(|text| Tag::parse(&text)));
    prop_oneof![
        (comparison.clone(), any::<i64>()).prop_map(|(comparison, n)| Condition::Number(comparison, n)),
        prop::sample::subsequence(TicketStatus::ALL.to_vec(), 1..4)
            .prop_map(|set| Condition::Status(set.into_iter().collect())),
        prop::collection::btree_set("own_[a-z0-9]{1,5}", 1..3).prop_map(Condition::CustomStatus),
        prop::collection::vec(
            prop_oneof![
                Just(AgentRef::Me),
                Just(AgentRef::None),
                "[A-Z0-9]{6}".prop_map(|id| AgentRef::Id(UserId::new(id)))
            ],
            1..3
        )
        .prop_map(Condition::Follower),
        prop::sample::subsequence(crate::SlaStanding::ALL.to_vec(), 1..4)
            .prop_map(|set| Condition::Sla(set.into_iter().collect())),
        prop::sample::subsequence(Priority::ALL.to_vec(), 1..4)
            .prop_map(|set| Condition::Priority(set.into_iter().collect())),
        prop::collection::vec(prop_oneof![Just(TeamRef::Mine), "[a-l_-]{1,8}".prop_map(TeamRef::Key)], 1..3)
            .prop_map(Condition::Team),
        prop::collection::vec(
            prop_oneof![
                Just(AgentRef::Me),
                Just(AgentRef::None),
                "[A-Z0-9]{6}".prop_map(|id| AgentRef::Id(UserId::new(id))),
                "[a-z]{1,5}@[a-z]{1,5}".prop_map(AgentRef::Email)
            ],
            1..3
        )
        .prop_map(Condition::Assignee),
        prop::collection::vec(tag, 1..3).prop_map(Condition::Tag),
        prop::collection::vec("[a-z0-9_-]{1,6}".prop_map(|key| Channel::parse(&key).unwrap()), 1..3)
            .prop_map(Condition::Channel),
        prop::collection::vec(
            prop_oneof![Just(OrganisationRef::None), "[A-Z \",]{1,6}".prop_map(OrganisationRef::Named)],
            1..3
        )
        .prop_map(Condition::Organisation),
        (comparison.clone(), any::<i32>()).prop_filter_map("compared", |(comparison, n)| {
            let number = crate::Decimal::from_millionths(i64::from(n));
            (comparison != Comparison::Is)
                .then(|| Condition::Field("amount".to_owned(), FieldTest::Number(comparison, number)))
        }),
        prop::collection::vec(
            prop::option::of("[a-z \",]{1,6}".prop_filter("none", |text| text != "none")),
            1..3
        )
        .prop_map(|wanted| Condition::Field("plan".to_owned(), FieldTest::OneOf(wanted))),
        (field, comparison, moment).prop_filter_map(
            "a relative time is compared",
            |(field, comparison, moment)| {
                let is_vague =
                    comparison == Comparison::Is && matches!(moment, Moment::Ago(_) | Moment::Ahead(_));
                (!is_vague).then_some(Condition::Time(field, comparison, moment))
            }
        ),
    ]
}

fn filters() -> impl Strategy<Value = Filter> {
    conditions().prop_map(Filter::Is).prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Any),
            inner.prop_map(|part| Filter::Not(Box::new(part))),
        ]
    })
}

/// Groups within groups, as deep as is allowed: what was accepted can be read back.
#[test]
fn the_deepest_filter_is_read_back() {
    let mut text = "status:open".to_owned();
    let mut accepted = 0;
    for n in 0..12 {
        let between = if n % 2 == 0 { " or " } else { " " };
        text = format!("tag:a{between}tag:b ({text})");
        if let Ok(filter) = text.parse::<Filter>() {
            assert_eq!(filter.to_string().parse::<Filter>(), Ok(filter), "{text}");
            accepted += 1;
        }
    }
    assert!(accepted >= DEPTH_MAX - 1, "{accepted}");
}

proptest! {
    #[test]
    fn a_shown_filter_is_the_same_filter(filter in filters()) {
        let shown = filter.to_string();
        let again = shown.parse::<Filter>();
        prop_assert!(again.is_ok(), "{}: {:?}", shown, again);
        let again = again.unwrap();
        prop_assert_eq!(again.to_string().parse::<Filter>(), Ok(again.clone()));
        let ticket = ticket();
        let facts = Facts { ticket: &ticket, assignee_email: Some("ada@askwell.example"), customer_emails: &[], organisation_name: Some("Acme Inc"), sla: warned() };
        prop_assert_eq!(again.matches(facts, &ctx()), filter.matches(facts, &ctx()), "{}", shown);
    }

    #[test]
    fn any_text_is_a_filter_or_refused(text in "\\PC{0,80}") {
        if let Ok(filter) = text.parse::<Filter>() {
            prop_assert_eq!(filter.to_string().parse::<Filter>(), Ok(filter));
        }
    }

    #[test]
    fn nearly_a_filter_is_a_filter_or_refused(text in "([a-z]{1,9}|status|tag|-|not|or|and|\\(|\\)|:|>=|\"|,|open| ){0,20}") {
        if let Ok(filter) = text.parse::<Filter>() {
            prop_assert_eq!(filter.to_string().parse::<Filter>(), Ok(filter));
        }
    }
}
