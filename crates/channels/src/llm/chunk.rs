//! One event of the stream: what the model's JSON says.

use serde::Deserialize;

use super::LlmError;

/// What an event brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// More text; may be empty.
    Text(String),
    /// More text, and the model has said everything.
    Last(String),
    /// The stream is over.
    Done,
}

/// The parts of a `chat.completion.chunk` that matter; servers add others.
#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    choices: Vec<Choice>,
    error: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
}

/// Reads the data of one event.
///
/// # Errors
/// [`LlmError::Invalid`] for what is not JSON of this shape or reports an error, [`LlmError::Cut`] when the model
/// stopped for another reason than having finished.
pub(super) fn parse(data: &str) -> Result<Chunk, LlmError> {
    if data.trim() == "[DONE]" {
        return Ok(Chunk::Done);
    }
    let event: Event =
        serde_json::from_str(data).map_err(|_| LlmError::Invalid("not JSON of the expected shape"))?;
    if event.error.is_some() {
        return Err(LlmError::Invalid("it reports an error"));
    }
    let Some(choice) = event.choices.into_iter().next() else { return Ok(Chunk::Text(String::new())) };
    let text = choice.delta.content.unwrap_or_default();
    match choice.finish_reason.as_deref() {
        None => Ok(Chunk::Text(text)),
        // Sentences are checked one by one, so an answer that ran into its length limit only loses its last one.
        Some("stop" | "length") => Ok(Chunk::Last(text)),
        Some(_) => Err(LlmError::Cut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_text_or_an_end_or_an_error() {
        let text = |text: &str| Ok(Chunk::Text(text.to_owned()));
        for (data, expected) in [
            (r#"{"choices":[{"delta":{"content":"Hi"}}]}"#, text("Hi")),
            (r#"{"choices":[{"delta":{"role":"assistant","content":null},"finish_reason":null}]}"#, text("")),
            (r#"{"choices":[{"delta":{}}],"usage":{"total_tokens":3}}"#, text("")),
            (r#"{"choices":[]}"#, text("")),
            (r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, Ok(Chunk::Last(String::new()))),
            (
                r#"{"choices":[{"delta":{"content":"."},"finish_reason":"length"}]}"#,
                Ok(Chunk::Last(".".into())),
            ),
            (r#"{"choices":[{"delta":{},"finish_reason":"content_filter"}]}"#, Err(LlmError::Cut)),
            ("[DONE]", Ok(Chunk::Done)),
            (r#"{"error":{"message":"key sk-1 is wrong"}}"#, Err(LlmError::Invalid("it reports an error"))),
            ("{", Err(LlmError::Invalid("not JSON of the expected shape"))),
            ("<html>", Err(LlmError::Invalid("not JSON of the expected shape"))),
        ] {
            assert_eq!(parse(data), expected, "{data}");
        }
    }
}
