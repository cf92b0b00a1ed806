//! Rules: what is done to tickets by itself.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::{ChangeInput, DRY_RUN_MAX, RuleInput, TriggerInput};
use domain::{RuleId, RuleState};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, Params},
    revision::{Tagged, etag, if_match},
    shapes::{DryRunJson, RuleJson, RuleStateJson, RulesJson, ThenJson, TriggerJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Tickets on which a rule is tried where nothing else is asked for.
const DRY_RUN_DEFAULT: usize = 20;

/// A rule as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleBody {
    name: String,
    trigger: TriggerJson,
    /// To which tickets it applies, in the filter language, without `me` and `mine`; all when empty or left out. A rule that is
    /// tried as time passes must name statuses, without closed.
    #[serde(default)]
    condition: String,
    /// What it does, in this order, as in a macro, without `me`.
    #[schema(value_type = Vec<Object>)]
    actions: Vec<Value>,
    /// `go_on` when left out.
    #[serde(default)]
    then: ThenJson,
    /// When left out, a new rule is `active`, and one that is changed stays what it is.
    state: Option<RuleStateJson>,
}

/// An order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleOrder {
    /// The ids of all rules, the first to be tried first.
    ids: Vec<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DryRunParams {
    /// At most this many tickets, up to 50; 20 when left out.
    limit: Option<usize>,
}

impl DryRunParams {
    fn limit(&self) -> usize {
        self.limit.unwrap_or(DRY_RUN_DEFAULT).min(DRY_RUN_MAX)
    }
}

impl RuleBody {
    fn into_input(self, state: RuleState) -> RuleInput {
        let trigger = match self.trigger {
            TriggerJson::Time {} => TriggerInput::Time,
            TriggerJson::Event { events, changed } => {
                let changed = changed.into_iter();
                let changed = changed.map(|of| ChangeInput { field: of.field, from: of.from, to: of.to });
                TriggerInput::Events { events, changed: changed.collect() }
            }
        };
        RuleInput {
            name: self.name,
            trigger,
            condition: self.condition,
            actions: self.actions,
            then: self.then.then(),
            state,
        }
    }
}

/// List rules
///
/// In their order, with how often each did something, could not, and was held.
#[utoipa::path(
    get, path = "/rules", tag = "Rules", responses((status = 200, description = "The rules", body = RulesJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:rules"))),
)]
pub(crate) async fn list_rules(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<RulesJson>, Failure> {
    let rules = web.desk.list_rules(&principal).await?;
    Ok(Json(RulesJson { rules: rules.iter().map(|(rule, counts)| RuleJson::new(rule, counts)).collect() }))
}

/// Make a rule
///
/// Behind the others. It is tried from the next event on.
#[utoipa::path(
    post, path = "/rules", tag = "Rules", request_body = RuleBody,
    responses(
        (status = 201, description = "The rule", body = RuleJson),
        (status = 409, description = "There are 100 already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No rule, and what is wrong with it", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:rules"))),
)]
pub(crate) async fn create_rule(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<RuleBody>,
) -> Result<(StatusCode, Tagged<RuleJson>), Failure> {
    let state = new.state.map_or(RuleState::Active, RuleStateJson::state);
    let rule = web.desk.create_rule(&principal, new.into_input(state)).await?;
    let json = RuleJson::new(&rule, &domain::RuleCounts::default());
    Ok((StatusCode::CREATED, ([etag(rule.revision)], Json(json))))
}

/// Read a rule
#[utoipa::path(
    get, path = "/rules/{id}", tag = "Rules", params(("id" = String, Path, description = "The rule")),
    responses(
        (status = 200, description = "The rule", body = RuleJson),
        (status = 404, description = "No such rule", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:rules"))),
)]
pub(crate) async fn get_rule(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Tagged<RuleJson>, Failure> {
    let (rule, counts) = web.desk.rule(&principal, &RuleId::new(id)).await?;
    Ok(([etag(rule.revision)], Json(RuleJson::new(&rule, &counts))))
}

/// Change a rule
///
/// The whole of it but its place. With `If-Match` the change is refused when somebody else changed it first.
#[utoipa::path(
    put, path = "/rules/{id}", tag = "Rules", request_body = RuleBody,
    params(("id" = String, Path, description = "The rule"), ("If-Match" = Option<String>, Header, description = "The ETag: the rule's revision in quotes")),
    responses(
        (status = 200, description = "The rule after it", body = RuleJson),
        (status = 404, description = "No such rule", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No rule, and what is wrong with it", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:rules"))),
)]
pub(crate) async fn change_rule(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<RuleBody>,
) -> Result<Tagged<RuleJson>, Failure> {
    let expected = if_match(&headers)?;
    let id = RuleId::new(id);
    let state = match change.state {
        Some(state) => state.state(),
        None => web.desk.rule(&principal, &id).await?.0.state,
    };
    web.desk.change_rule(&principal, &id, change.into_input(state), expected).await?;
    let (rule, counts) = web.desk.rule(&principal, &id).await?;
    Ok(([etag(rule.revision)], Json(RuleJson::new(&rule, &counts))))
}

/// Delete a rule
///
/// What it did stays, with its name.
#[utoipa::path(
    delete, path = "/rules/{id}", tag = "Rules", params(("id" = String, Path, description = "The rule")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such rule", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:rules"))),
)]
pub(crate) async fn delete_rule(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.delete_rule(&principal, &RuleId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Order the rules
///
/// From the next event on they are tried in this order.
#[utoipa::path(
    put, path = "/rules/order", tag = "Rules", request_body = RuleOrder,
    responses(
        (status = 200, description = "The rules in their new order", body = RulesJson),
        (status = 422, description = "Not each rule once", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:rules"))),
)]
pub(crate) async fn order_rules(
    State(web): State<Web>,
    bearer: Bearer,
    Body(order): Body<RuleOrder>,
) -> Result<Json<RulesJson>, Failure> {
    let ids: Vec<RuleId> = order.ids.into_iter().map(RuleId::new).collect();
    web.desk.order_rules(&bearer.0, &ids).await?;
    list_rules(State(web), bearer).await
}

/// Try a rule that is not kept
///
/// On past tickets, the newest first: to which it would apply, and what it would do to them now. Nothing is written. Without
/// `tickets:read` there are none to show.
#[utoipa::path(
    post, path = "/rules/dry-run", tag = "Rules", request_body = RuleBody, params(DryRunParams),
    responses(
        (status = 200, description = "What it would do", body = DryRunJson),
        (status = 422, description = "No rule, and what is wrong with it", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:rules"))),
)]
pub(crate) async fn try_rule(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(params): Params<DryRunParams>,
    Body(rule): Body<RuleBody>,
) -> Result<Json<DryRunJson>, Failure> {
    let run = web.desk.try_rule(&principal, rule.into_input(RuleState::Active), params.limit()).await?;
    Ok(Json(DryRunJson::new(&run)))
}

/// Try a rule
///
/// Active or not, on past tickets, the newest first: to which it would apply, and what it would do to them now. Nothing is
/// written. Without `tickets:read` there are none to show.
#[utoipa::path(
    post, path = "/rules/{id}/dry-run", tag = "Rules",
    params(("id" = String, Path, description = "The rule"), DryRunParams),
    responses(
        (status = 200, description = "What it would do", body = DryRunJson),
        (status = 404, description = "No such rule", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:rules"))),
)]
pub(crate) async fn try_kept_rule(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Params(params): Params<DryRunParams>,
) -> Result<Json<DryRunJson>, Failure> {
    let run = web.desk.try_kept_rule(&principal, &RuleId::new(id), params.limit()).await?;
    Ok(Json(DryRunJson::new(&run)))
}
