//! A browser that keeps cookies and says where its requests come from.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use axum::http::{Method, Request, header};
use domain::Principal;
use serde_json::Value;

use crate::{
    TestApp,
    http::{Answer, request},
};

/// A browser on the site's own pages.
pub struct Browser<'a> {
    app: &'a TestApp,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    /// A new one, without cookies.
    pub fn new(app: &'a TestApp) -> Self {
        Self { app, cookies: Mutex::default() }
    }

    /// One in which this person has signed in by a link.
    ///
    /// # Panics
    /// When they cannot.
    pub async fn signed_in(app: &'a TestApp, email: &str) -> Self {
        let link = app.desk().create_sign_in_link(&Principal::System, email).await.expect("a link");
        let browser = Self::new(app);
        browser.get(&format!("/app/sign-in?token={link}")).await.expect(303);
        assert!(browser.cookie("askwell_session").is_some(), "the session is kept");
        browser
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body), &[]).await
    }

    /// Any method, from a page of the site itself unless `extra` says otherwise.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        extra: &[(&str, &str)],
    ) -> Answer {
        let own = [("sec-fetch-site", "same-origin")];
        let says = extra.iter().any(|(name, _)| *name == "sec-fetch-site");
        let headers: Vec<_> = extra.iter().chain(own.iter().filter(|_| !says)).copied().collect();
        self.raw(request(method, path, None, body, &headers)).await
    }

    /// Sends a form of the site's own page.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", crate::app::percent(value))).collect();
        let request = Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(fields.join("&").into());
        self.raw(request.expect("a request")).await
    }

    /// Any request at all, with the cookies.
    pub async fn raw(&self, mut request: Request<axum::body::Body>) -> Answer {
        let cookies: Vec<String> = self.jar().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            let line = cookies.join("; ").parse().expect("cookies are ASCII");
            request.headers_mut().insert(header::COOKIE, line);
        }
        let answer = self.app.raw(request).await;
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("cookies are ASCII");
            let (name, value) =
                line.split(';').next().and_then(|pair| pair.split_once('=')).expect("name=value");
            if line.contains("Max-Age=0") {
                self.jar().remove(name);
            } else {
                self.jar().insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar().get(name).cloned()
    }

    /// Sets a cookie, as somebody does who has stolen or made it up.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar().insert(name.to_owned(), value.to_owned());
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
