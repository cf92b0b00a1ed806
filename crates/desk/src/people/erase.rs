//! Erasing a customer everywhere: their name, their address and their words. What remains is that they were here: tickets with
//! numbers and times, for the statistics.
//!
//! It goes on in parts, each a transaction of its own, and is taken up again where a process died. What others wrote is searched
//! for their name by rules, which can miss a nickname.

use std::collections::BTreeSet;

use domain::{
    AuditAction, Author, ConversationId, CustomerId, Event, FieldValues, Message, MessageKind, Principal,
    Scope, Ticket, TicketId, TurnContent,
};
use search::VectorText;
use serde_json::json;
use store::ErasedName;

use crate::{Desk, DeskError, audit::RecordedTx, input};

/// What stands in place of words that were erased.
pub const ERASED: &str = "[erased]";
/// Tickets or conversations that one transaction erases: each with all its messages, and nobody else writes meanwhile.
const PER_ROUND: i64 = 10;
/// Rounds that a request waits for; the worker does the rest.
const ROUNDS_PER_REQUEST: usize = 10;
/// Customers that the worker looks for at a time.
const CUSTOMERS_PER_PAGE: i64 = 10;
/// Tickets for which all drafts are searched at a time.
const TICKETS_PER_SEARCH: i64 = 1_000;
/// Drafts that one transaction deletes.
const DRAFTS_PER_ROUND: usize = 100;

/// How far an erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// Nothing is left.
    Done,
    /// It goes on by itself.
    GoesOn {
        /// Tickets and conversations that are still theirs.
        n_left: i64,
    },
}

impl Desk {
    /// Erases a customer. What takes longer than a request may is done by the worker; asking again tells how far it is.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin`, [`DeskError::Limited`] without the sight of all tickets; [`DeskError::NotFound`]
    /// when there is no such customer, or no longer.
    pub async fn erase_customer(&self, principal: &Principal, id: &CustomerId) -> Result<Erasure, DeskError> {
        Self::require_erasure(principal)?;
        let mut tx = self.begin(principal).await?;
        let id = &self.customer_now(id).await?.id;
        tx.begin_erasure(id).await?;
        self.forget_what_was_learned(&mut tx, id).await?;
        tx.record(AuditAction::CustomerErasureBegun, id, json!({}));
        tx.commit().await?;
        self.erase_drafts_from(id).await?;
        for _ in 0..ROUNDS_PER_REQUEST {
            if self.erase_some(id).await? == Erasure::Done {
                return Ok(Erasure::Done);
            }
        }
        Ok(Erasure::GoesOn { n_left: self.0.store.count_of_customer(id).await? })
    }

    /// The customer with this address.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::NotFound`], [`DeskError::Invalid`] for an address that is none.
    pub async fn customer_by_email(
        &self,
        principal: &Principal,
        email: &str,
    ) -> Result<CustomerId, DeskError> {
        Self::require_erasure(principal)?;
        let found = self.0.store.find_customer_by_email(&input::email(email)?).await?;
        Ok(found.ok_or(DeskError::NotFound)?.id)
    }

    /// Goes on with the erasures that have begun. Returns how many have ended.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn go_on_erasing(&self) -> Result<usize, DeskError> {
        let (mut n_ended, mut failed) = (0, None);
        let mut after = None;
        loop {
            let page = self.0.store.customers_being_erased(after.as_ref(), CUSTOMERS_PER_PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            for id in &page {
                match self.erase_wholly(id).await {
                    Ok(()) => n_ended += 1,
                    // One that cannot be ended holds up no other.
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
        }
        failed.map_or(Ok(n_ended), Err)
    }

    async fn erase_wholly(&self, id: &CustomerId) -> Result<(), DeskError> {
        self.erase_drafts_from(id).await?;
        while self.erase_some(id).await? != Erasure::Done {}
        Ok(())
    }

    /// Deletes what was drafted from a customer's tickets for others. All drafts are searched, before anything is written: those
    /// tickets are not remembered any more, so none is added.
    async fn erase_drafts_from(&self, id: &CustomerId) -> Result<(), DeskError> {
        let mut after = None;
        loop {
            let page = self.0.store.ticket_ids_of_customer(id, after.as_ref(), TICKETS_PER_SEARCH).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.clone());
            let drafts = self.0.store.drafts_from(&page).await?;
            for drafts in drafts.chunks(DRAFTS_PER_ROUND) {
                let mut tx = self.begin(&Principal::System).await?;
                let (ids, of): (Vec<_>, BTreeSet<_>) = drafts.iter().cloned().unzip();
                tx.delete_suggestions(&ids).await?;
                // They look otherwise and count otherwise in reports.
                for ticket_id in of {
                    tx.emit(&Event::TicketChanged { ticket_id }, self.now()).await?;
                }
                tx.record(AuditAction::CustomerPartErased, id, json!({ "n_drafts": ids.len() }));
                tx.commit().await?;
            }
        }
    }

    /// Erases a part; the last one takes the customer.
    async fn erase_some(&self, id: &CustomerId) -> Result<Erasure, DeskError> {
        let searched = self.search_responses(id, PER_ROUND).await?;
        let mut tx = self.begin(&Principal::System).await?;
        let Some(name) = tx.erased_name(id).await? else {
            // Somebody else has ended it.
            tx.rollback().await?;
            return Ok(Erasure::Done);
        };
        // Those of the archive come out of it, are erased as all others are, and go there again when it is time.
        let mut tickets = tx.tickets_of_customer(id, PER_ROUND).await?;
        let mut conversations = tx.conversations_of_customer(id, PER_ROUND).await?;
        let is_nothing_left = tickets.is_empty() && conversations.is_empty();
        // What came to them since the search is of the next round.
        tickets.retain(|id| searched.tickets.contains(id));
        conversations.retain(|id| searched.conversations.contains(id));
        let mut traces_of = vec![id.to_string()];
        // Not their numbers and names, which may stand anywhere.
        traces_of.extend(name.addresses().cloned());
        for ticket in &tickets {
            self.erase_ticket(&mut tx, ticket, &name, &mut traces_of).await?;
        }
        traces_of.extend(tx.delete_suggestions_of(&tickets).await?);
        let mut files = vec![];
        for ticket in &tickets {
            // Whatever they show, and whoever sent them.
            files.extend(tx.delete_attachments_of(ticket).await?);
            traces_of.extend(tx.delete_waiting_replies_of(ticket).await?.iter().map(ToString::to_string));
        }
        for conversation in &conversations {
            erase_conversation(&mut tx, conversation, &name, &mut traces_of).await?;
            tx.release_conversation(conversation).await?;
            tx.emit(&Event::TurnAdded { conversation_id: conversation.clone() }, self.now()).await?;
        }
        Self::empty_responses(&mut tx, &searched, &traces_of).await?;
        tx.empty_bulk_filters_with(&traces_of).await?;
        let mut n_copies = 0;
        for address in name.addresses() {
            n_copies += self.erase_copies(&mut tx, address).await?;
        }
        let is_last = is_nothing_left && n_copies == 0;
        if is_last {
            // What was remembered meanwhile, when a ticket was solved after the beginning.
            self.forget_what_was_learned(&mut tx, id).await?;
            tx.delete_customer(id).await?;
            // Behind the events of all that was erased: the indexes have taken it in when they hear of this.
            tx.emit(&Event::CustomerErased { customer_id: id.clone() }, self.now()).await?;
            tx.record(AuditAction::CustomerErased, id, json!({}));
        } else {
            let n = json!({ "n_tickets": tickets.len(), "n_conversations": conversations.len() });
            tx.record(AuditAction::CustomerPartErased, id, n);
        }
        tx.commit().await?;
        // From here on nobody reads them; a process that dies leaves them to the sweep.
        self.remove_files(&files).await?;
        if !is_last {
            return Ok(Erasure::GoesOn { n_left: 0 });
        }
        self.catch_up().await?;
        self.refresh_learned().await?;
        self.0.store.empty_log().await?;
        Ok(Erasure::Done)
    }

    /// Forgets what was remembered of a customer's tickets, and the questions proposed in their words. Returns how many tickets.
    pub(crate) async fn forget_what_was_learned(
        &self,
        tx: &mut RecordedTx,
        id: &CustomerId,
    ) -> Result<usize, DeskError> {
        let texts = tx.forget_solved_of(id).await?;
        let hashes: Vec<String> = texts
            .iter()
            .flat_map(|(question, reply)| [question, reply])
            .map(|text| VectorText::of(text).hash)
            .collect();
        tx.delete_vectors(&hashes).await?;
        for article in tx.forget_proposed_questions_of(id).await? {
            tx.touch_published(&article, self.now()).await?;
        }
        Ok(texts.len())
    }

    async fn erase_ticket(
        &self,
        tx: &mut RecordedTx,
        id: &TicketId,
        name: &ErasedName,
        traces_of: &mut Vec<String>,
    ) -> Result<(), DeskError> {
        let Some(ticket) = tx.ticket(id).await? else { return Ok(()) };
        traces_of.push(id.to_string());
        for message in tx.messages(id).await? {
            traces_of.push(message.id.to_string());
            tx.replace_message(&message.id, &erased_body(&message, name)).await?;
        }
        if let Some(conversation) = &ticket.conversation_id {
            erase_conversation(tx, conversation, name, traces_of).await?;
        }
        let mut handling = ticket.handling.clone();
        handling.cc.retain(|address| name.addresses().all(|theirs| theirs != address));
        for item in &mut handling.checklist.items {
            item.text = without(&item.text, name);
        }
        let erased = Ticket {
            customer_id: None,
            handling,
            subject: ERASED.to_owned(),
            summary: String::new(),
            fields: FieldValues::new(),
            ..ticket.clone()
        };
        // Neither routing nor clocks have to do with it.
        self.store_change(tx, &ticket, erased, &Author::System).await?;
        tx.forget_bulk_changes(id).await?;
        Ok(tx.mark_erased(id, self.now()).await?)
    }

    /// Takes an address out of the copies of some tickets. Returns of how many.
    async fn erase_copies(&self, tx: &mut RecordedTx, email: &str) -> Result<usize, DeskError> {
        let found = tx.tickets_in_copy(email, PER_ROUND).await?;
        for id in &found {
            let Some(ticket) = tx.ticket(id).await? else { continue };
            let mut after = ticket.clone();
            after.handling.cc.remove(email);
            self.store_change(tx, &ticket, after, &Author::System).await?;
            // The change that was just made names it too.
            tx.forget_copies(id).await?;
        }
        Ok(found.len())
    }

    fn require_erasure(principal: &Principal) -> Result<(), DeskError> {
        Self::require_of_all(principal, Scope::Admin)
    }
}

async fn erase_conversation(
    tx: &mut RecordedTx,
    id: &ConversationId,
    name: &ErasedName,
    traces_of: &mut Vec<String>,
) -> Result<(), DeskError> {
    traces_of.push(id.to_string());
    for mut turn in tx.turns(id).await? {
        traces_of.push(turn.id.to_string());
        match &mut turn.content {
            TurnContent::Customer { text } => ERASED.clone_into(text),
            TurnContent::Agent { text, html, .. } => {
                *text = without(text, name);
                *html = None;
            }
            // Its words are those of articles.
            TurnContent::Bot { .. } => continue,
        }
        tx.replace_turn(&turn).await?;
    }
    tx.delete_traces_of(id).await?;
    Ok(())
}

fn erased_body(message: &Message, name: &ErasedName) -> String {
    match (&message.author, message.kind) {
        (Author::Customer, _) => ERASED.to_owned(),
        // Askwell's own lines name reasons only.
        (Author::System | Author::Bot, MessageKind::Event) => message.body.clone(),
        _ => without(&message.body, name),
    }
}

/// What somebody else wrote, without the customer's name and address and other personal data.
fn without(text: &str, name: &ErasedName) -> String {
    let known: Vec<&str> =
        Some(name.name.as_str()).into_iter().filter(|name| !name.trim().is_empty()).collect();
    let mut text = redact::redact(text, &known);
    // To the letter too, for addresses and names that no rule takes for one.
    let words = name.name.split_whitespace().filter(|word| word.chars().count() > 2);
    let others = name.others.iter().map(String::as_str);
    for word in name.email.iter().map(String::as_str).chain([name.name.as_str()]).chain(others).chain(words) {
        text = replaced(&text, word.trim());
    }
    text
}

/// A text with a mark in place of each occurrence of a word, whatever the case of its letters.
fn replaced(text: &str, word: &str) -> String {
    let word: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    if word.is_empty() {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let is_word_char = |at: Option<&char>| at.is_some_and(|c| c.is_alphanumeric());
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = at + word.len();
        let is_there = chars.get(at..end).is_some_and(|found| {
            found.iter().zip(&word).all(|(found, wanted)| found.to_lowercase().eq([*wanted]))
        });
        // Ann is not in annual.
        let before = at.checked_sub(1).and_then(|before| chars.get(before));
        let is_whole = !is_word_char(before) && !is_word_char(chars.get(end));
        if is_there && is_whole {
            out.push_str(ERASED);
            at = end;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_address_go_from_what_others_wrote_and_the_rest_stays() {
        let name = ErasedName {
            name: "Ann Quokka".to_owned(),
            email: Some("ann@quokka.example".to_owned()),
            others: vec!["quokka-7".to_owned()],
        };
        for (text, gone, stays) in [
            ("Dear Ann Quokka, your annual invoice is here.", vec!["Ann", "Quokka"], "annual invoice"),
            ("I wrote to ANN@quokka.example today.", vec!["ANN@", "quokka"], "today"),
            ("quokka called again", vec!["quokka"], "called again"),
        ] {
            let text = without(text, &name);
            assert!(gone.iter().all(|gone| !text.contains(gone)), "{text}");
            assert!(text.contains(stays), "{text}");
        }
        let nobody = ErasedName { name: String::new(), email: None, others: vec![] };
        assert_eq!(without("Press the red lever.", &nobody), "Press the red lever.");
    }
}
