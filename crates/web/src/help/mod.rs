//! The help center: pages for visitors, rendered on the server and useful without scripts.

mod article;
mod ask;
mod collection;
mod failed;
mod feeds;
mod home;
mod log;
mod related;
mod results;
mod stream;
mod vote;

pub(crate) use article::article;
pub(crate) use ask::{ask, ask_log, ask_page, attachment, feedback, handoff, start_over};
pub(crate) use collection::{collection, others};
pub(crate) use failed::FailedPage;
pub(crate) use feeds::{favicon, llms, robots, sitemap};
pub(crate) use home::home;
pub(crate) use log::{BotView, FileLink, Source, sources};
pub(crate) use related::related;
pub(crate) use results::results;
pub(crate) use vote::vote;

use domain::Locale;
use serde::Deserialize;

/// `?lang=` of a page. Something that is no locale counts as absent: a wrong link still shows a page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Lang {
    lang: Option<String>,
}

impl Lang {
    pub(crate) fn locale(&self) -> Option<Locale> {
        self.lang.as_deref().and_then(|tag| Locale::parse(tag).ok())
    }
}
