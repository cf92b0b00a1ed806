//! "Was this helpful?": one vote, with a reason when it was not.

use axum::{
    Form,
    extract::{Path, State},
    response::Redirect,
};
use domain::{ArticleId, Feedback, Principal, VersionId};
use serde::Deserialize;

use crate::{address, caller::Client, failure::Failure, limits::Spend, state::Web};

#[derive(Debug, Deserialize)]
pub(crate) struct VoteForm {
    article: String,
    version: String,
    vote: Feedback,
    /// One of the offered reasons.
    #[serde(default)]
    cause: String,
    /// In the reader's own words.
    #[serde(default)]
    reason: String,
}

/// `POST /a/{slug}/votes`
pub(crate) async fn vote(
    State(web): State<Web>,
    client: Client,
    Path(slug): Path<String>,
    Form(form): Form<VoteForm>,
) -> Result<Redirect, Failure> {
    let visitor = Principal::anonymous();
    client.spend(&web, &visitor, Spend::Search)?;
    let reason = [form.cause.trim(), form.reason.trim()];
    let reason = reason.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    let reason = (!reason.is_empty()).then_some(reason);
    let (article, version) = (ArticleId::new(form.article), VersionId::new(form.version));
    web.desk.vote(&visitor, &article, &version, form.vote, reason.as_deref()).await?;
    Ok(Redirect::to(&format!("{}?voted=1#vote", address::article(&slug))))
}
