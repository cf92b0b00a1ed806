//! How the operations of people on themselves are done, in a browser of theirs.

use axum::http::Method;
use serde_json::json;
use tests::TestApp;

use super::unknown;
use crate::{
    audit::entries,
    second_factor::{self, code, enrolled, first_step, with_dee},
};

/// Does what a person does to themselves, in a browser of theirs.
pub(super) async fn as_dee(operation: &str, method: &str) {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let id = with_dee(&app).await;
    let none = (String::new(), None);
    let (browser, (at, body)) = match operation {
        "put /me/password" => {
            let new =
                json!({ "current_password": second_factor::PASSWORD, "password": "eight grey geese fly" });
            (first_step(&app).await.0, (String::new(), Some(new)))
        }
        "delete /me/sessions" => (first_step(&app).await.0, none),
        "delete /me/sessions/{id}" => {
            let other = first_step(&app).await.0;
            let sessions = other.get("/api/v1/me/sessions").await.expect(200).json();
            let session = sessions["sessions"][0]["id"].as_str().expect("an id").to_owned();
            (first_step(&app).await.0, (session, None))
        }
        "post /me/totp" => (first_step(&app).await.0, none),
        "put /me/totp" => {
            let browser = first_step(&app).await.0;
            let new = browser.post("/api/v1/me/totp", json!({})).await.expect(201).json();
            let code = code(&app, new["secret"].as_str().expect("a secret"), 0);
            (browser, (String::new(), Some(json!({ "code": code }))))
        }
        "post /me/totp/removal" => {
            let (browser, secret, _) = enrolled(&app).await;
            (browser, (String::new(), Some(json!({ "code": code(&app, &secret, 0) }))))
        }
        "delete /users/{id}/totp" => (enrolled(&app).await.0, (id, None)),
        other => unknown(other),
    };
    let (_, path) = operation.split_once(' ').expect("a method and a path");
    let path = format!("/api/v1{}", path.replace("{id}", &at));
    let last = entries(&app, &key, "?limit=1").await[0]["seq"].as_i64().expect("a number");
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
    let is_own = path.contains("/me/");
    let answer = match is_own {
        true => browser.send(method, &path, body, &[]).await,
        false => app.send(method, &path, Some(&key), body, &[]).await,
    };
    assert!(answer.status.is_success(), "{operation}: {}", answer.text);
    let new = entries(&app, &key, "?limit=1").await.remove(0);
    assert!(new["seq"].as_i64() > Some(last), "{operation} left no entry in the audit log");
    let actor = if is_own { "person" } else { "key" };
    assert_eq!((&new["actor"]["kind"], &new["door"]), (&json!(actor), &json!("api")), "{operation}: {new}");
}
