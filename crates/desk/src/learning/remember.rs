//! Remembering: what a solved ticket leaves behind, without personal data.

use std::collections::BTreeSet;

use domain::{
    Article, Audience, Author, BotTurn, Message, MessageKind, Principal, SolvedLink, SolvedTicket,
    SuggestionSource, TicketId, Timestamp, TurnContent,
};
use learn::Act;
use search::VectorText;

use super::links;
use crate::{Desk, DeskError, audit::Unrecorded, ticket::TicketView};

/// Tickets that are read, cleaned, embedded and stored at a time. A run that is stopped has kept all but the last.
const TICKETS_PER_BATCH: i64 = 32;
/// Longest question and reply that are remembered, in characters: what follows is a log or a quoted mail.
const TEXT_CHARS_MAX: usize = 8_000;

impl Desk {
    /// Remembers every ticket that was solved since the last time. Returns how many tickets were added.
    pub(super) async fn remember(
        &self,
        progress: &mut (dyn FnMut(usize) + Send),
    ) -> Result<usize, DeskError> {
        let since = self.remembered_since();
        let mut n_added = 0;
        loop {
            let ids = self.0.store.list_tickets_to_remember(since, TICKETS_PER_BATCH).await?;
            if ids.is_empty() {
                break;
            }
            let mut solved = Vec::with_capacity(ids.len());
            for id in &ids {
                solved.push(self.solved_ticket(id).await?);
            }
            self.embed_solved(&solved).await?;
            let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Derived).await?;
            for ticket in &solved {
                tx.remember(ticket).await?;
            }
            tx.commit().await?;
            n_added += solved.len();
            progress(n_added);
        }
        Ok(n_added)
    }

    /// Forgets what was solved too long ago.
    pub(super) async fn forget_old(&self) -> Result<(), DeskError> {
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Derived).await?;
        tx.forget_solved_before(self.remembered_since()).await?;
        tx.commit().await
    }

    /// Tickets solved before this are not remembered.
    pub(super) fn remembered_since(&self) -> Timestamp {
        self.days_ago(self.0.config.learning.keep_days)
    }

    pub(crate) fn days_ago(&self, days: u32) -> Timestamp {
        const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
        Timestamp(self.now().0 - i64::from(days) * DAY_MS)
    }

    async fn solved_ticket(&self, id: &TicketId) -> Result<SolvedTicket, DeskError> {
        let view = self.ticket(&Principal::System, id).await?;
        let names = names(&view);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let linked = self.linked(&view).await?;
        // An article that was put aside left nothing in the reply that would have to be kept from anybody.
        let sent = linked.iter().filter(|(_, weight)| *weight > 0.0);
        let mut audiences: BTreeSet<Audience> = sent.map(|(article, _)| article.audience.clone()).collect();
        audiences.extend(self.cited_audiences(&view).await?);
        let reply = answer::adapt(&cut(&last_reply(&view)), &names);
        Ok(SolvedTicket {
            ticket_id: id.clone(),
            number: view.ticket.number,
            subject: view.ticket.subject.clone(),
            team: view.ticket.team.clone(),
            seq: 0,
            solved_at: view.ticket.solved_at.unwrap_or(view.ticket.updated_at),
            customer_id: view.ticket.customer_id.clone(),
            locale: view.ticket.locale.clone(),
            audiences: audiences.into_iter().collect(),
            links: linked
                .into_iter()
                .map(|(article, weight)| SolvedLink { article_id: article.id, weight })
                .collect(),
            topic: redact::redact(&view.ticket.subject, &names),
            question: redact::redact(&cut(&asked(&view)), &names),
            is_reply_offered: reply.is_offered,
            reply: reply.text,
        })
    }

    /// The articles that agents linked, answered with or put aside, each once, with what the link counts. What customers link
    /// does not count.
    async fn linked(&self, view: &TicketView) -> Result<Vec<(Article, f64)>, DeskError> {
        let mut linked: Vec<(Article, f64)> = vec![];
        let mut add =
            |article: Article, weight: f64| match linked.iter_mut().find(|(known, _)| known.id == article.id)
            {
                Some((_, known)) => *known = known.max(weight),
                None => linked.push((article, weight)),
            };
        let base_url = self.site().base_url.as_deref();
        let replies = view.messages.iter().filter(|message| {
            message.kind == MessageKind::Reply && matches!(message.author, Author::Agent { .. })
        });
        for slug in replies.flat_map(|reply| links::slugs(&reply.body, base_url)) {
            if let Some(article) = self.article_at(&slug).await? {
                add(article, Act::Linked.weight());
            }
        }
        for suggestion in &view.suggestions {
            let Some(outcome) = suggestion.outcome else { continue };
            for source in &suggestion.sources {
                let SuggestionSource::Article { citation } = source else { continue };
                let found = self.0.store.find_article(&Principal::System, &citation.article_id).await?;
                if let Some(article) = found {
                    add(article, Act::of_suggestion(outcome).weight());
                }
            }
        }
        Ok(linked)
    }

    /// The article at an address, retired ones included.
    async fn article_at(&self, slug: &str) -> Result<Option<Article>, DeskError> {
        let store = &self.0.store;
        if let Some(article) = store.find_article_by_slug(&Principal::System, slug).await? {
            return Ok(Some(article));
        }
        match store.find_redirect(&Principal::System, slug).await? {
            Some(slug) => Ok(store.find_article_by_slug(&Principal::System, &slug).await?),
            None => Ok(None),
        }
    }

    /// The audiences of what the bot told the customer.
    async fn cited_audiences(&self, view: &TicketView) -> Result<Vec<Audience>, DeskError> {
        let mut audiences = vec![];
        for turn in &view.turns {
            let TurnContent::Bot { turn: BotTurn::Answer { citations, .. }, .. } = &turn.content else {
                continue;
            };
            for citation in citations {
                let found = self.0.store.find_article(&Principal::System, &citation.article_id).await?;
                audiences.extend(found.map(|article| article.audience));
            }
        }
        Ok(audiences)
    }

    /// Makes the vectors of these tickets' questions and replies, where they are not there yet.
    async fn embed_solved(&self, solved: &[SolvedTicket]) -> Result<(), DeskError> {
        let texts = solved.iter().flat_map(|ticket| [&ticket.question, &ticket.reply]);
        let texts: Vec<VectorText> = texts.map(|text| VectorText::of(text)).collect();
        self.vectors_of(texts, &mut |_| {}).await.map(|_| ())
    }
}

/// The names that stand in the data: whoever wrote in the ticket.
fn names(view: &TicketView) -> Vec<String> {
    let agents = view.messages.iter().filter_map(|message| match &message.author {
        Author::Agent { name, .. } => Some(name.clone()),
        Author::Customer | Author::Bot | Author::System | Author::Rule { .. } => None,
    });
    let mut names: Vec<String> =
        agents.chain(view.customer.iter().map(|customer| customer.name.clone())).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What the customer asked: their longest text, because first turns say "hi" and last ones ask for a human.
fn asked(view: &TicketView) -> String {
    let in_ticket = view
        .messages
        .iter()
        .filter(|message| message.kind == MessageKind::Reply && message.author == Author::Customer)
        .map(|message| message.body.as_str());
    let in_conversation = view.turns.iter().filter_map(|turn| match &turn.content {
        TurnContent::Customer { text } => Some(text.as_str()),
        TurnContent::Bot { .. } | TurnContent::Agent { .. } => None,
    });
    let longest = in_ticket.chain(in_conversation).max_by_key(|text| text.len());
    longest.unwrap_or(&view.ticket.subject).to_owned()
}

/// The last thing an agent answered.
fn last_reply(view: &TicketView) -> String {
    let by_agent = |message: &&Message| {
        message.kind == MessageKind::Reply && matches!(message.author, Author::Agent { .. })
    };
    view.messages.iter().rfind(by_agent).map(|message| message.body.clone()).unwrap_or_default()
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}
