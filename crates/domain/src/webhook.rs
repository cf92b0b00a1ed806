//! Webhooks: addresses that are told what happens, when one is tried again, and when one is given up.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{DeliveryId, Timestamp, WebhookId};

/// The kind of the message that tries a webhook out. No event has it.
pub const PING: &str = "ping";

/// Seconds to wait after the first failure, the second, and so on: over three days in all, so that a weekend without
/// anybody at the receiver loses nothing. Source: the schedule that Standard Webhooks recommends.
const WAITS_S: [u32; 9] =
    [5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600];
/// What chance may add to a wait: a fifth, so that messages that failed together do not return together.
const SPREAD: i64 = 5;
/// Longest wait that a receiver may ask for: the longest of our own. A header must not silence a webhook for ever.
const ASKED_FOR_S_MAX: u32 = 24 * 3_600;
/// How long everything may fail before a webhook is disabled: five days, longer than one message is tried.
const FAILING_MS_MAX: i64 = 5 * 24 * 3_600 * 1_000;

/// An address that is told what happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where it is told.
    pub url: String,
    /// What it is for, as its maker wrote; may be empty.
    pub description: String,
    /// The kinds of event it hears of (`Event::KINDS`); empty for all.
    pub kinds: BTreeSet<String>,
    /// Whether it is told anything.
    pub state: WebhookState,
    /// The newest event when it was made or enabled: it hears of what comes after.
    pub since_seq: i64,
    /// Since when every message has failed; nothing while the last one was received.
    pub failing_since: Option<Timestamp>,
    /// Nothing is sent before: the receiver asked for a pause.
    pub paused_until: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts its changes, from 1. A pause is none.
    pub revision: i64,
}

/// Whether a webhook is told anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookState {
    /// It is.
    Enabled,
    /// It is not.
    Disabled {
        /// Why not.
        why: WhyDisabled,
        /// Since when.
        at: Timestamp,
    },
}

/// Why a webhook is told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyDisabled {
    /// An admin said so.
    ByAdmin,
    /// The receiver answered 410.
    Gone,
    /// Everything failed for five days.
    Failing,
    /// More messages wait for it than are kept.
    Behind,
}

impl WhyDisabled {
    /// The reason as it is stored and told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ByAdmin => "by_admin",
            Self::Gone => "gone",
            Self::Failing => "failing",
            Self::Behind => "behind",
        }
    }

    /// Parses a stored reason.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::ByAdmin, Self::Gone, Self::Failing, Self::Behind].into_iter().find(|why| why.as_str() == text)
    }
}

impl Webhook {
    /// Whether it is told anything.
    pub fn is_enabled(&self) -> bool {
        self.state == WebhookState::Enabled
    }

    /// Whether it is to be told of an event.
    pub fn hears(&self, kind: &str, seq: i64) -> bool {
        self.is_enabled() && seq > self.since_seq && (self.kinds.is_empty() || self.kinds.contains(kind))
    }

    /// Enables it: it hears of what comes after this event, and begins without a past.
    #[must_use]
    pub fn enabled(self, since_seq: i64, now: Timestamp) -> Self {
        if self.is_enabled() {
            return self;
        }
        let fresh = Self { state: WebhookState::Enabled, since_seq, failing_since: None, ..self };
        Self { paused_until: None, ..fresh.changed(now) }
    }

    /// Disables it. One that is disabled keeps its reason.
    #[must_use]
    pub fn disabled(self, why: WhyDisabled, now: Timestamp) -> Self {
        if !self.is_enabled() {
            return self;
        }
        Self { state: WebhookState::Disabled { why, at: now }, ..self }.changed(now)
    }

    /// After a message was received.
    #[must_use]
    pub fn succeeded(self, now: Timestamp) -> Self {
        match self.failing_since {
            Some(_) => Self { failing_since: None, ..self }.changed(now),
            None => self,
        }
    }

    /// After a message failed. It is disabled when everything has failed for five days.
    #[must_use]
    pub fn failed(self, pause_until: Option<Timestamp>, now: Timestamp) -> Self {
        let paused_until = pause_until.or(self.paused_until);
        match self.failing_since {
            None => Self { failing_since: Some(now), paused_until, ..self }.changed(now),
            Some(since) if now.0 - since.0 >= FAILING_MS_MAX => {
                Self { paused_until, ..self }.disabled(WhyDisabled::Failing, now)
            }
            Some(_) => Self { paused_until, ..self },
        }
    }

    /// The same with the next revision.
    #[must_use]
    pub fn changed(self, now: Timestamp) -> Self {
        Self { updated_at: now, revision: self.revision + 1, ..self }
    }
}

/// A message to a webhook, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id, the same each time it is sent: receivers know a message by it.
    pub id: DeliveryId,
    /// To which webhook.
    pub webhook_id: WebhookId,
    /// The event it tells of; nothing for a ping.
    pub event_seq: Option<i64>,
    /// What kind of event.
    pub kind: String,
    /// What messages are kept in order by: one of each subject is on its way at a time.
    pub subject: String,
    /// The JSON that is sent.
    pub body: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was sent, the present time included. Tells one claim from a later one.
    pub n_attempts: u32,
    /// How often it failed since it was made or sent again by hand.
    pub n_failures: u32,
    /// When it is sent next, while it waits.
    pub next_at: Timestamp,
    /// Until when somebody is sending it.
    pub leased_until: Option<Timestamp>,
    /// When it was last sent.
    pub last_at: Option<Timestamp>,
    /// The status that was answered last, if anything was.
    pub last_status: Option<u16>,
    /// Why it failed last, or was given up, without anything that tells of the network.
    pub last_error: Option<String>,
    /// The first bytes of the last answer's body.
    pub last_said: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Where a message to a webhook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It waits for an earlier one of its subject.
    Queued,
    /// It is sent, or sent again, when it is time.
    Waiting,
    /// It was received.
    Delivered,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Waiting, Self::Delivered, Self::Failed];

    /// The state as it is stored and told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// Parses a stored state.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What came of sending a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// The status that was answered, if anything was.
    pub status: Option<u16>,
    /// Why it failed, without anything that tells of the network; nothing when it was received.
    pub error: Option<String>,
    /// The first bytes of the answer's body, if anything was answered.
    pub said: Option<String>,
}

/// What follows from sending a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterAttempt {
    /// It was received.
    Done,
    /// It is sent again at this time.
    Again(Timestamp),
    /// It is given up.
    GivenUp,
}

/// When a message that failed is sent again; nothing once it has failed ten times.
///
/// `asked_for_s` is what the receiver asked for. `chance` is a random number that spreads what failed together.
pub fn retry_at(n_failures: u32, now: Timestamp, asked_for_s: Option<u32>, chance: u16) -> Option<Timestamp> {
    let at = usize::try_from(n_failures).ok()?.checked_sub(1)?;
    let wait_ms = i64::from(*WAITS_S.get(at)?) * 1_000;
    let spread_ms = wait_ms / SPREAD * i64::from(chance) / i64::from(u16::MAX);
    let own = Timestamp(now.0 + wait_ms + spread_ms);
    Some(asked_for_s.map_or(own, |asked_for_s| own.max(pause_until(asked_for_s, now))))
}

/// Until when a webhook rests whose receiver asked for it, bounded.
pub fn pause_until(asked_for_s: u32, now: Timestamp) -> Timestamp {
    now.plus_seconds(asked_for_s.min(ASKED_FOR_S_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_750_000_000_000);
    const DAY_S: u32 = 86_400;

    fn webhook() -> Webhook {
        Webhook {
            id: WebhookId::new("w"),
            url: "https://example.org/hook".to_owned(),
            description: String::new(),
            kinds: BTreeSet::from(["ticket_opened".to_owned()]),
            state: WebhookState::Enabled,
            since_seq: 7,
            failing_since: None,
            paused_until: None,
            created_at: NOW,
            updated_at: NOW,
            revision: 1,
        }
    }

    #[test]
    fn it_hears_of_its_kinds_from_its_making_on() {
        let all = Webhook { kinds: BTreeSet::new(), ..webhook() };
        for (webhook, kind, seq, hears) in [
            (webhook(), "ticket_opened", 8, true),
            (webhook(), "ticket_opened", 7, false),
            (webhook(), "ticket_changed", 8, false),
            (all, "ticket_changed", 8, true),
            (webhook().disabled(WhyDisabled::ByAdmin, NOW), "ticket_opened", 8, false),
            (webhook().disabled(WhyDisabled::ByAdmin, NOW).enabled(9, NOW), "ticket_opened", 9, false),
            (webhook().disabled(WhyDisabled::ByAdmin, NOW).enabled(9, NOW), "ticket_opened", 10, true),
        ] {
            assert_eq!(webhook.hears(kind, seq), hears, "{kind} {seq} {:?}", webhook.state);
        }
    }

    #[test]
    fn waits_grow_over_days_and_end() {
        let mut now = NOW;
        let mut waits = vec![];
        let mut n_failures = 1;
        while let Some(next) = retry_at(n_failures, now, None, 0) {
            waits.push(next.0 - now.0);
            now = next;
            n_failures += 1;
        }
        assert!(waits.windows(2).all(|pair| pair[0] < pair[1]), "{waits:?}");
        assert_eq!((waits.len(), waits[0]), (9, 5_000));
        assert!((now.0 - NOW.0) > 3 * 86_400_000, "{waits:?}");
        assert_eq!(retry_at(0, NOW, None, 0), None);
    }

    #[test]
    fn chance_adds_up_to_a_fifth() {
        let wait = |chance| retry_at(2, NOW, None, chance).unwrap().0 - NOW.0;
        assert_eq!((wait(0), wait(u16::MAX)), (300_000, 360_000));
        assert!(wait(1_000) < wait(2_000));
    }

    #[test]
    fn what_the_receiver_asks_for_is_respected_within_bounds() {
        for (asked_for_s, wait_s) in
            [(1, 5), (60, 60), (DAY_S, DAY_S), (10 * DAY_S, DAY_S), (u32::MAX, DAY_S)]
        {
            assert_eq!(
                retry_at(1, NOW, Some(asked_for_s), 0),
                Some(NOW.plus_seconds(wait_s)),
                "{asked_for_s}"
            );
        }
        assert_eq!(retry_at(10, NOW, Some(1), 0), None, "asking does not add a try");
    }

    #[test]
    fn one_that_fails_for_days_is_disabled_and_a_success_forgives() {
        let failing = webhook().failed(None, NOW);
        assert_eq!((failing.failing_since, failing.revision), (Some(NOW), 2));
        let later = failing.clone().failed(None, NOW.plus_seconds(5 * DAY_S - 1));
        assert_eq!(later, failing);
        let well = later.clone().succeeded(NOW);
        assert_eq!((well.failing_since, well.revision), (None, 3));
        assert!(well.failed(None, NOW.plus_seconds(5 * DAY_S)).is_enabled());
        let end = NOW.plus_seconds(5 * DAY_S);
        let disabled = later.failed(None, end);
        assert_eq!(disabled.state, WebhookState::Disabled { why: WhyDisabled::Failing, at: end });
        assert_eq!(disabled.clone().disabled(WhyDisabled::ByAdmin, end), disabled, "it keeps its reason");
        let again = disabled.enabled(20, end);
        assert_eq!((again.failing_since, again.since_seq), (None, 20));
    }

    #[test]
    fn states_and_reasons_round_trip() {
        for state in DeliveryState::ALL {
            assert_eq!(DeliveryState::parse(state.as_str()), Some(state));
        }
        for why in [WhyDisabled::ByAdmin, WhyDisabled::Gone, WhyDisabled::Failing, WhyDisabled::Behind] {
            assert_eq!(WhyDisabled::parse(why.as_str()), Some(why));
        }
        assert_eq!((DeliveryState::parse("lost"), WhyDisabled::parse("lost")), (None, None));
    }
}
