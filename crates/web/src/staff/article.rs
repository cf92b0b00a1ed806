//! Writing an article: title, collection, audience, Markdown, a preview, and publishing it.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use desk::{ArticleChange, ArticleView, NewArticle};
use domain::{ArticleId, Audience, Locale, PublicationState};
use serde::Deserialize;

use super::{
    article_list::state_label,
    form::StaffForm,
    frame::{Frame, Place},
    questions::{self, QuestionRow},
    session::Staff,
};
use crate::{
    address,
    failure::Failure,
    markup::{self, Html},
    page::pages,
    state::Web,
};

#[derive(Template)]
#[template(path = "staff/article.html")]
pub(crate) struct ArticlePage {
    frame: Frame,
    /// Absent while it has never been saved.
    saved: Option<Saved>,
    fields: ArticleForm,
    collections: Vec<String>,
    /// What customers ask that it answers.
    questions: Vec<QuestionRow>,
    /// The article that the questions stand beside: this one.
    beside: String,
    error: Option<String>,
    preview: Option<Html>,
}

pages!(ArticlePage);

/// What is known of an article that exists.
struct Saved {
    id: String,
    /// Absent where the help center does not show it.
    public_href: Option<String>,
    state: &'static str,
    is_published: bool,
}

/// The fields of the editor.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ArticleForm {
    /// The article the form belongs to; empty for a new one.
    #[serde(default)]
    id: String,
    title: String,
    locale: String,
    #[serde(default)]
    collection: String,
    audience: String,
    #[serde(default)]
    questions: String,
    body: String,
    /// The revision the editor started from.
    #[serde(default)]
    revision: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PublicationForm {
    action: Publication,
    locale: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Publication {
    Publish,
    Unpublish,
}

#[derive(Debug, Deserialize)]
pub(crate) struct EditQuery {
    lang: Option<String>,
}

/// `GET /app/articles/new`
pub(crate) async fn new_article(State(web): State<Web>, staff: Staff) -> Result<ArticlePage, Failure> {
    let fields = ArticleForm {
        locale: web.desk.site().default_locale.as_str().to_owned(),
        audience: Audience::Public.key(),
        ..ArticleForm::default()
    };
    page(&web, &staff, None, fields, None).await
}

/// `GET /app/articles/{id}`
pub(crate) async fn edit_article(
    State(web): State<Web>,
    staff: Staff,
    Path(id): Path<String>,
    Query(query): Query<EditQuery>,
) -> Result<ArticlePage, Failure> {
    let locale = query.lang.as_deref().and_then(|tag| Locale::parse(tag).ok());
    let view = web.desk.article(&staff.principal, &ArticleId::new(id), locale.as_ref()).await?;
    let fields = ArticleForm::of(&view);
    page(&web, &staff, Some(&view), fields, None).await
}

/// `POST /app/articles`
pub(crate) async fn create_article(
    State(web): State<Web>,
    StaffForm(staff, form): StaffForm<ArticleForm>,
) -> Result<Response, Failure> {
    let created = async {
        let new = NewArticle {
            title: form.title.clone(),
            locale: form.locale()?,
            body: form.body.clone(),
            slug: None,
            collection: form.collection(),
            audience: Some(form.audience()?),
            questions: form.questions(),
            external_id: None,
        };
        Ok::<_, Failure>(web.desk.create_article(&staff.principal, new).await?)
    };
    match created.await {
        Ok(view) => Ok(edit_address(&view)),
        Err(failure) => refused(&web, &staff, None, form, failure).await,
    }
}

/// `POST /app/articles/{id}`
pub(crate) async fn change_article(
    State(web): State<Web>,
    Path(id): Path<String>,
    StaffForm(staff, form): StaffForm<ArticleForm>,
) -> Result<Response, Failure> {
    let id = ArticleId::new(id);
    let locale = form.locale()?;
    let changed = async {
        let change = ArticleChange {
            title: Some(form.title.clone()),
            body: Some(form.body.clone()),
            questions: Some(form.questions()),
            slug: None,
            collection: Some(form.collection()),
            audience: Some(form.audience()?),
        };
        let revision = form.revision.parse().ok();
        Ok::<_, Failure>(
            web.desk.change_article(&staff.principal, &id, Some(&locale), change, revision).await?,
        )
    };
    match changed.await {
        Ok(view) => Ok(edit_address(&view)),
        Err(failure) => {
            let view = web.desk.article(&staff.principal, &id, Some(&locale)).await?;
            refused(&web, &staff, Some(&view), form, failure).await
        }
    }
}

/// `POST /app/articles/preview`: the same form, with the text as readers would see it.
pub(crate) async fn preview(
    State(web): State<Web>,
    StaffForm(staff, form): StaffForm<ArticleForm>,
) -> Result<ArticlePage, Failure> {
    let html = markup::article(&form.title, &form.body, &[], None);
    let view = if form.id.is_empty() {
        None
    } else {
        let locale = form.locale()?;
        Some(web.desk.article(&staff.principal, &ArticleId::new(form.id.clone()), Some(&locale)).await?)
    };
    let page = page(&web, &staff, view.as_ref(), form, None).await?;
    Ok(ArticlePage { preview: Some(html), ..page })
}

/// `POST /app/articles/{id}/publication`
pub(crate) async fn change_publication(
    State(web): State<Web>,
    Path(id): Path<String>,
    StaffForm(staff, form): StaffForm<PublicationForm>,
) -> Result<Response, Failure> {
    let id = ArticleId::new(id);
    let locale = locale(&form.locale)?;
    let view = match form.action {
        Publication::Publish => web.desk.publish_article(&staff.principal, &id, Some(&locale), None).await?,
        Publication::Unpublish => {
            web.desk.unpublish_article(&staff.principal, &id, Some(&locale), None).await?
        }
    };
    Ok(edit_address(&view))
}

async fn page(
    web: &Web,
    staff: &Staff,
    view: Option<&ArticleView>,
    fields: ArticleForm,
    error: Option<String>,
) -> Result<ArticlePage, Failure> {
    let shelves = web.desk.collections(&staff.principal, None).await?;
    let title = view.map_or_else(|| "New article".to_owned(), |view| view.translation.title.clone());
    let saved = view.map(|view| Saved {
        id: view.article.id.to_string(),
        public_href: (view.translation.state == PublicationState::Published
            && view.article.audience == Audience::Public)
            .then(|| address::in_locale(&view.article.slug, &view.translation.locale)),
        state: state_label(view.translation.state),
        is_published: view.translation.state == PublicationState::Published,
    });
    Ok(ArticlePage {
        frame: Frame::new(web, staff, Place::Articles, title),
        saved,
        fields,
        collections: shelves.into_iter().map(|shelf| shelf.collection.title).collect(),
        questions: match view {
            Some(view) => questions::rows(web, staff, Some(&view.article.id)).await?,
            None => vec![],
        },
        beside: view.map(|view| view.article.id.to_string()).unwrap_or_default(),
        error,
        preview: None,
    })
}

/// The form again, with everything that was typed and what was wrong.
async fn refused(
    web: &Web,
    staff: &Staff,
    view: Option<&ArticleView>,
    form: ArticleForm,
    failure: Failure,
) -> Result<Response, Failure> {
    if failure.status.is_server_error() {
        return Err(failure);
    }
    let detail = match failure.current_revision {
        Some(_) => "Somebody else saved this article meanwhile. Your text is below; open the article in another tab to compare, and save again from there.".to_owned(),
        None => failure.detail,
    };
    let page = page(web, staff, view, form, Some(detail)).await?;
    Ok((failure.status, page).into_response())
}

fn edit_address(view: &ArticleView) -> Response {
    let id = address::escape(view.article.id.as_str());
    Redirect::to(&format!("/app/articles/{id}?lang={}", view.translation.locale)).into_response()
}

fn locale(tag: &str) -> Result<Locale, Failure> {
    Locale::parse(tag).map_err(|error| Failure::bad_request(error.to_string()))
}

impl ArticleForm {
    fn of(view: &ArticleView) -> Self {
        Self {
            id: view.article.id.to_string(),
            title: view.translation.title.clone(),
            locale: view.translation.locale.as_str().to_owned(),
            collection: view.collection.as_ref().map(|c| c.title.clone()).unwrap_or_default(),
            audience: view.article.audience.key(),
            questions: view.translation.questions.join("\n"),
            body: view.translation.body.clone(),
            revision: view.translation.revision.to_string(),
        }
    }

    fn locale(&self) -> Result<Locale, Failure> {
        locale(&self.locale)
    }

    fn audience(&self) -> Result<Audience, Failure> {
        Audience::parse(&self.audience).map_err(|error| Failure::bad_request(error.to_string()))
    }

    fn collection(&self) -> Option<String> {
        let collection = self.collection.trim();
        (!collection.is_empty()).then(|| collection.to_owned())
    }

    fn questions(&self) -> Vec<String> {
        self.questions.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}
