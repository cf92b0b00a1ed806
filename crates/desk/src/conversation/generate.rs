//! The language model's turn: streamed, each sentence checked before it is shown, with the extractive answer as the
//! floor that holds whatever the model does.

use std::time::{Duration, Instant};

use answer::Decision;
use domain::{BotTurn, Hits, Turn};
use futures_util::StreamExt as _;
use tokio::sync::mpsc::Sender;

use crate::{
    AskEvent, Desk, DeskError,
    conversation::ask::{Draft, past_turns, send},
};

impl Desk {
    /// Lets the model word the answer. Late, broken, hostile or unsupported: then the extractive decision stands.
    pub(crate) async fn generate(
        &self,
        question: &str,
        turns: &[Turn],
        hits: Hits,
        decision: Decision,
        events: Option<&Sender<AskEvent>>,
    ) -> Result<Draft, DeskError> {
        let Some(llm) = &self.0.llm else {
            return Ok(extractive(decision, hits, vec![], None));
        };
        let history: Vec<String> = past_turns(turns).into_iter().map(|turn| turn.text).collect();
        let prompt = self.0.answerer.prompt(question, &history, &hits);
        let mut grounder = self.0.answerer.grounder(question, &hits);
        let deadline = Instant::now() + Duration::from_millis(self.0.config.generation.deadline_ms);
        let mut n_shown = 0;
        let outcome = async {
            let mut stream = llm.stream(&prompt.system, &prompt.user).await?;
            while let Some(piece) = stream.next().await {
                for (sentence, citation) in grounder.push(&piece?) {
                    n_shown += 1;
                    send(events, AskEvent::Sentence { sentence, citation }).await;
                }
            }
            Ok::<(), channels::llm::LlmError>(())
        };
        let fallback = match tokio::time::timeout_at(deadline.into(), outcome).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("the language model did not finish in time".to_owned()),
        };
        let (last, grounded) = grounder.finish(decision.turn.confidence());
        if fallback.is_none()
            && let Some(turn) = grounded.turn
        {
            for (sentence, citation) in last {
                send(events, AskEvent::Sentence { sentence, citation }).await;
            }
            return Ok(Draft {
                decision: Decision { turn, ..decision },
                hits: Some(hits),
                generator: llm.model().to_owned(),
                dropped: grounded.dropped,
                fallback: None,
            });
        }
        if n_shown > 0 {
            send(events, AskEvent::Reset).await;
        }
        let fallback = fallback.unwrap_or_else(|| "no sentence was supported by its citation".to_owned());
        tracing::warn!(reason = %fallback, "the extractive answer stands in for the language model");
        if let BotTurn::Answer { sentences, citations, .. } = &decision.turn {
            for sentence in sentences {
                if let Some(citation) = citations.iter().find(|c| c.n == sentence.citation) {
                    let event = AskEvent::Sentence { sentence: sentence.clone(), citation: citation.clone() };
                    send(events, event).await;
                }
            }
        }
        Ok(extractive(decision, hits, grounded.dropped, Some(fallback)))
    }
}

pub(crate) fn extractive(
    decision: Decision,
    hits: Hits,
    dropped: Vec<String>,
    fallback: Option<String>,
) -> Draft {
    Draft { decision, hits: Some(hits), generator: "extractive".to_owned(), dropped, fallback }
}
