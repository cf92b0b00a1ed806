//! Traces: how a bot turn came about, and whether the same question would get the same answer now.

use domain::{BotTurn, Conversation, ConversationState, Principal, Scope, Trace, TraceId};

use crate::{Desk, DeskError, conversation::ask::reader};

/// A stored answer beside the one that the same question gets now.
#[derive(Debug, Clone)]
pub struct Replay {
    /// What was stored.
    pub trace: Trace,
    /// What the bot would say now.
    pub now: BotTurn,
    /// Whether both say the same words from the same places.
    pub same: bool,
}

impl Desk {
    /// The trace of a bot turn.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::NotFound`] when there is none.
    pub async fn find_trace(&self, principal: &Principal, id: &TraceId) -> Result<Trace, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let mut trace = self.0.store.find_trace(principal, id).await?.ok_or(DeskError::NotFound)?;
        self.keep_seen(principal, trace.candidates.iter_mut().map(|candidate| &mut candidate.past_tickets))
            .await?;
        Ok(trace)
    }

    /// Asks the question of a trace again, with the turns before it, and stores nothing.
    ///
    /// # Errors
    /// As [`Desk::find_trace`].
    pub async fn replay_trace(&self, principal: &Principal, id: &TraceId) -> Result<Replay, DeskError> {
        let trace = self.find_trace(principal, id).await?;
        let view = self.conversation(principal, &trace.conversation_id).await?;
        let before = view
            .turns
            .iter()
            .position(
                |turn| matches!(&turn.content, domain::TurnContent::Bot { trace_id, .. } if trace_id == id),
            )
            .map_or(0, |at| at.saturating_sub(1));
        let conversation =
            Conversation { state: ConversationState::Bot { n_failures: 0 }, ..view.conversation };
        let reader = reader(&Principal::anonymous());
        let draft =
            self.draft_turn(&reader, &conversation, &trace.question, &view.turns[..before], None).await?;
        let now = draft.decision.turn;
        let same = now.kind() == trace.decision.kind() && now.text() == trace.decision.text();
        Ok(Replay { trace, now, same })
    }
}
