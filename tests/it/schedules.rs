//! Schedules and absences, as admins and integrators set them.

use axum::http::Method;
use domain::{Principal, Role, Scope};
use serde_json::{Value, json};
use tests::TestApp;

/// Monday to Friday, nine to five, in Berlin, without New Year's Day.
fn office() -> Value {
    let day = json!([{ "from": "09:00", "to": "17:00" }]);
    json!({
        "name": "Office", "zone": "Europe/Berlin",
        "hours": { "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day },
        "holidays": [{ "date": "2026-01-01", "name": "New Year" }],
    })
}

fn with(mut schedule: Value, field: &str, value: Value) -> Value {
    schedule[field] = value;
    schedule
}

#[tokio::test]
async fn a_schedule_is_kept_as_it_is_written_and_says_when_it_opens() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let made = app.post("/api/v1/schedules", Some(&key), office()).await.expect(201);
    assert_eq!(made.header("etag"), "\"1\"");
    let made = made.json();
    // The tests begin on New Year's Day, a Thursday.
    assert_eq!((&made["is_open"], &made["next_opening_at"]), (&json!(false), &json!("2026-01-02T08:00:00Z")));
    assert_eq!(made["hours"]["saturday"], json!([]));
    assert_eq!(made["holidays"], office()["holidays"]);
    let path = format!("/api/v1/schedules/{}", made["id"].as_str().unwrap());
    assert_eq!(app.get(&path, Some(&key)).await.expect(200).json(), made);

    let nights = with(office(), "hours", json!({ "friday": [{ "from": "22:00", "to": "24:00" }] }));
    let put = |body: Value, etag: &'static str| {
        let (app, path, key) = (&app, &path, &key);
        async move { app.send(Method::PUT, path, Some(key), Some(body), &[("if-match", etag)]).await }
    };
    let changed = put(nights.clone(), "\"1\"").await.expect(200).json();
    assert_eq!(changed["next_opening_at"], "2026-01-02T21:00:00Z");
    assert_eq!(put(nights, "\"1\"").await.problem(412)["current_revision"], 2);
    let listed = app.get("/api/v1/schedules", Some(&key)).await.expect(200).json();
    assert_eq!(listed["schedules"], json!([changed]));
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.expect(204);
    app.send(Method::DELETE, &path, Some(&key), None, &[]).await.problem(404);
    app.get(&path, Some(&key)).await.problem(404);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_the_field_and_the_reason() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let overlap =
        json!({ "monday": [{ "from": "09:00", "to": "13:00" }, { "from": "12:00", "to": "17:00" }] });
    for (field, value, part) in [
        ("zone", json!("Europe/Atlantis"), "there is no time zone"),
        ("hours", overlap, "09:00 to 13:00 and 12:00 to 17:00 of the same day overlap"),
        ("hours", json!({}), "open on at least one day"),
        ("hours", json!({ "monday": [{ "from": "17:00", "to": "09:00" }] }), "is empty"),
        ("hours", json!({ "monday": [{ "from": "9am", "to": "17:00" }] }), "not a time of day"),
        ("holidays", json!([{ "date": "2026-02-29" }]), "not a date"),
        ("holidays", json!([{ "date": "2026-05-01" }, { "date": "2026-05-01" }]), "twice"),
        ("name", json!(" "), "write something"),
    ] {
        let body = with(office(), field, value);
        let problem = app.post("/api/v1/schedules", Some(&key), body).await.problem(422);
        assert_eq!(problem["field"], field, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(part), "{problem}");
    }
    for (field, value) in [("id", json!("x")), ("hours", json!({ "someday": [] }))] {
        app.post("/api/v1/schedules", Some(&key), with(office(), field, value)).await.problem(400);
    }
    let listed = app.get("/api/v1/schedules", Some(&key)).await.expect(200).json();
    assert_eq!(listed["schedules"], json!([]));
    let agent = app.key(&[Scope::TicketsRead, Scope::TicketsWrite]).await;
    app.get("/api/v1/schedules", Some(&agent)).await.problem(403);
    app.post("/api/v1/schedules", Some(&agent), office()).await.problem(403);
}

#[tokio::test]
async fn people_are_absent_until_they_are_back() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let ada = app.ada().await;
    let Principal::Staff { id, .. } = &ada else { panic!("a person") };
    let path = format!("/api/v1/users/{id}/absences");
    let leave =
        json!({ "from": "2026-01-05T00:00:00+01:00", "to": "2026-01-10T00:00:00+01:00", "reason": "leave" });
    let made = app.post(&path, Some(&key), leave.clone()).await.expect(201).json();
    assert_eq!(made["from"], "2026-01-04T23:00:00Z");
    // Their own, without being an admin.
    let own = app.desk().list_absences(&ada, id).await.expect("their own");
    assert_eq!(own.len(), 1);
    let bo = app
        .desk()
        .create_user(&Principal::System, "Bo", "bo@askwell.example", Role::Agent, None)
        .await
        .expect("Bo is new");
    assert!(app.desk().list_absences(&ada, &bo.id).await.is_err(), "somebody else's");
    for (from, to, status) in [
        ("2026-01-10T00:00:00Z", "2026-01-05T00:00:00Z", 422),
        ("2025-01-05T00:00:00Z", "2025-01-06T00:00:00Z", 422),
        ("tomorrow", "2026-01-05T00:00:00Z", 400),
    ] {
        app.post(&path, Some(&key), json!({ "from": from, "to": to })).await.problem(status);
    }
    app.post("/api/v1/users/nobody/absences", Some(&key), leave).await.problem(404);
    app.get("/api/v1/users/nobody/absences", Some(&key)).await.problem(404);
    let of_bo = format!("/api/v1/users/{}/absences/{}", bo.id, made["id"].as_str().unwrap());
    app.send(Method::DELETE, &of_bo, Some(&key), None, &[]).await.problem(404);
    app.clock.advance(10 * 24 * 60 * 60);
    let over = app.get(&path, Some(&key)).await.expect(200).json();
    assert_eq!(over["absences"], json!([]));
    let of_ada = format!("{path}/{}", made["id"].as_str().unwrap());
    app.send(Method::DELETE, &of_ada, Some(&key), None, &[]).await.expect(204);
}
