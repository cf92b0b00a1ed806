//! What somebody writes: Markdown, or HTML from a program that formats.

use domain::{MESSAGE_BYTES_MAX, MESSAGE_HTML_BYTES_MAX};

use crate::{DeskError, input};

/// In which format a text is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BodyFormat {
    /// Markdown in which each line end counts.
    #[default]
    Markdown,
    /// HTML. It is cleaned, and kept beside the Markdown that is made of it.
    Html,
}

/// A text as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    /// Markdown: what the bot, learning and search read.
    pub(crate) markdown: String,
    /// Clean HTML, where it was given as HTML.
    pub(crate) html: Option<String>,
}

impl Body {
    /// Checks a text and cleans it.
    ///
    /// # Errors
    /// [`DeskError::TooLarge`] over 256 KiB, or when more is left of HTML than can be kept; [`DeskError::Invalid`] where nothing
    /// is left to read.
    pub(crate) async fn of(text: &str, format: BodyFormat) -> Result<Self, DeskError> {
        const FIELD: &str = "body";
        let text = input::text(FIELD, text, MESSAGE_BYTES_MAX)?;
        if format == BodyFormat::Markdown {
            return Ok(Self { markdown: text.to_owned(), html: None });
        }
        // A quarter of a megabyte of tags takes its time.
        let html = text.to_owned();
        let rich = tokio::task::spawn_blocking(move || ingest::rich_text(&html)).await;
        let rich = rich.map_err(|error| DeskError::failed("cannot read a message as HTML", error))?;
        if rich.html.len() > MESSAGE_HTML_BYTES_MAX {
            return Err(DeskError::TooLarge { field: FIELD, bytes_max: MESSAGE_HTML_BYTES_MAX });
        }
        let markdown = input::text(FIELD, &rich.markdown, MESSAGE_BYTES_MAX)?.to_owned();
        Ok(Self { markdown, html: Some(rich.html) })
    }
}
