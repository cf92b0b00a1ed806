//! Whatever happens, in whatever order, and however often it is counted in between: counted as it happened is counted from
//! nothing.

use axum::http::Method;
use domain::{Measure, Role};
use serde_json::{Value, json};
use tests::{Browser, PASSWORD, TestApp, bold};

use super::{count, teams};
use crate::databases::on_postgres;

/// Numbers that follow from a seed (SplitMix64, Steele et al. 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// All that reports tell, as files.
async fn everything(app: &TestApp, key: &str) -> Vec<(String, String)> {
    let mut files = vec![];
    for measure in Measure::ALL {
        let by = std::iter::once(String::new());
        let by = by.chain(measure.dimensions().iter().map(|by| format!("&by={}", by.as_str())));
        for by in by {
            for hours in ["wall", "business"] {
                let name = measure.as_str();
                let path = format!(
                    "/api/v1/reports/{name}?from=2026-01-01&to=2026-03-01&period=day&hours={hours}{by}&format=csv"
                );
                let file = app.get(&path, Some(key)).await.expect(200).text;
                files.push((path, file));
            }
        }
    }
    files
}

/// Something happens.
async fn happen(app: &TestApp, key: &str, random: &mut Random, agents: &[String], seen: &mut Vec<Value>) {
    let team = random.one(&["support", "billing"]);
    if seen.is_empty() || random.below(5) == 0 {
        let new = json!({
            "subject": "Fire", "body": "How do I reset my password?", "team": team,
            "priority": random.one(&["low", "normal", "high"]),
            "customer": { "email": format!("c{}@example.org", random.below(3)) },
        });
        seen.push(app.post("/api/v1/tickets", Some(key), new).await.expect(201).json());
        return;
    }
    let ticket = seen[random.below(seen.len())].clone();
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    let change = match random.below(10) {
        0 => json!({ "team": team }),
        1 => json!({ "assignee_id": random.one(&agents.iter().map(String::as_str).collect::<Vec<_>>()) }),
        2 => json!({ "assignee_id": null }),
        3 => json!({ "priority": random.one(&["low", "normal", "high", "urgent"]) }),
        4 => json!({ "tags": random.one(&[&[][..], &["vip"], &["vip", "refund"]]) }),
        5 | 6 => json!({ "status": random.one(&["open", "pending", "on_hold", "solved", "solved"]) }),
        7 => {
            app.write(key, &ticket, "reply", "Press the lever.").await;
            return;
        }
        8 => {
            let conversation = app.conversation().await;
            let said = app.ask(&conversation, "How do I reset my password?").await;
            if random.below(2) == 0 {
                app.feedback(&conversation, &said, random.one(&["helpful", "unhelpful"])).await;
            }
            if random.below(2) == 0 {
                let form = json!({ "email": "cy@example.org", "message": "Help." });
                let number = app.hand_off(&conversation, form).await;
                seen.push(app.ticket(key, number).await);
            }
            return;
        }
        _ => {
            let drafts =
                app.post(&format!("{path}/suggestions"), Some(key), json!({})).await.expect(200).json();
            if let Some(id) = drafts["suggestions"][0]["id"].as_str() {
                let outcome = Some(json!({ "outcome": random.one(&["used", "edited", "dismissed"]) }));
                let path = format!("/api/v1/suggestions/{id}/outcome");
                app.send(Method::PUT, &path, Some(key), outcome, &[]).await.expect(200);
            }
            return;
        }
    };
    app.send(Method::PATCH, &path, Some(key), Some(change), &[]).await.expect(200);
}

#[tokio::test]
async fn counted_as_it_happened_is_counted_from_nothing() {
    for seed in 1..=3 {
        check(seed, TestApp::start_with(bold()).await).await;
    }
}

#[tokio::test]
async fn counted_as_it_happened_is_counted_from_nothing_on_postgres() {
    on_postgres(async |config| check(4, TestApp::start_with(config).await).await).await;
}

async fn check(seed: u64, mut app: TestApp) {
    let mut random = Random(seed);
    let key = app.master_key().await;
    teams(&app, &key).await;
    app.publish(&key, PASSWORD).await;
    let agents = [app.person("Ada", Role::Agent).await, app.person("Dee", Role::Agent).await];
    let agents = agents.map(|id| id.to_string());
    let all = json!({ "first_reply_min": 60, "next_reply_min": 120, "resolution_min": 600 });
    let policy = json!({ "name": "All", "targets": { "normal": all, "high": { "first_reply_min": 10 } } });
    app.post("/api/v1/sla-policies", Some(&key), policy).await.expect(201);
    let mut seen = vec![];
    for n in 0..120 {
        happen(&app, &key, &mut random, &agents, &mut seen).await;
        app.clock.advance(i64::try_from(random.below(40_000)).unwrap());
        app.desk().tell_due_clocks().await.unwrap();
        if random.below(4) == 0 {
            count(&app).await;
        }
        if n == 60 {
            app.restart().await;
        }
    }
    count(&app).await;
    let verdict = app.desk().verify_reports().await.unwrap();
    assert!(verdict.is_clean() && verdict.n_compared > 20, "{seed}: {verdict}");
    let counted = everything(&app, &key).await;
    app.desk().rebuild_reports(&mut |_| {}).await.unwrap();
    for ((path, before), (_, after)) in counted.iter().zip(everything(&app, &key).await) {
        assert_eq!(*before, after, "{seed}: {path}");
    }
    assert!(counted.iter().any(|(_, file)| file.contains("vip")), "{seed}: something was counted");
    // An agent's own numbers are those that the report by agent tells.
    let ada = Browser::signed_in(&app, "ada@askwell.example").await;
    let own = ada.get("/api/v1/me/reports/solved?from=2026-01-01&to=2026-03-01").await.expect(200).json();
    let path = format!("/api/v1/reports/solved?from=2026-01-01&to=2026-03-01&agent={}", agents[0]);
    let of_ada = app.get(&path, Some(&key)).await.expect(200).json();
    assert_eq!(own["total"], of_ada["total"], "{seed}");
}
