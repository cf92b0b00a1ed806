//! The page for what went wrong. It answers "what now?": search, ask, contact.

use askama::Template;

use crate::{
    failure::Failure,
    page::{Shell, pages},
};

#[derive(Template)]
#[template(path = "help/failed.html")]
pub(crate) struct FailedPage<'a> {
    pub(crate) shell: Shell,
    pub(crate) failure: &'a Failure,
}

pages!(FailedPage<'_>);

impl FailedPage<'_> {
    /// What the reader may want to know beyond the headline.
    fn text(&self) -> String {
        match self.failure.status.as_u16() {
            404 => {
                "It may have moved, or it was never here. What you were after can still be found.".to_owned()
            }
            429 => match self.failure.retry_after_s {
                Some(seconds) => format!("Please wait {seconds} seconds, then try again."),
                None => "Please wait a moment, then try again.".to_owned(),
            },
            503 => "Please try again in a moment. Nothing was lost.".to_owned(),
            500..=599 => "We have been told. Please try again in a moment.".to_owned(),
            _ => {
                let mut text = self.failure.detail.clone();
                if let Some(first) = text.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                text.push('.');
                text
            }
        }
    }
}
