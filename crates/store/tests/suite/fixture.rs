//! Domain values to store: small, and different where a mix-up should show.

use domain::*;
use store::{Store, StoreError};

pub(crate) const NOW: Timestamp = Timestamp(1_750_000_000_000);

pub(crate) fn en() -> Locale {
    Locale::english()
}

pub(crate) fn locale(tag: &str) -> Locale {
    Locale::parse(tag).unwrap()
}

pub(crate) fn visitor() -> Principal {
    Principal::anonymous()
}

pub(crate) fn visitor_of(conversation: &str) -> Principal {
    Principal::Visitor { conversation: Some(ConversationId::new(conversation)) }
}

pub(crate) fn customer(id: &str, segments: &[&str]) -> Principal {
    let segments = segments.iter().map(|segment| (*segment).to_owned()).collect();
    Principal::Customer { id: CustomerId::new(id), segments }
}

pub(crate) fn staff() -> Principal {
    Principal::staff(UserId::new("ada"), Role::Agent)
}

/// A person who sees the tickets of these teams.
pub(crate) fn staff_of(teams: &[&str]) -> Principal {
    Principal::Staff {
        id: UserId::new("ada"),
        scopes: Role::Agent.scopes().iter().copied().collect(),
        sight: TicketSight::Teams(teams.iter().map(|team| (*team).to_owned()).collect()),
    }
}

pub(crate) fn key_with(scopes: &[Scope]) -> Principal {
    Principal::api_key(ApiKeyId::new("key"), scopes.iter().copied())
}

pub(crate) fn collection(id: &str, position: i64) -> Collection {
    Collection {
        id: CollectionId::new(id),
        slug: format!("shelf-{id}"),
        title: format!("Shelf {id}"),
        description: format!("What stands on {id}"),
        position,
    }
}

pub(crate) fn article(id: &str, audience: Audience) -> Article {
    Article {
        id: ArticleId::new(id),
        slug: format!("slug-{id}"),
        collection_id: None,
        audience,
        external_id: Some(format!("external-{id}")),
        position: 0,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn translation(article_id: &str, locale: &Locale) -> Translation {
    Translation {
        article_id: ArticleId::new(article_id),
        locale: locale.clone(),
        title: format!("Title of {article_id} in {locale}"),
        body: format!("Body of {article_id} in {locale}."),
        questions: vec![format!("What is {article_id}?")],
        state: PublicationState::Draft,
        published_version: None,
        revision: 1,
        source_hash: None,
        updated_at: NOW,
    }
}

pub(crate) fn version(translation: &Translation, number: i64) -> Version {
    let (article_id, locale) = (&translation.article_id, &translation.locale);
    Version {
        id: VersionId::new(format!("{article_id}-{locale}-{number}")),
        article_id: article_id.clone(),
        locale: locale.clone(),
        number,
        title: translation.title.clone(),
        body: translation.body.clone(),
        questions: translation.questions.clone(),
        created_at: NOW,
    }
}

pub(crate) fn passages(version: &Version, n: u32) -> Vec<Passage> {
    let segment = |i| Segment {
        kind: if i % 2 == 0 { SegmentKind::Sentence } else { SegmentKind::Step { list: i } },
        anchor: format!("anchor-{i}"),
        start: 0,
        end: 4,
        text: format!("Segment {i}"),
    };
    (0..n)
        .map(|ordinal| Passage {
            id: PassageId::new(format!("{}:{ordinal}", version.id)),
            ordinal,
            anchor: format!("anchor-{ordinal}"),
            headings: vec!["Outer".to_owned(), format!("Inner {ordinal}")],
            start: 0,
            end: version.body.len(),
            segments: vec![segment(ordinal), segment(ordinal + 1)],
        })
        .collect()
}

/// Writes and publishes an article in these locales.
pub(crate) async fn publish(store: &Store, article: &Article, locales: &[Locale]) {
    let mut tx = store.begin().await.unwrap();
    tx.insert_article(article).await.unwrap();
    for locale in locales {
        let translation = translation(article.id.as_str(), locale);
        tx.insert_translation(&translation).await.unwrap();
        let version = version(&translation, 1);
        tx.publish(&version, &passages(&version, 2), NOW).await.unwrap();
    }
    tx.commit().await.unwrap();
}

pub(crate) fn conversation(id: &str) -> Conversation {
    Conversation {
        id: ConversationId::new(id),
        locale: en(),
        customer_id: None,
        state: ConversationState::Bot { n_failures: 0 },
        n_turns: 0,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn turn(conversation: &str, ordinal: u32, content: TurnContent) -> Turn {
    Turn {
        id: TurnId::new(format!("{conversation}-turn-{ordinal}")),
        conversation_id: ConversationId::new(conversation),
        ordinal,
        content,
        feedback: None,
        opened_article_id: None,
        created_at: NOW,
    }
}

pub(crate) fn said(text: &str) -> TurnContent {
    TurnContent::Customer { text: text.to_owned() }
}

pub(crate) fn answered(trace_id: &str) -> TurnContent {
    let turn = BotTurn::Answer { sentences: vec![], citations: vec![], confidence: 0.75 };
    TurnContent::Bot { turn, trace_id: TraceId::new(trace_id) }
}

pub(crate) async fn start_conversation(store: &Store, conversation: &Conversation) {
    let mut tx = store.begin().await.unwrap();
    tx.insert_conversation(conversation, &format!("token-{}", conversation.id)).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) fn person(id: &str) -> Customer {
    Customer::new(CustomerId::new(id), format!("Name of {id}"), Some(format!("{id}@example.org")), NOW)
}

pub(crate) fn organisation(id: &str, domains: &[&str]) -> Organisation {
    Organisation {
        id: OrganisationId::new(id),
        name: format!("Name of {id}"),
        domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        external_id: Some(format!("external-{id}")),
        tags: vec![],
        fields: FieldValues::new(),
        created_at: NOW,
        updated_at: NOW,
        revision: 1,
    }
}

pub(crate) fn identity(id: &str, of: &str, kind: IdentityKind, value: &str) -> Identity {
    Identity {
        id: IdentityId::new(id),
        customer_id: CustomerId::new(of),
        kind,
        value: value.to_owned(),
        verified_at: None,
        created_at: NOW,
    }
}

pub(crate) fn user(id: &str, role: Role) -> User {
    User {
        id: UserId::new(id),
        name: format!("Name of {id}"),
        email: format!("{id}@example.org"),
        role,
        sees: Sees::All,
        created_at: NOW,
        deactivated_at: None,
        revision: 1,
        has_second_factor: false,
    }
}

pub(crate) fn session(id: &str, user_id: &UserId, expires_at: Timestamp) -> Session {
    Session {
        id: SessionId::new(id),
        user_id: user_id.clone(),
        created_at: NOW,
        last_seen_at: NOW,
        expires_at,
        device: Device { browser: format!("Browser of {id}"), network: "192.0.2.0/24".to_owned() },
    }
}

pub(crate) fn ticket(id: &str) -> Ticket {
    Ticket {
        subject: format!("Subject of {id}"),
        handoff_reason: Some(HandoffReason::Policy { topic: "legal".to_owned() }),
        summary: format!("Summary of {id}"),
        ..Ticket::new(TicketId::new(id), "support".to_owned(), Channel::chat(), en(), NOW)
    }
}

pub(crate) fn vendor() -> Status {
    Status {
        key: "vendor".to_owned(),
        name: "With the vendor".to_owned(),
        customer_name: "We asked the maker".to_owned(),
        category: TicketStatus::Pending,
        position: 25,
        state: StatusState::Active,
        next: Some(["open".to_owned(), "solved".to_owned()].into()),
        revision: 1,
    }
}

pub(crate) fn message(id: &str, ticket: &str, author: Author, kind: MessageKind) -> Message {
    Message {
        id: MessageId::new(id),
        ticket_id: TicketId::new(ticket),
        author,
        kind,
        body: format!("Body of {id}"),
        html: None,
        created_at: NOW,
    }
}

pub(crate) fn agent() -> Author {
    Author::Agent { id: "ada".to_owned(), name: "Ada".to_owned() }
}

pub(crate) fn is_conflict<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Conflict(_)))
}

pub(crate) fn is_not_found<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::NotFound(_)))
}
