//! Who may do an operation, and what its query may name: read from the description that outsiders read, and enforced before
//! anything of a request is read but its head. The desk checks again who may; this is the outer wall.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Principal, Scope};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use super::{query::QueryNames, revision::is_conditional};
use crate::{
    caller::{Client, Known},
    failure::Failure,
    state::Web,
};

/// The extension of an operation that names the scope it needs: one, or several any of which will do.
pub(crate) const REQUIRED_SCOPE: &str = "x-required-scope";
/// What stands there when no scope is needed.
const NO_SCOPE: &str = "none";

/// An operation that does not say who may do it. Nothing is served then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot serve {operation}: {reason}")]
pub struct UndescribedAccess {
    /// Method and path.
    operation: String,
    reason: &'static str,
}

/// Who may do one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Access {
    needs: Needs,
    /// Whether the token of a conversation will do in place of a scope. Which conversation it opens is the desk's to check.
    admits_conversations: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Needs {
    /// Anybody.
    Nothing,
    /// Whoever is known.
    Credential,
    /// A person who has signed in.
    Person,
    /// A key or person with any of these scopes.
    AnyOf(Vec<Scope>),
}

/// What is asked of a request for one operation.
#[derive(Debug, Clone)]
struct Entrance {
    method: Method,
    access: Access,
    query: QueryNames,
    is_conditional: bool,
}

/// The way into each operation, by path as it is matched.
#[derive(Debug, Clone)]
pub(crate) struct Accesses(Arc<HashMap<String, Vec<Entrance>>>);

impl Accesses {
    /// Reads who may do each operation of a description, and what its query may name.
    ///
    /// # Errors
    /// [`UndescribedAccess`] for the first operation that does not say, or contradicts itself.
    pub(crate) fn of(description: &OpenApi) -> Result<Self, UndescribedAccess> {
        let document = serde_json::to_value(description).unwrap_or_default();
        let mut table: HashMap<String, Vec<Entrance>> = HashMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (name, operation) in item.as_object().into_iter().flatten() {
                let Ok(method) = Method::from_bytes(name.to_uppercase().as_bytes()) else { continue };
                if !operation["responses"].is_object() {
                    continue;
                }
                let access = Access::of(operation)
                    .map_err(|reason| UndescribedAccess { operation: format!("{method} {path}"), reason })?;
                let entrance = Entrance {
                    method,
                    access,
                    query: QueryNames::of(operation),
                    is_conditional: is_conditional(operation),
                };
                table.entry(path.clone()).or_default().push(entrance);
            }
        }
        Ok(Self(Arc::new(table)))
    }
}

impl Access {
    fn of(operation: &Value) -> Result<Self, &'static str> {
        let takes = |scheme: &str| {
            operation["security"].as_array().into_iter().flatten().any(|one| one.get(scheme).is_some())
        };
        let names: Vec<&str> = match &operation[REQUIRED_SCOPE] {
            Value::String(name) => vec![name],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => return Err("it has no x-required-scope"),
        };
        let needs = if names == [NO_SCOPE] {
            match (takes("bearer"), takes("session")) {
                (true, _) => Needs::Credential,
                (false, true) => Needs::Person,
                (false, false) => Needs::Nothing,
            }
        } else {
            let scopes: Option<Vec<Scope>> = names.into_iter().map(Scope::parse).collect();
            Needs::AnyOf(scopes.filter(|some| !some.is_empty()).ok_or("its x-required-scope is no scope")?)
        };
        if matches!(needs, Needs::AnyOf(_)) && !takes("bearer") {
            return Err("it needs a scope and takes no bearer");
        }
        Ok(Self { needs, admits_conversations: takes("conversation") })
    }

    fn check(&self, known: &Known) -> Result<(), Failure> {
        if self.needs == Needs::Nothing {
            return Ok(());
        }
        let principal = known.somebody()?;
        let is_visitor = matches!(principal, Principal::Visitor { .. } | Principal::Customer { .. });
        match &self.needs {
            _ if is_visitor && self.admits_conversations => Ok(()),
            Needs::Person => known.person().map(|_| ()),
            _ if is_visitor => Err(Failure::staff_only()),
            Needs::AnyOf(scopes) if !scopes.iter().any(|&scope| principal.may(scope)) => {
                Err(Failure::lacks_scope(scopes))
            }
            Needs::Nothing | Needs::Credential | Needs::AnyOf(_) => Ok(()),
        }
    }
}

/// Finds out whom a request comes from, counts it, and lets it through if they may do the operation. Whom it came from stays with
/// the request.
pub(crate) async fn admit(
    accesses: Accesses,
    State(web): State<Web>,
    path: MatchedPath,
    client: Client,
    mut request: Request,
    next: Next,
) -> Response {
    let spent = client.spent();
    request.extensions_mut().insert(spent.clone());
    let (mut head, body) = request.into_parts();
    let mut response = match admitted(&web, &accesses, path.as_str(), &client, &head).await {
        Ok(known) => {
            head.extensions.insert(Arc::new(known));
            next.run(Request::from_parts(head, body)).await
        }
        Err(failure) => failure.into_response(),
    };
    spent.write(response.headers_mut());
    response
}

async fn admitted(
    web: &Web,
    accesses: &Accesses,
    path: &str,
    client: &Client,
    head: &Parts,
) -> Result<Known, Failure> {
    let known = match Known::of(web, &head.method, &head.headers).await {
        Ok(known) => known,
        Err(failure) => {
            // Who tries out keys is counted too.
            client.request(web, &Known::Nobody)?;
            return Err(failure);
        }
    };
    client.request(web, &known)?;
    let Some(operations) = accesses.0.get(path) else {
        tracing::error!(path, "a route of the API is not described");
        return Err(Failure::internal());
    };
    let method = if head.method == Method::HEAD { &Method::GET } else { &head.method };
    // A method that the path does not take is answered by the route, with those that it takes.
    if let Some(entrance) = operations.iter().find(|entrance| entrance.method == method) {
        entrance.access.check(&known)?;
        entrance.query.check(&head.uri)?;
        if !entrance.is_conditional && head.headers.contains_key(header::IF_MATCH) {
            return Err(Failure::bad_request("If-Match: this operation cannot be made to depend on it"));
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::openapi::OpenApi;

    use super::*;

    fn of(operation: Value) -> Result<Access, String> {
        let mut operation = operation;
        operation["responses"] = json!({});
        let document = json!({
            "openapi": "3.1.0", "info": { "title": "x", "version": "1" },
            "paths": { "/api/v1/things": { "post": operation } },
        });
        let document: OpenApi = serde_json::from_value(document).unwrap();
        let accesses = Accesses::of(&document).map_err(|error| error.to_string())?;
        Ok(accesses.0["/api/v1/things"][0].access.clone())
    }

    #[test]
    fn an_operation_says_who_may_do_it_or_nothing_is_served() {
        let scope =
            |scope: Value, security: Value| of(json!({ REQUIRED_SCOPE: scope, "security": security }));
        let (bearer, session, conversation) =
            (json!({ "bearer": [] }), json!({ "session": [] }), json!({ "conversation": [] }));
        let needs = |needs: Needs, admits_conversations: bool| Ok(Access { needs, admits_conversations });
        assert_eq!(of(json!({ REQUIRED_SCOPE: "none" })), needs(Needs::Nothing, false));
        assert_eq!(scope(json!("none"), json!([bearer, session])), needs(Needs::Credential, false));
        assert_eq!(scope(json!("none"), json!([session])), needs(Needs::Person, false));
        assert_eq!(
            scope(json!("kb:read"), json!([bearer, session])),
            needs(Needs::AnyOf(vec![Scope::KbRead]), false)
        );
        assert_eq!(
            scope(json!(["kb:read", "tickets:read"]), json!([bearer, conversation])),
            needs(Needs::AnyOf(vec![Scope::KbRead, Scope::TicketsRead]), true)
        );
        for (operation, reason) in [
            (json!({ "security": [bearer] }), "it has no x-required-scope"),
            (json!({ REQUIRED_SCOPE: "kb:burn", "security": [bearer] }), "its x-required-scope is no scope"),
            (json!({ REQUIRED_SCOPE: [], "security": [bearer] }), "its x-required-scope is no scope"),
            (json!({ REQUIRED_SCOPE: "kb:read" }), "it needs a scope and takes no bearer"),
        ] {
            assert_eq!(of(operation), Err(format!("cannot serve POST /api/v1/things: {reason}")));
        }
    }
}
