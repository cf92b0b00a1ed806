//! Articles: writing, publishing, withdrawing.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
};
use desk::{ArticleChange, ArticleQuery, NewArticle};
use domain::{ArticleId, Audience, PublicationState};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, Params, nullable},
    query::known,
    revision::{Tagged, etag, if_match},
    search::locale,
    shapes::{ArticleJson, ArticlesJson},
};
use crate::{address, caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Articles on one page where nothing else is asked for.
const ARTICLES_DEFAULT: usize = 50;

/// A new article.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewArticleJson {
    /// Its title, plain text.
    title: String,
    /// The locale it is written in; the site's own when absent.
    locale: Option<String>,
    /// Its text, Markdown.
    body: String,
    /// Its address; made from the title when absent.
    slug: Option<String>,
    /// Its collection, by slug or title; made when there is none.
    collection: Option<String>,
    /// `public` (the default), `signed_in`, `agents` or `segment:<key>`.
    audience: Option<String>,
    /// Other ways in which people ask for it.
    #[serde(default)]
    questions: Vec<String>,
    /// Its id in the system it comes from.
    external_id: Option<String>,
}

/// What to change; absent parts stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArticleChangeJson {
    /// Which translation; the site's locale when absent.
    locale: Option<String>,
    title: Option<String>,
    body: Option<String>,
    questions: Option<Vec<String>>,
    /// The new address; the old one redirects.
    slug: Option<String>,
    /// The new collection, or null for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    collection: Option<Option<String>>,
    /// Who may read it, from the next request on.
    audience: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ArticleParams {
    /// Which translation; the site's locale when absent.
    locale: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ArticlesParams {
    /// `draft`, `published` or `archived`.
    state: Option<String>,
    /// Only this collection, by slug.
    collection: Option<String>,
    /// Only this locale.
    locale: Option<String>,
    /// The page's first article is the one after this id: `next` of the page before.
    after: Option<String>,
    /// At most this many, up to 100.
    limit: Option<usize>,
}

/// List articles
#[utoipa::path(
    get, path = "/articles", tag = "Articles", params(ArticlesParams),
    responses(
        (status = 200, description = "A page of articles, each with its working text", body = ArticlesJson),
        (status = 404, description = "No such collection", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("kb:read"))),
)]
pub(crate) async fn list_articles(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(params): Params<ArticlesParams>,
) -> Result<Json<ArticlesJson>, Failure> {
    let states = "one of draft, published, archived";
    let state = known("state", params.state.as_deref(), states, PublicationState::parse)?;
    let query = ArticleQuery {
        state,
        collection: params.collection,
        locale: locale(params.locale.as_deref())?,
        after: params.after,
        limit: params.limit.unwrap_or(ARTICLES_DEFAULT),
    };
    let list = web.desk.list_articles(&principal, query).await?;
    let articles = list.articles.into_iter().map(ArticleJson::from).collect();
    Ok(Json(ArticlesJson { articles, next: list.next }))
}

/// Read an article
///
/// Gives the working text, which may be ahead of what readers see. `ETag` is its revision.
#[utoipa::path(
    get, path = "/articles/{id}", tag = "Articles", params(("id" = String, Path, description = "The article"), ArticleParams),
    responses(
        (status = 200, description = "The article", body = ArticleJson),
        (status = 404, description = "No such article", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("kb:read"))),
)]
pub(crate) async fn get_article(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Params(params): Params<ArticleParams>,
) -> Result<Tagged<ArticleJson>, Failure> {
    let locale = locale(params.locale.as_deref())?;
    let view = web.desk.article(&principal, &ArticleId::new(id), locale.as_ref()).await?;
    Ok(tagged(view))
}

/// Write an article
///
/// It is a draft until it is published.
#[utoipa::path(
    post, path = "/articles", tag = "Articles", request_body = NewArticleJson,
    responses(
        (status = 201, description = "The article", body = ArticleJson),
        (status = 422, description = "Something is missing or too long", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("kb:write"))),
)]
pub(crate) async fn create_article(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewArticleJson>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 2], Json<ArticleJson>), Failure> {
    let new = NewArticle {
        locale: locale(new.locale.as_deref())?.unwrap_or_else(|| web.desk.site().default_locale.clone()),
        audience: audience(new.audience.as_deref())?,
        title: new.title,
        body: new.body,
        slug: new.slug,
        collection: new.collection,
        questions: new.questions,
        external_id: new.external_id,
    };
    let view = web.desk.create_article(&principal, new).await?;
    let location = format!("/api/v1/articles/{}", address::escape(view.article.id.as_str()));
    let location = HeaderValue::from_str(&location).unwrap_or(HeaderValue::from_static("/api/v1/articles"));
    let headers = [etag(view.translation.revision), (header::LOCATION, location)];
    Ok((StatusCode::CREATED, headers, Json(ArticleJson::from(view))))
}

/// Change an article
///
/// Absent fields stay. With `If-Match` the change is refused when somebody else changed it first. Text is seen by
/// readers once it is published again; an audience holds from the next request on.
#[utoipa::path(
    patch, path = "/articles/{id}", tag = "Articles", request_body = ArticleChangeJson,
    params(("id" = String, Path, description = "The article"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The article after it", body = ArticleJson),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("kb:write"))),
)]
pub(crate) async fn change_article(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<ArticleChangeJson>,
) -> Result<Tagged<ArticleJson>, Failure> {
    let expected_revision = if_match(&headers)?;
    let locale = locale(change.locale.as_deref())?;
    let change = ArticleChange {
        title: change.title,
        body: change.body,
        questions: change.questions,
        slug: change.slug,
        collection: change.collection,
        audience: audience(change.audience.as_deref())?,
    };
    let id = ArticleId::new(id);
    Ok(tagged(web.desk.change_article(&principal, &id, locale.as_ref(), change, expected_revision).await?))
}

/// Publish an article
///
/// When this returns, search and the bot use it.
#[utoipa::path(
    put, path = "/articles/{id}/publication", tag = "Articles",
    params(("id" = String, Path, description = "The article"), ArticleParams, ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The published article", body = ArticleJson),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("kb:write"))),
)]
pub(crate) async fn publish_article(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Params(params): Params<ArticleParams>,
    headers: HeaderMap,
) -> Result<Tagged<ArticleJson>, Failure> {
    let (id, expected) = (ArticleId::new(id), if_match(&headers)?);
    let locale = locale(params.locale.as_deref())?;
    Ok(tagged(web.desk.publish_article(&principal, &id, locale.as_ref(), expected).await?))
}

/// Withdraw an article
///
/// From the next request on nobody but staff reads it, and the bot does not quote it.
#[utoipa::path(
    delete, path = "/articles/{id}/publication", tag = "Articles",
    params(("id" = String, Path, description = "The article"), ArticleParams, ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The article, a draft again", body = ArticleJson),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("kb:write"))),
)]
pub(crate) async fn unpublish_article(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Params(params): Params<ArticleParams>,
    headers: HeaderMap,
) -> Result<Tagged<ArticleJson>, Failure> {
    let (id, expected) = (ArticleId::new(id), if_match(&headers)?);
    let locale = locale(params.locale.as_deref())?;
    Ok(tagged(web.desk.unpublish_article(&principal, &id, locale.as_ref(), expected).await?))
}

fn tagged(view: desk::ArticleView) -> Tagged<ArticleJson> {
    ([etag(view.translation.revision)], Json(ArticleJson::from(view)))
}

fn audience(key: Option<&str>) -> Result<Option<Audience>, Failure> {
    key.map(|key| Audience::parse(key).map_err(|error| Failure::bad_request(error.to_string()))).transpose()
}
