//! Opening a ticket without a conversation: by an agent for a customer, or by a program.

use std::collections::BTreeMap;

use domain::{
    AttachmentId, AuditAction, Author, Channel, CustomerId, FieldOf, FieldValues, Handling, HandoffReason,
    Locale, Message, MessageKind, Principal, Priority, Scope, Ticket, TicketId, TicketSight, UserId,
};
use serde_json::{Value, json};

use crate::{
    Body, BodyFormat, Desk, DeskError, TicketRow,
    conversation::{CustomerForm, NAME_BYTES_MAX},
    input,
    message::mention::followers,
    ticket::change::tags,
};

/// Longest subject, in bytes.
pub(super) const SUBJECT_BYTES_MAX: usize = 500;

/// A ticket to be opened. What is absent is taken from the words, as in a hand-over.
#[derive(Debug, Clone, Default)]
pub struct NewTicket {
    /// One line about what it is.
    pub subject: Option<String>,
    /// What it is about: the customer's words where there is a customer, else a note.
    pub body: String,
    /// In which format that is.
    pub format: BodyFormat,
    /// Files of the first message: uploaded by who opens the ticket, and part of nothing else.
    pub attachments: Vec<AttachmentId>,
    /// Who asks, by name.
    pub customer_name: Option<String>,
    /// Who asks, by address. One that is known is that customer; a name alone makes a new one.
    pub customer_email: Option<String>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// The team, by key.
    pub team: Option<String>,
    /// The agent who owns it.
    pub assignee: Option<UserId>,
    /// Tags, as people write them.
    pub tags: Vec<String>,
    /// Values of custom fields, by key, as JSON.
    pub fields: BTreeMap<String, Value>,
    /// The customer's language; the site's own when absent.
    pub locale: Option<Locale>,
}

impl Desk {
    /// Opens a ticket.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::Invalid`] and [`DeskError::TooLarge`] for what cannot be;
    /// a team that this principal has nothing to do with is none that is there. Who is named in a first note as in
    /// [`Desk::add_note`].
    pub async fn create_ticket(&self, principal: &Principal, new: NewTicket) -> Result<TicketRow, DeskError> {
        Self::require(principal, Scope::TicketsWrite)?;
        let by = self.author(principal).await?;
        let body = Body::of(&new.body, new.format).await?;
        let text = body.markdown.as_str();
        let subject = input::line("subject", new.subject.as_deref(), SUBJECT_BYTES_MAX)?;
        let name = input::optional("customer.name", new.customer_name.as_deref(), NAME_BYTES_MAX)?;
        let email = new.customer_email.as_deref().map(input::email).transpose()?;
        let tags = tags(&new.tags)?;
        if let Some(id) = &new.assignee {
            self.check_assignee(id).await?;
        }
        // Without somebody who asks it begins with a note, and who is named in one is mentioned.
        let named = match (name, &email) {
            (None, None) => self.named_in(text).await?,
            _ => vec![],
        };
        let locale = new.locale.unwrap_or_else(|| self.site().default_locale.clone());
        let brief = self.0.answerer.brief(&[], Some(text), &HandoffReason::Asked, &locale);
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        if let Some(team) = &new.team {
            Self::check_team(&mut tx, principal, team).await?;
        }
        let customer_id = if name.is_some() || email.is_some() {
            let form = CustomerForm { name: name.map(str::to_owned), email, locale: locale.clone() };
            Some(self.customer(&mut tx, CustomerId::new(self.id()), form).await?)
        } else {
            None
        };
        let meant = new.team.unwrap_or_else(|| seen(principal, brief.team));
        let team = Self::team_for(&mut tx, &meant).await?;
        let fields = self.with_values(&mut tx, FieldOf::Ticket, FieldValues::new(), &new.fields).await?;
        let (author, kind) = match customer_id {
            Some(_) => (Author::Customer, MessageKind::Reply),
            None => (by, MessageKind::Note),
        };
        let ticket = Ticket {
            subject: subject.unwrap_or(brief.subject),
            priority: new.priority.unwrap_or(brief.priority),
            tags,
            assignee_id: new.assignee,
            organisation_id: self.organisation_of(&mut tx, customer_id.as_ref()).await?,
            customer_id,
            fields,
            handling: Handling { followers: followers(&named), ..Handling::default() },
            ..Ticket::new(
                TicketId::new(self.id()),
                team,
                match principal {
                    Principal::ApiKey { .. } => Channel::api(),
                    _ => Channel::agent(),
                },
                locale,
                now,
            )
        };
        let ticket = tx.open_ticket(ticket).await?;
        let message = Message { kind, html: body.html, ..self.message(&ticket.id, author, &body.markdown) };
        tx.insert_message(&message).await?;
        self.note_other_team(&mut tx, &ticket, &meant).await?;
        self.mention(&mut tx, principal, &ticket, &message.id, &named).await?;
        Self::bind_attachments(&mut tx, principal, &new.attachments, &message.id).await?;
        tx.record(AuditAction::TicketOpened, &ticket.id, json!({ "number": ticket.number }));
        Self::note_wrote(&mut tx, &ticket, now).await?;
        let ticket = self.announce_ticket(&mut tx, ticket).await?;
        tx.commit().await?;
        self.ticket_row(principal, ticket).await
    }
}

/// The team that the words call for, or the first one that who opens the ticket sees.
fn seen(principal: &Principal, team: String) -> String {
    match principal.sight() {
        TicketSight::Teams(teams) if !teams.contains(&team) => teams.into_iter().next().unwrap_or(team),
        _ => team,
    }
}
