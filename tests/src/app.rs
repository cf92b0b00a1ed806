//! A whole Askwell in a temporary folder.

use std::{path::Path, sync::Arc};

use app::{Config, Opened, Seams, WriteAccess};
use axum::{
    Router,
    body::{Body, BodyDataStream},
    http::{Method, Request},
};
use desk::{Desk, NewKey};
use domain::{Principal, Role, Scope};
use embed::{Embedder, HashEmbedder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::{
    Text,
    clock::{CountingIds, StoppedClock},
    http::{self, Answer},
    letters::Letters,
};

/// An Askwell with a model of hashed words, a clock that stands still and ids that count.
pub struct TestApp {
    /// The clock.
    pub clock: Arc<StoppedClock>,
    running: Option<Running>,
    dir: TempDir,
    ids: Arc<CountingIds>,
    /// The letters to people.
    pub letters: Arc<Letters>,
    model: Arc<dyn Embedder>,
    config: Config,
}

struct Running {
    opened: Opened,
    router: Router,
    /// Streams end when it is gone.
    _stop: tokio::sync::watch::Sender<bool>,
}

impl TestApp {
    /// Starts on an empty folder with the default configuration.
    pub async fn start() -> Self {
        Self::start_with(Config::default()).await
    }

    /// Starts on an empty folder.
    pub async fn start_with(config: Config) -> Self {
        Self::start_with_model(config, Arc::new(HashEmbedder)).await
    }

    /// Starts with the bundled model, for tests about what answers say.
    pub async fn start_in_earnest() -> Self {
        let model = embed::bundled().expect("the bundled model is in the binary");
        Self::start_with_model(Config::default(), Arc::new(model)).await
    }

    /// Starts on an empty folder, as reached under this public address.
    pub async fn start_at(base_url: &str) -> Self {
        let mut config = Config::default();
        config.site.base_url = Some(base_url.to_owned());
        Self::start_with(config).await
    }

    /// Starts with this model.
    pub async fn start_with_model(config: Config, model: Arc<dyn Embedder>) -> Self {
        let config = with_key(config);
        let mut app = Self {
            clock: Arc::default(),
            running: None,
            dir: TempDir::new().expect("a temporary folder"),
            ids: Arc::default(),
            letters: Arc::default(),
            model,
            config,
        };
        app.start_again().await;
        app
    }

    /// Ends the process without a goodbye and starts another on the same folder.
    pub async fn restart(&mut self) {
        self.stop();
        self.start_again().await;
    }

    /// Ends the process without a goodbye and starts another with other settings.
    pub async fn restart_with(&mut self, config: Config) {
        self.config = with_key(config);
        self.restart().await;
    }

    /// Ends the process without a goodbye; gives its folder.
    pub fn stop(&mut self) -> &Path {
        self.running = None;
        self.dir.path()
    }

    /// Starts a process on the folder, and waits until its index stands where its database stands.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_again(&mut self) {
        let seams = Seams {
            model: Arc::clone(&self.model),
            clock: Arc::clone(&self.clock) as _,
            ids: Arc::clone(&self.ids) as _,
            delivery: Arc::clone(&self.letters) as _,
        };
        let opened = app::open_with_seams(self.dir.path(), self.config.clone(), WriteAccess::Required, seams)
            .await
            .expect("it starts");
        opened.desk.catch_up().await.expect("it catches up");
        opened.open_ticket_index().expect("tickets can be searched");
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let base_url = self.config.site.base_url.clone().unwrap_or(web::WebConfig::default().base_url);
        let web = self.config.server.web(&base_url);
        let router =
            web::router(opened.desk.clone(), &web, stopped).expect("every operation says who may do it");
        self.running = Some(Running { opened, router, _stop: stop });
    }

    /// Takes another model from the next start on.
    pub fn use_model(&mut self, model: Arc<dyn Embedder>) {
        self.model = model;
    }

    /// The use cases.
    pub fn desk(&self) -> &Desk {
        &self.running().opened.desk
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        self.dir.path()
    }

    /// A key with these scopes.
    pub async fn key(&self, scopes: &[Scope]) -> String {
        self.key_of_teams(scopes, None).await
    }

    /// A key with these scopes that sees the tickets of these teams.
    pub async fn key_of_teams(&self, scopes: &[Scope], teams: Option<&[&str]>) -> String {
        let teams = teams.map(|teams| teams.iter().map(|team| (*team).to_owned()).collect());
        let scopes = scopes.iter().copied().collect();
        let new = NewKey { name: "test".to_owned(), scopes, teams, expires_in_days: None };
        self.desk().create_key(&Principal::System, new).await.expect("a key").secret
    }

    /// A key that may do everything.
    pub async fn master_key(&self) -> String {
        self.key(&Scope::ALL).await
    }

    /// Ada, an agent.
    pub async fn ada(&self) -> Principal {
        let (name, email) = ("Ada", "ada@askwell.example");
        let user = self.desk().create_user(&Principal::System, name, email, Role::Agent, None).await;
        Principal::staff(user.expect("Ada is new").id, Role::Agent)
    }

    /// Bo, an admin, in a browser.
    pub async fn bo(&self) -> crate::Browser<'_> {
        self.person("Bo", Role::Admin).await;
        crate::Browser::signed_in(self, "bo@askwell.example").await
    }

    /// Somebody with this role; gives their id. Their address is the name in lower case at askwell.example.
    pub async fn person(&self, name: &str, role: Role) -> domain::UserId {
        let email = format!("{}@askwell.example", name.to_lowercase());
        let user = self.desk().create_user(&Principal::System, name, &email, role, None).await;
        user.expect("the person is new").id
    }

    /// `GET`.
    pub async fn get(&self, path: &str, bearer: Option<&str>) -> Answer {
        self.send(Method::GET, path, bearer, None, &[]).await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, bearer: Option<&str>, body: Value) -> Answer {
        self.send(Method::POST, path, bearer, Some(body), &[]).await
    }

    /// Any method, with extra headers.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        bearer: Option<&str>,
        body: Option<Value>,
        extra: &[(&str, &str)],
    ) -> Answer {
        http::send(&self.running().router, method, path, bearer, body, extra).await
    }

    /// The body of a stream that does not end, piece by piece.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn follow(&self, path: &str, bearer: &str, extra: &[(&str, &str)]) -> BodyDataStream {
        self.stream(http::request(Method::GET, path, Some(bearer), None, extra)).await
    }

    /// The same for any request.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn stream(&self, request: Request<Body>) -> BodyDataStream {
        let response = self.running().router.clone().oneshot(request).await.expect("a response");
        assert_eq!(response.status(), 200);
        response.into_body().into_data_stream()
    }

    /// What a request is answered before its body: a stream that is begun is not read.
    pub async fn begun(&self, request: Request<Body>) -> Answer {
        http::begun(&self.running().router, request).await
    }

    /// Any request at all.
    pub async fn raw(&self, request: Request<Body>) -> Answer {
        http::raw(&self.running().router, request).await
    }

    /// Writes and publishes an article through the API; gives its id.
    pub async fn publish(&self, key: &str, text: Text) -> String {
        self.publish_json(key, json!({ "title": text.title, "locale": "en", "body": text.body })).await
    }

    /// Writes and publishes an article with whatever else the API takes; gives its id.
    pub async fn publish_json(&self, key: &str, article: Value) -> String {
        let article = self.post("/api/v1/articles", Some(key), article).await.expect(201).json();
        let id = text(&article, "id");
        self.send(Method::PUT, &publication(&id), Some(key), None, &[]).await.expect(200);
        id
    }

    /// Withdraws an article.
    pub async fn unpublish(&self, key: &str, id: &str) {
        self.send(Method::DELETE, &publication(id), Some(key), None, &[]).await.expect(200);
    }

    /// Changes an article.
    pub async fn change(&self, key: &str, id: &str, change: Value) {
        let path = format!("/api/v1/articles/{id}");
        self.send(Method::PATCH, &path, Some(key), Some(change), &[]).await.expect(200);
    }

    /// The slugs that a search finds, best first.
    pub async fn search(&self, query: &str, bearer: Option<&str>) -> Vec<String> {
        let path = format!("/api/v1/search?q={}", percent(query));
        let found = self.get(&path, bearer).await.expect(200).json();
        found["hits"].as_array().expect("hits").iter().map(|hit| text(hit, "slug")).collect()
    }

    /// Lets the index of tickets follow what happened, as the worker does twice a second.
    pub async fn index_tickets(&self) {
        self.desk().follow_tickets(&mut |_| {}).await.expect("it follows");
    }

    /// Puts everything that is closed into the archive. Gives how many tickets.
    pub async fn archive(&self) -> u64 {
        self.clock.advance(1);
        self.desk().archive_some(&Principal::System, self.desk().now()).await.expect("archived")
    }

    /// The numbers of the tickets that a search finds, best first.
    pub async fn search_tickets(&self, query: &str, bearer: &str) -> Vec<i64> {
        let path = format!("/api/v1/tickets/search?q={}", percent(query));
        let found = self.get(&path, Some(bearer)).await.expect(200).json();
        let hits = found["hits"].as_array().expect("hits");
        hits.iter().map(|hit| hit["number"].as_i64().expect("a number")).collect()
    }

    /// Learns from the solved tickets.
    pub async fn learn(&self) -> desk::LearnOutcome {
        self.desk().learn(&Principal::System, &mut |_| {}).await.expect("learning")
    }

    /// Opens a conversation; gives its id and token.
    pub async fn conversation(&self) -> (String, String) {
        let locale = json!({ "locale": "en" });
        let opened = self.post("/api/v1/conversations", None, locale).await.expect(201).json();
        (text(&opened, "id"), text(&opened, "token"))
    }

    /// Asks in a conversation.
    pub async fn ask(&self, conversation: &(String, String), text: &str) -> Value {
        let path = format!("/api/v1/conversations/{}/turns", conversation.0);
        self.post(&path, Some(&conversation.1), json!({ "text": text })).await.expect(200).json()
    }

    /// Says whether an answer helped; gives the conversation.
    pub async fn feedback(&self, conversation: &(String, String), turn: &Value, feedback: &str) -> Value {
        let path =
            format!("/api/v1/conversations/{}/turns/{}/feedback", conversation.0, text(turn, "turn_id"));
        let body = Some(json!({ "feedback": feedback }));
        self.send(Method::PUT, &path, Some(&conversation.1), body, &[]).await.expect(200).json()
    }

    /// Hands a conversation over; gives the ticket's number.
    pub async fn hand_off(&self, conversation: &(String, String), form: Value) -> i64 {
        let path = format!("/api/v1/conversations/{}/handoff", conversation.0);
        let handed = self.post(&path, Some(&conversation.1), form).await.expect(200).json();
        handed["ticket_number"].as_i64().expect("a number")
    }

    /// A conversation as its visitor reads it.
    pub async fn read(&self, conversation: &(String, String)) -> Value {
        let path = format!("/api/v1/conversations/{}", conversation.0);
        self.get(&path, Some(&conversation.1)).await.expect(200).json()
    }

    /// All tickets, newest first.
    pub async fn tickets(&self, key: &str) -> Vec<Value> {
        let page = self.get("/api/v1/tickets", Some(key)).await.expect(200).json();
        page["tickets"].as_array().expect("tickets").clone()
    }

    /// A ticket with everything in it.
    pub async fn ticket(&self, key: &str, number: i64) -> Value {
        self.get(&format!("/api/v1/tickets/{number}"), Some(key)).await.expect(200).json()
    }

    /// Writes into a ticket: `reply` or `note`.
    pub async fn write(&self, key: &str, ticket: &Value, kind: &str, body: &str) {
        let path = format!("/api/v1/tickets/{}/messages", text(ticket, "id"));
        self.post(&path, Some(key), json!({ "kind": kind, "body": body })).await.expect(201);
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }
}

/// A secret key that is the same each time, unless the settings name one.
fn with_key(mut config: Config) -> Config {
    config.security.secret_key.get_or_insert_with(|| "5e".repeat(32));
    config
}

fn publication(id: &str) -> String {
    format!("/api/v1/articles/{id}/publication")
}

#[track_caller]
fn text(json: &Value, name: &str) -> String {
    json[name].as_str().unwrap_or_else(|| panic!("no {name} in {json}")).to_owned()
}

/// Percent-encodes everything but letters and digits.
pub(crate) fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
