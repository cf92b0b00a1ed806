//! Answers that any operation can give, added to the description in one place: what the middleware refuses, what a body or an
//! address can be refused for, and the headers of the limits.

use utoipa::openapi::{
    Content, OpenApi, Ref, RefOr,
    header::{Header, HeaderBuilder},
    path::{Operation, ParameterIn},
    response::{Response, ResponseBuilder},
    schema::{ObjectBuilder, Type},
};

use super::access::REQUIRED_SCOPE;

/// Adds to every operation the answers that it can give and does not name itself.
pub(crate) fn describe(openapi: &mut OpenApi) {
    for item in openapi.paths.paths.values_mut() {
        let others = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in others.into_iter().flatten() {
            add(
                operation,
                "409",
                "The present state does not allow it, or the same request is being done or was",
            );
            add(operation, "507", "The disk is full; nothing was changed");
            describe_operation(operation);
        }
        if let Some(operation) = item.get.as_mut() {
            describe_operation(operation);
        }
    }
}

fn describe_operation(operation: &mut Operation) {
    let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some((&parameter.parameter_in, parameter.name.as_str())),
        RefOr::Ref(_) => None,
    });
    let parameters: Vec<(ParameterIn, String)> =
        parameters.map(|(place, name)| (place.clone(), name.to_owned())).collect();
    let is_named = |name: &str| parameters.iter().any(|(_, named)| named == name);
    let has = |place: &ParameterIn| parameters.iter().any(|(placed, _)| placed == place);
    add(operation, "401", "A key, token or session is missing, or no longer valid");
    if operation.security.is_some() || has_scope(operation) {
        add(operation, "403", "The key, role or token may not do it; `required_scopes` names what would");
    }
    add(operation, "400", "It cannot be read: an unknown field or parameter, or a value of the wrong type");
    if has(&ParameterIn::Path) {
        add(operation, "404", "It does not exist, or not for this caller");
    }
    if operation.request_body.is_some() || has(&ParameterIn::Query) || has(&ParameterIn::Path) {
        add(operation, "422", "A value is refused; `field` names it");
        add(operation, "413", "Over the limit; nothing was cut or kept");
    }
    if operation.request_body.is_some() {
        add(operation, "415", "No `Content-Type: application/json`");
    }
    if is_named("If-Match") {
        add(operation, "412", "It was changed meanwhile; `current_revision` is the revision now");
    }
    if is_named("Idempotency-Key") {
        add(operation, "422", "A value is refused, or another request had the key; `field` names the value");
        add(operation, "413", "Over the limit; nothing was cut or kept");
    }
    add(operation, "429", "Too many requests; `RateLimit` says of which limit");
    add(operation, "503", "Too much at once, or not ready");
    for (status, answer) in &mut operation.responses.responses {
        if let RefOr::T(answer) = answer {
            describe_headers(status, answer);
        }
    }
}

fn has_scope(operation: &Operation) -> bool {
    let scope = operation.extensions.as_ref().and_then(|all| all.get(REQUIRED_SCOPE));
    scope.is_some_and(|scope| scope != "none")
}

fn add(operation: &mut Operation, status: &str, description: &str) {
    let problem = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
    let answers = &mut operation.responses.responses;
    answers.entry(status.to_owned()).or_insert_with(|| {
        let answer = ResponseBuilder::new().description(description);
        answer.content("application/problem+json", problem).build().into()
    });
}

/// What the headers say. Refusals before anything is counted have none of them, so that none is required.
fn describe_headers(status: &str, answer: &mut Response) {
    let header = |kind: Type, description: &str| -> RefOr<Header> {
        let schema = ObjectBuilder::new().schema_type(kind).build();
        HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build().into()
    };
    if status.starts_with('2') || status == "429" {
        let left = "For each limit that the request was counted in, by name: `r`, how much is left, and `t`, the seconds \
                    until there is all of it again (draft-ietf-httpapi-ratelimit-headers)";
        let policy = "The same limits: `q` requests in `w` seconds";
        answer.headers.entry("RateLimit".to_owned()).or_insert_with(|| header(Type::String, left));
        answer.headers.entry("RateLimit-Policy".to_owned()).or_insert_with(|| header(Type::String, policy));
    }
    if status == "429" || status == "503" {
        let wait = "The seconds after which another try makes sense";
        answer.headers.entry("Retry-After".to_owned()).or_insert_with(|| header(Type::Integer, wait));
    }
}
