//! Lists of tickets by filter, and the views that people keep.

use axum::http::Method;
use domain::{Principal, Role, Scope};
use serde_json::{Value, json};
use tests::TestApp;

/// Opens tickets, one an hour, the later ones with tags and a higher priority; gives their numbers.
async fn open_tickets(app: &TestApp, key: &str, n: usize) -> Vec<i64> {
    let mut numbers = vec![];
    for n in 0..n {
        let conversation = app.conversation().await;
        let form = json!({ "email": format!("c{n}@example.org"), "message": format!("Help {n}") });
        let number = app.hand_off(&conversation, form).await;
        if n >= 2 {
            let id = app.ticket(key, number).await["id"].as_str().unwrap().to_owned();
            let change = Some(json!({ "priority": "high", "tags": ["late"] }));
            app.send(Method::PATCH, &format!("/api/v1/tickets/{id}"), Some(key), change, &[])
                .await
                .expect(200);
        }
        numbers.push(number);
        app.clock.advance(3_600);
    }
    numbers
}

fn numbers(page: &Value) -> Vec<i64> {
    page["tickets"].as_array().unwrap().iter().map(|ticket| ticket["number"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_list_is_what_its_filter_says_in_pages() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let all = open_tickets(&app, &key, 5).await;
    let list = |query: &str| {
        let path = format!("/api/v1/tickets?{query}");
        let (app, key) = (&app, &key);
        async move { app.get(&path, Some(key)).await.expect(200).json() }
    };
    for (query, expected) in [
        ("", vec![all[4], all[3], all[2], all[1], all[0]]),
        ("filter=priority%3E%3Dhigh", vec![all[4], all[3], all[2]]),
        ("filter=-tag:late&sort=created", vec![all[0], all[1]]),
        ("filter=created%3E-150min", vec![all[4], all[3]]),
        ("filter=customer:c1@example.org%20or%20customer:c3@example.org", vec![all[3], all[1]]),
        ("filter=priority:high&tag=late&status=new&limit=1&sort=-priority", vec![all[4]]),
        ("filter=status:closed", vec![]),
        ("filter=status:new&group_by=priority&sort=created", vec![all[2], all[3], all[4], all[0], all[1]]),
    ] {
        assert_eq!(numbers(&list(query).await), expected, "{query}");
    }
    let mut found = vec![];
    let mut next = String::new();
    loop {
        let page = list(&format!("sort=priority&limit=2{next}")).await;
        found.extend(numbers(&page));
        let Some(place) = page["next"].as_str() else { break };
        next = format!("&after={place}");
    }
    assert_eq!(found, [all[0], all[1], all[2], all[3], all[4]]);
    let counted = app.get("/api/v1/tickets/count?filter=tag:late", Some(&key)).await.expect(200).json();
    assert_eq!(counted, json!({ "n": 3, "is_exact": true }));
}

#[tokio::test]
async fn a_list_that_cannot_be_is_refused_with_the_place() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    open_tickets(&app, &key, 2).await;
    for (query, status, detail) in [
        ("filter=status:open%20sttus:new", 422, "at character 13"),
        ("filter=1%3D1", 422, "write field:value"),
        ("filter=tag:%22x%22%29%3B%20DROP%20TABLE%20tickets", 422, "parenthesis"),
        ("sort=customer", 400, "sort"),
        ("sort=id;DROP%20TABLE%20tickets", 400, "sort"),
        ("group_by=tag", 400, "group_by"),
        ("group_by=team", 422, "unsolved"),
        ("after=nonsense", 422, "next of the page before"),
        ("after=1.2.3.4", 422, "next of the page before"),
        ("view=nowhere", 404, ""),
    ] {
        let refused = app.get(&format!("/api/v1/tickets?{query}"), Some(&key)).await.problem(status);
        assert!(refused["detail"].as_str().unwrap().contains(detail), "{query}: {refused}");
    }
    // A field that is not there is refused wherever a filter is taken: its negation would admit everything.
    let unknown = "filter: there is no field \"nope\"";
    for path in ["tickets", "tickets/count", "tickets/search?q=x", "customers", "customers/count"] {
        let sign = if path.contains('?') { '&' } else { '?' };
        for filter in ["field.nope:1", "-field.nope:1", "tag:x or (tag:y -field.nope:none)"] {
            let path = format!("/api/v1/{path}{sign}filter={}", filter.replace(' ', "%20"));
            assert_eq!(app.get(&path, Some(&key)).await.problem(422)["detail"], unknown, "{path}");
        }
    }
    let actions = json!([{ "type": "set_priority", "priority": "high" }]);
    for (path, rest) in [
        ("bulk-jobs", json!({ "actions": actions })),
        ("bulk-jobs/preview", json!({ "actions": actions })),
        ("views", json!({ "name": "V", "sharing": "everyone" })),
        ("segments", json!({ "key": "s", "name": "S" })),
    ] {
        let mut body = rest;
        body["filter"] = json!("-field.nope:1");
        let refused = app.post(&format!("/api/v1/{path}"), Some(&key), body).await.problem(422);
        assert_eq!(refused["detail"], unknown, "{path}");
    }
    // A quoted value is a value, whatever it says.
    let hostile = "filter=tag:%22x%27%20or%20%271%27%3D%271%22";
    let page = app.get(&format!("/api/v1/tickets?{hostile}"), Some(&key)).await.expect(200).json();
    assert!(numbers(&page).is_empty());
}

#[tokio::test]
async fn pages_neither_repeat_nor_miss_what_stays_while_tickets_come_and_go() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let stable = open_tickets(&app, &key, 6).await;
    let mut found = vec![];
    let mut next = String::new();
    loop {
        let page = app.get(&format!("/api/v1/tickets?limit=2{next}"), Some(&key)).await.expect(200).json();
        found.extend(numbers(&page));
        let Some(place) = page["next"].as_str() else { break };
        next = format!("&after={place}");
        open_tickets(&app, &key, 1).await;
    }
    found.sort_unstable();
    assert_eq!(found, stable);
}

#[tokio::test]
async fn views_count_and_are_whom_they_are_shared_with() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    open_tickets(&app, &key, 3).await;
    app.post("/api/v1/teams", Some(&key), json!({ "key": "sales", "name": "Sales" })).await.expect(201);
    let new = |name: &str, sharing: Value| {
        let mut view =
            json!({ "name": name, "filter": "status:new,open  priority>normal", "sort": "-updated" });
        view.as_object_mut().unwrap().extend(sharing.as_object().unwrap().clone());
        view
    };
    let everyones = new("Pressing", json!({ "sharing": "everyone", "group_by": "priority" }));
    let everyones = app.post("/api/v1/views", Some(&key), everyones).await.expect(201).json();
    assert_eq!(everyones["filter"], "status:new,open priority:high,urgent");
    assert_eq!(everyones["columns"][0], "subject");
    let sales = new("Sales", json!({ "sharing": "team", "team": "sales", "position": -1 }));
    app.post("/api/v1/views", Some(&key), sales).await.expect(201);

    for (body, status) in [
        (new("x", json!({ "sharing": "private" })), 422),
        (new("x", json!({ "sharing": "team" })), 400),
        (new("x", json!({ "sharing": "team", "team": "nowhere" })), 422),
        (new("x", json!({ "sharing": "everyone", "team": "sales" })), 400),
        (new("x", json!({ "sharing": "everyone", "filter": "colour:red" })), 422),
        (new("x", json!({ "sharing": "everyone", "filter": "team:sales", "group_by": "team" })), 422),
        (new("x", json!({ "sharing": "everyone", "columns": ["secret"] })), 400),
        (new("x", json!({ "sharing": "everyone", "owner_id": "u" })), 400),
        (new(" ", json!({ "sharing": "everyone" })), 422),
        (new("x", json!({ "sharing": "everyone", "filter": format!("{}x:1", "(".repeat(20)) })), 422),
    ] {
        app.post("/api/v1/views", Some(&key), body.clone()).await.problem(status);
    }

    // A key that may only read one team's tickets has everybody's views, not another team's, and changes none.
    let reader = app.key_of_teams(&[Scope::TicketsRead], Some(&["support"])).await;
    let views = app.get("/api/v1/views?counts=true", Some(&reader)).await.expect(200).json();
    let views = views["views"].as_array().unwrap().clone();
    assert_eq!(views.len(), 1);
    assert_eq!(views[0]["count"], json!({ "n": 1, "is_exact": true }));
    let path = format!("/api/v1/views/{}", everyones["id"].as_str().unwrap());
    app.send(Method::PATCH, &path, Some(&reader), Some(json!({ "name": "Mine" })), &[]).await.problem(403);
    app.send(Method::DELETE, &path, Some(&reader), None, &[]).await.problem(403);

    let listed = format!("/api/v1/tickets?view={}", everyones["id"].as_str().unwrap());
    assert_eq!(numbers(&app.get(&listed, Some(&reader)).await.expect(200).json()), [3]);

    let stale = [("if-match", "\"9\"")];
    let change = Some(json!({ "filter": "", "group_by": null, "sharing": "team", "team": "sales" }));
    app.send(Method::PATCH, &path, Some(&key), change.clone(), &stale).await.problem(412);
    let changed = app.send(Method::PATCH, &path, Some(&key), change, &[]).await.expect(200).json();
    assert_eq!((changed["revision"].as_i64(), changed["team"].as_str()), (Some(2), Some("sales")));
    app.get(&path, Some(&app.key(&[Scope::TicketsRead]).await)).await.expect(200);
    app.get(&path, Some(&reader)).await.problem(404);
}

#[tokio::test]
async fn a_private_view_is_its_owners_and_me_is_who_asks() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let numbers = open_tickets(&app, &key, 2).await;
    let ada = app.ada().await;
    let Principal::Staff { id: ada_id, .. } = &ada else { panic!("Ada is staff") };
    let bo = app
        .desk()
        .create_user(&Principal::System, "Bo", "bo@askwell.example", Role::Agent, None)
        .await
        .unwrap();
    let bo = Principal::staff(bo.id, Role::Agent);
    let ticket = app.ticket(&key, numbers[0]).await["id"].as_str().unwrap().to_owned();
    let change = Some(json!({ "assignee_id": ada_id.to_string() }));
    app.send(Method::PATCH, &format!("/api/v1/tickets/{ticket}"), Some(&key), change, &[]).await.expect(200);
    let new = desk::NewView {
        name: "Mine".to_owned(),
        filter: "assignee:me".to_owned(),
        sort: domain::TicketSort::NEWEST,
        group_by: None,
        columns: vec![],
        sharing: desk::ShareWith::Nobody,
        position: 0,
    };
    let view = app.desk().create_view(&ada, new.clone()).await.unwrap();
    let counts = app.desk().count_views(&ada).await.unwrap();
    assert_eq!(
        counts
            .iter()
            .map(|(view, count)| (view.name.as_str(), count.expect("counted").n))
            .collect::<Vec<_>>(),
        [("Mine", 1)]
    );
    assert!(matches!(app.desk().view(&bo, &view.id).await, Err(desk::DeskError::NotFound)));
    assert!(matches!(app.desk().delete_view(&bo, &view.id).await, Err(desk::DeskError::NotFound)));
    let everyones = desk::NewView { sharing: desk::ShareWith::Everyone, ..new };
    assert!(matches!(app.desk().create_view(&bo, everyones).await, Err(desk::DeskError::Forbidden)));
    app.desk().delete_view(&ada, &view.id).await.unwrap();
    assert!(app.desk().list_views(&ada).await.unwrap().is_empty());
}

#[tokio::test]
async fn of_very_many_views_the_first_hundred_are_counted() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for (team, from) in [("sales", 0), ("billing", 60)] {
        app.post("/api/v1/teams", Some(&key), json!({ "key": team, "name": team })).await.expect(201);
        let of_team = app.key_of_teams(&[Scope::TicketsRead, Scope::TicketsWrite], Some(&[team])).await;
        for n in from..from + 60 {
            let view = json!({
                "name": format!("View {n}"), "filter": "status:new", "sharing": "team", "team": team, "position": n,
            });
            app.post("/api/v1/views", Some(&of_team), view).await.expect(201);
        }
    }
    let listed = app.get("/api/v1/views?counts=true", Some(&key)).await.expect(200).json();
    let views = listed["views"].as_array().unwrap();
    assert_eq!(views.len(), 120);
    let n_counted = views.iter().take_while(|view| !view["count"].is_null()).count();
    assert_eq!(n_counted, 100);
    assert!(views[100..].iter().all(|view| view["count"].is_null()), "{listed}");
}
