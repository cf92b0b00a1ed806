//! What was learned from solved tickets: the versions, how good each is, and which one is in use.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Redirect,
};
use desk::{Report, Verdict};
use domain::{LearnedVersion, Scope, TicketSight};
use serde::Deserialize;

use super::{
    form::{Nothing, StaffForm},
    frame::{Frame, Place},
    questions::{self, QuestionRow},
    session::Staff,
};
use crate::{dates::When, failure::Failure, page::pages, state::Web};

#[derive(Template)]
#[template(path = "staff/learning.html")]
pub(crate) struct LearningPage {
    frame: Frame,
    rows: Vec<VersionRow>,
    questions: Vec<QuestionRow>,
    /// The article that the questions stand beside: none.
    beside: &'static str,
    /// Who may only read sees no buttons.
    may_choose: bool,
    any_in_use: bool,
}

#[derive(Template)]
#[template(path = "staff/learned.html")]
pub(crate) struct LearnedPage {
    frame: Frame,
    row: VersionRow,
    slices: Vec<SliceRow>,
    risen: Vec<RisenRow>,
    found: Vec<FoundRow>,
    /// Confidence against what came of it.
    bins: Vec<BinRow>,
}

pages!(LearningPage, LearnedPage);

/// A version in the list.
pub(crate) struct VersionRow {
    pub(crate) number: i64,
    pub(crate) in_use: bool,
    pub(crate) made: When,
    pub(crate) n_remembered: usize,
    pub(crate) n_linked: usize,
    pub(crate) n_validated: usize,
    /// Shares of questions in whole per cent: first article right, one of three right; without and with it.
    pub(crate) first: (String, String),
    pub(crate) three: (String, String),
    pub(crate) verdict: String,
}

/// A part of the questions, with nDCG@10 in hundredths.
pub(crate) struct SliceRow {
    pub(crate) name: String,
    pub(crate) n: usize,
    pub(crate) without: String,
    pub(crate) with: String,
}

/// An article that is found higher.
pub(crate) struct RisenRow {
    pub(crate) title: String,
    pub(crate) n_questions: usize,
    pub(crate) without: String,
    pub(crate) with: String,
}

/// A bin of the reliability diagram, in whole per cent.
pub(crate) struct BinRow {
    pub(crate) said: String,
    pub(crate) right: String,
    pub(crate) n: usize,
}

/// A ticket whose question finds its article now.
pub(crate) struct FoundRow {
    pub(crate) number: i64,
    pub(crate) subject: String,
    pub(crate) article: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ChoiceForm {
    /// Empty for none.
    #[serde(default)]
    number: String,
}

/// `GET /app/learning`
pub(crate) async fn learning(State(web): State<Web>, staff: Staff) -> Result<LearningPage, Failure> {
    let versions = web.desk.learned_versions(&staff.principal).await?;
    let now = web.now();
    let rows: Vec<VersionRow> =
        versions.iter().map(|(version, report)| VersionRow::new(version, report, now)).collect();
    Ok(LearningPage {
        frame: Frame::new(&web, &staff, Place::Learning, "Learning"),
        may_choose: staff.may(Scope::AdminSettings) && staff.principal.sight() == TicketSight::All,
        any_in_use: rows.iter().any(|row| row.in_use),
        rows,
        questions: questions::rows(&web, &staff, None).await?,
        beside: "",
    })
}

/// `GET /app/learning/{number}`
pub(crate) async fn learned(
    State(web): State<Web>,
    staff: Staff,
    Path(number): Path<i64>,
) -> Result<LearnedPage, Failure> {
    let (version, report) = web.desk.learned_version(&staff.principal, number).await?;
    let mut risen = vec![];
    for article in &report.risen {
        risen.push(RisenRow {
            title: web.desk.article_title(&staff.principal, &article.article_id)?,
            n_questions: article.n_questions,
            without: format!("{:.1}", article.rank_cold),
            with: format!("{:.1}", article.rank_learned),
        });
    }
    let mut found = vec![];
    for question in &report.now_found {
        // A ticket may be gone since.
        let Ok(view) = web.desk.ticket(&staff.principal, &question.ticket_id).await else { continue };
        found.push(FoundRow {
            number: view.ticket.number,
            subject: view.ticket.subject,
            article: web.desk.article_title(&staff.principal, &question.article_id)?,
        });
    }
    Ok(LearnedPage {
        frame: Frame::new(&web, &staff, Place::Learning, format!("Version {number}")),
        row: VersionRow::new(&version, &report, web.now()),
        slices: report
            .slices
            .iter()
            .map(|slice| SliceRow {
                name: format!("{} {}", slice.by, slice.name),
                n: slice.n,
                without: format!("{:.2}", slice.cold),
                with: format!("{:.2}", slice.learned),
            })
            .collect(),
        risen,
        found,
        bins: report
            .confidence
            .reliability
            .iter()
            .map(|bin| BinRow { said: percent(bin.confidence), right: percent(bin.right), n: bin.n })
            .collect(),
    })
}

/// `POST /app/learning`
pub(crate) async fn learn(
    State(web): State<Web>,
    StaffForm(staff, Nothing {}): StaffForm<Nothing>,
) -> Result<Redirect, Failure> {
    let outcome = web.desk.learn(&staff.principal, &mut |_| {}).await?;
    Ok(Redirect::to(&format!("/app/learning/{}", outcome.version.number)))
}

/// `POST /app/learning/choice`
pub(crate) async fn choose_learned(
    State(web): State<Web>,
    StaffForm(staff, form): StaffForm<ChoiceForm>,
) -> Result<Redirect, Failure> {
    let number = match form.number.as_str() {
        "" => None,
        number => Some(number.parse().map_err(|_| Failure::not_found())?),
    };
    web.desk.choose_learned_version(&staff.principal, number).await?;
    web.desk.refresh_learned().await?;
    Ok(Redirect::to("/app/learning"))
}

impl VersionRow {
    fn new(version: &LearnedVersion, report: &Report, now: domain::Timestamp) -> Self {
        Self {
            number: version.number,
            in_use: version.in_use,
            made: When::new(version.created_at, now),
            n_remembered: report.n_remembered,
            n_linked: report.n_linked,
            n_validated: report.n_validated,
            first: (percent(report.cold.hit_at_1), percent(report.learned.hit_at_1)),
            three: (percent(report.cold.top_three), percent(report.learned.top_three)),
            verdict: verdict(&report.verdict),
        }
    }
}

/// A share in whole per cent.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0}", share * 100.0)
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Good => "Finds more".to_owned(),
        Verdict::TooFew { n, needed } => format!("Too few linked tickets to tell: {n} of {needed} questions"),
        Verdict::WorseThanCold => "Finds less than the search without it".to_owned(),
        Verdict::WorseThanCurrent => "Finds less than the version in use".to_owned(),
        Verdict::WorseSlice { by, name } => format!("Finds less for {by} {name}"),
    }
}
