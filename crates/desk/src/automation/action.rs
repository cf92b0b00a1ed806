//! Doing a list of actions to a ticket: first on a copy, which is all that a preview is, then for good.

use std::collections::BTreeMap;

use domain::{
    Action, Actions, AuditAction, Author, CannedReplyId, Handling, MESSAGE_BYTES_MAX, Message, MessageKind,
    NewAssignee, Principal, Tag, Ticket, TicketField, UserId, Words,
};
use serde_json::{Value, json};

use crate::{
    Desk, DeskError, TicketChange,
    audit::RecordedTx,
    input,
    message::reply::{answered, require_open},
    sharing::Holder,
    template::{self, TemplateValues},
    ticket::save::Spoken,
};

/// Who does something to a ticket.
pub(crate) struct Doer {
    /// With whose rights.
    pub(crate) principal: Principal,
    /// In whose name.
    pub(crate) by: Author,
    /// Whose canned replies; every one where nobody in particular does it.
    pub(crate) holder: Option<Holder>,
}

/// What actions make of a ticket.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The ticket after them.
    pub(crate) after: Ticket,
    /// What they write, in order.
    pub(crate) messages: Vec<PlannedMessage>,
    /// Which of them cannot be done, in order. They are left out.
    pub(crate) refused: Vec<RefusedAction>,
    /// The canned replies that they use.
    canned: Vec<CannedReplyId>,
}

/// A message that would be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedMessage {
    /// Who may read it.
    pub kind: MessageKind,
    /// Markdown.
    pub body: String,
}

/// An action that cannot be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedAction {
    /// Its number in the list, from 1.
    pub n: usize,
    /// What kind of action it is.
    pub kind: &'static str,
    /// Why.
    pub reason: String,
}

impl std::fmt::Display for RefusedAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "action {}, {}: {}", self.n, self.kind, self.reason)
    }
}

impl Plan {
    /// The fields in which the ticket differs, each with its value before and after.
    pub(crate) fn changes(&self, before: &Ticket) -> Vec<(TicketField, Option<String>, Option<String>)> {
        before.changes(&self.after)
    }

    /// Whether nothing comes of it.
    pub(crate) fn does_nothing(&self, before: &Ticket) -> bool {
        self.after == *before && self.messages.is_empty()
    }
}

/// A message whose words are not made yet.
struct Draft {
    n: usize,
    action: &'static str,
    kind: MessageKind,
    template: String,
    /// The canned reply that it is made of.
    canned: Option<CannedReplyId>,
}

impl Desk {
    /// What actions make of a ticket, without writing anything.
    ///
    /// # Errors
    /// Those of the database. What an action cannot do is in the plan.
    pub(crate) async fn plan(
        &self,
        tx: &mut RecordedTx,
        doer: &Doer,
        before: &Ticket,
        actions: &Actions,
    ) -> Result<Plan, DeskError> {
        let mut plan = Plan { after: before.clone(), messages: vec![], refused: vec![], canned: vec![] };
        let mut drafts = vec![];
        let is_status = |action: &Action| matches!(action, Action::SetStatus(_));
        for (n, action) in (1..).zip(actions).filter(|(_, action)| !is_status(action)) {
            let done = match action {
                Action::AddNote(words) | Action::Reply(words) => {
                    let done = self.draft(tx, doer, before, (n, action), words).await;
                    done.map(|draft| drafts.push(draft))
                }
                action => self.do_one(tx, doer, &mut plan, action).await,
            };
            plan.note_refusal(n, action.kind(), done)?;
        }
        // The status comes last: what a solved ticket must have may come with the other actions.
        let status = (1..).zip(actions).find(|(_, action)| is_status(action));
        if let Some((n, action)) = status {
            let done = self.do_one(tx, doer, &mut plan, action).await;
            plan.note_refusal(n, action.kind(), done)?;
        }
        self.write_drafts(tx, doer, &mut plan, drafts).await?;
        let is_answered = plan.messages.iter().any(|message| message.kind == MessageKind::Reply);
        if is_answered {
            let answered = answered(plan.after.clone(), &doer.by, self.now());
            plan.after = match status {
                None => answered,
                Some(_) => {
                    let first_replied_at = answered.handling.first_replied_at;
                    let handling = Handling { first_replied_at, ..plan.after.handling };
                    Ticket { handling, ..plan.after }
                }
            };
        }
        plan.refused.sort_by_key(|refused| refused.n);
        Ok(plan)
    }

    /// Writes what a plan says and saves the ticket.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn carry_out(
        &self,
        tx: &mut RecordedTx,
        by: &Author,
        before: &Ticket,
        plan: Plan,
    ) -> Result<(Ticket, Vec<Message>), DeskError> {
        let messages = self.write_messages(tx, by, before, &plan).await?;
        let spoken = Spoken::of(plan.messages.iter().map(|message| message.kind), by);
        let after = self.save_ticket_with(tx, before, plan.after, by, spoken).await?;
        Ok((after, messages))
    }

    /// Writes the messages of a plan, and counts the canned replies that they were made of.
    pub(crate) async fn write_messages(
        &self,
        tx: &mut RecordedTx,
        by: &Author,
        ticket: &Ticket,
        plan: &Plan,
    ) -> Result<Vec<Message>, DeskError> {
        let mut messages = vec![];
        for message in &plan.messages {
            let kind = message.kind;
            let message = Message { kind, ..self.message(&ticket.id, by.clone(), &message.body) };
            if kind == MessageKind::Reply {
                let speaker = match by {
                    Author::Agent { id, .. } => Some(UserId::new(id.as_str())),
                    _ => None,
                };
                self.put_reply(tx, ticket, &message, speaker.as_ref()).await?;
            } else {
                tx.insert_message(&message).await?;
                tx.record(AuditAction::TicketNoted, &ticket.id, json!({ "message_id": message.id }));
            }
            messages.push(message);
        }
        for id in &plan.canned {
            tx.count_canned_reply(id, self.now()).await?;
        }
        Ok(messages)
    }

    /// Does an action to the ticket of a plan.
    async fn do_one(
        &self,
        tx: &mut RecordedTx,
        doer: &Doer,
        plan: &mut Plan,
        action: &Action,
    ) -> Result<(), DeskError> {
        let change = change(action, &plan.after, doer)?;
        if let Some(Some(user_id)) = &change.assignee {
            self.check_assignee(user_id).await?;
        }
        plan.after = self.changed(tx, &doer.principal, &plan.after, change).await?;
        Ok(())
    }

    async fn draft(
        &self,
        tx: &mut RecordedTx,
        doer: &Doer,
        before: &Ticket,
        (n, action): (usize, &Action),
        words: &Words,
    ) -> Result<Draft, DeskError> {
        let kind = match action {
            Action::Reply(_) => {
                require_open(before)?;
                MessageKind::Reply
            }
            _ => MessageKind::Note,
        };
        let (template, canned) = match words {
            Words::Template(text) => (text.clone(), None),
            Words::Canned(id) => {
                let reply = tx.canned_reply(id).await?;
                let holder = doer.holder.as_ref();
                let reply = reply.filter(|reply| holder.is_none_or(|holder| holder.has(&reply.sharing)));
                let missing = || DeskError::invalid("canned_reply_id", "there is no such canned reply");
                (reply.ok_or_else(missing)?.body, Some(id.clone()))
            }
        };
        Ok(Draft { n, action: action.kind(), kind, template, canned })
    }

    /// Makes the words of messages, for the ticket as it is after the other actions.
    async fn write_drafts(
        &self,
        tx: &mut RecordedTx,
        doer: &Doer,
        plan: &mut Plan,
        drafts: Vec<Draft>,
    ) -> Result<(), DeskError> {
        if drafts.is_empty() {
            return Ok(());
        }
        let values = self.template_values(tx, &doer.by, &plan.after).await?;
        for draft in drafts {
            let refused = |why| DeskError::invalid("body", why);
            let body = template::render(&draft.template, &values).map_err(refused);
            let body = body.and_then(|body| input::text("body", &body, MESSAGE_BYTES_MAX).map(str::to_owned));
            let done = body.map(|body| {
                plan.messages.push(PlannedMessage { kind: draft.kind, body });
                // Only what is written counts as used; one that is gone could not be counted.
                plan.canned.extend(draft.canned);
            });
            plan.note_refusal(draft.n, draft.action, done)?;
        }
        Ok(())
    }

    /// What the variables of templates hold for a ticket.
    pub(crate) async fn template_values(
        &self,
        tx: &mut RecordedTx,
        by: &Author,
        ticket: &Ticket,
    ) -> Result<TemplateValues, DeskError> {
        let customer = match &ticket.customer_id {
            Some(id) => tx.customer(id).await?,
            None => None,
        };
        let agent = match by {
            Author::Agent { name, .. } => name.as_str(),
            _ => self.site().name.as_str(),
        };
        let fields = tx.fields(domain::FieldOf::Ticket).await?;
        Ok(TemplateValues::of(ticket, customer.as_ref(), agent, self.site(), &fields))
    }
}

impl Plan {
    /// Takes note of an action that cannot be done. What went wrong otherwise is passed on.
    fn note_refusal(
        &mut self,
        n: usize,
        kind: &'static str,
        done: Result<(), DeskError>,
    ) -> Result<(), DeskError> {
        let reason = match done {
            Ok(()) => return Ok(()),
            Err(DeskError::Invalid { message, .. } | DeskError::Conflict(message)) => message,
            Err(error @ DeskError::TooLarge { .. }) => error.to_string(),
            Err(error) => return Err(error),
        };
        self.refused.push(RefusedAction { n, kind, reason });
        Ok(())
    }
}

/// An action as a change of the ticket.
fn change(action: &Action, ticket: &Ticket, doer: &Doer) -> Result<TicketChange, DeskError> {
    let mut change = TicketChange::default();
    match action {
        Action::SetStatus(key) => change.custom_status = Some(key.clone()),
        Action::SetPriority(priority) => change.priority = Some(*priority),
        Action::SetTeam(team) => change.team = Some(team.clone()),
        Action::SetAssignee(NewAssignee::Nobody) => change.assignee = Some(None),
        Action::SetAssignee(NewAssignee::Person(id)) => change.assignee = Some(Some(id.clone())),
        Action::SetAssignee(NewAssignee::Me) => match &doer.principal {
            Principal::Staff { id, .. } => change.assignee = Some(Some(id.clone())),
            _ => return Err(DeskError::invalid("assignee_id", "me is nobody here: a key belongs to no one")),
        },
        Action::AddTags(tags) => {
            let tags = ticket.tags.iter().chain(tags);
            change.tags = Some(tags.map(Tag::to_string).collect());
        }
        Action::RemoveTags(tags) => {
            let left = ticket.tags.iter().filter(|tag| !tags.contains(tag));
            change.tags = Some(left.map(Tag::to_string).collect());
        }
        Action::SetField { key, value } => {
            change.fields = BTreeMap::from([(key.clone(), Value::clone(value))]);
        }
        Action::AddNote(_) | Action::Reply(_) => {}
    }
    Ok(change)
}
