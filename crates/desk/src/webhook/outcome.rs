//! What follows from an answer, or from none: for the message, and for the webhook.

use channels::{OutboundError, webhook::WebhookAnswer};
use domain::{AfterAttempt, Attempt, Delivery, Timestamp, Webhook, WhyDisabled, pause_until, retry_at};
use jiff::fmt::rfc2822;

/// What is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    /// For the log.
    pub(super) attempt: Attempt,
    /// For the message.
    pub(super) after: AfterAttempt,
    /// For the webhook.
    pub(super) webhook: Webhook,
}

/// Judges an answer. `chance` spreads what failed together.
pub(super) fn judge(
    webhook: Webhook,
    delivery: &Delivery,
    heard: Result<WebhookAnswer, OutboundError>,
    now: Timestamp,
    chance: u16,
) -> Outcome {
    let answer = match heard {
        Ok(answer) => answer,
        Err(error) => {
            // The text is generic: it tells nothing of the network.
            let attempt = Attempt { at: now, status: None, error: Some(error.to_string()), said: None };
            let after = again(delivery, now, None, chance);
            return Outcome { attempt, after, webhook: webhook.failed(None, now) };
        }
    };
    let WebhookAnswer { status, retry_after, said } = answer;
    let is_received = (200..300).contains(&status);
    let error = (!is_received).then(|| format!("answered with status {status}"));
    let attempt = Attempt { at: now, status: Some(status), error, said: Some(said) };
    let (after, webhook) = match status {
        _ if is_received => (AfterAttempt::Done, webhook.succeeded(now)),
        410 => (AfterAttempt::GivenUp, webhook.disabled(WhyDisabled::Gone, now)),
        429 | 503 => {
            let asked_for_s = retry_after.as_deref().and_then(|text| asked_for_s(text, now));
            let pause = asked_for_s.map(|asked_for_s| pause_until(asked_for_s, now));
            (again(delivery, now, asked_for_s, chance), webhook.failed(pause, now))
        }
        _ => (again(delivery, now, None, chance), webhook.failed(None, now)),
    };
    Outcome { attempt, after, webhook }
}

fn again(delivery: &Delivery, now: Timestamp, asked_for_s: Option<u32>, chance: u16) -> AfterAttempt {
    let next = retry_at(delivery.n_failures + 1, now, asked_for_s, chance);
    next.map_or(AfterAttempt::GivenUp, AfterAttempt::Again)
}

/// Seconds that `Retry-After` asks for: a number, or the time until a date (RFC 9110, 10.2.3).
fn asked_for_s(text: &str, now: Timestamp) -> Option<u32> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let date = rfc2822::parse(text).ok()?.timestamp().as_millisecond();
    u32::try_from((date - now.0).max(0) / 1_000).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::{DeliveryId, DeliveryState, WebhookId, WebhookState};

    use super::*;

    const NOW: Timestamp = Timestamp(1_750_000_000_000);

    fn webhook() -> Webhook {
        Webhook {
            id: WebhookId::new("w"),
            url: "https://example.org/hook".to_owned(),
            description: String::new(),
            kinds: BTreeSet::new(),
            state: WebhookState::Enabled,
            since_seq: 0,
            failing_since: None,
            paused_until: None,
            created_at: NOW,
            updated_at: NOW,
            revision: 1,
        }
    }

    fn delivery(n_failures: u32) -> Delivery {
        Delivery {
            id: DeliveryId::new("d"),
            webhook_id: WebhookId::new("w"),
            event_seq: Some(1),
            kind: "ticket_opened".to_owned(),
            subject: "ticket:t".to_owned(),
            body: "{}".to_owned(),
            state: DeliveryState::Waiting,
            n_attempts: n_failures + 1,
            n_failures,
            next_at: NOW,
            leased_until: None,
            last_at: None,
            last_status: None,
            last_error: None,
            last_said: None,
            created_at: NOW,
        }
    }

    fn answered(status: u16, retry_after: Option<&str>) -> Result<WebhookAnswer, OutboundError> {
        Ok(WebhookAnswer { status, retry_after: retry_after.map(str::to_owned), said: "x".to_owned() })
    }

    #[test]
    fn only_what_was_received_is_done() {
        let soon = AfterAttempt::Again(NOW.plus_seconds(5));
        for (heard, after, status, error) in [
            (answered(200, None), AfterAttempt::Done, Some(200), None),
            (answered(204, None), AfterAttempt::Done, Some(204), None),
            (answered(301, None), soon, Some(301), Some("answered with status 301")),
            (answered(404, None), soon, Some(404), Some("answered with status 404")),
            (answered(500, Some("3600")), soon, Some(500), Some("answered with status 500")),
            (answered(410, None), AfterAttempt::GivenUp, Some(410), Some("answered with status 410")),
            (Err(OutboundError::Late), soon, None, Some("target did not answer in time")),
            (Err(OutboundError::NotAllowed), soon, None, Some("target not allowed")),
        ] {
            let shown = format!("{heard:?}");
            let outcome = judge(webhook(), &delivery(0), heard, NOW, 0);
            assert_eq!(outcome.after, after, "{shown}");
            assert_eq!(
                (outcome.attempt.status, outcome.attempt.error.as_deref()),
                (status, error),
                "{shown}"
            );
            let is_gone = status == Some(410);
            assert_eq!(outcome.webhook.is_enabled(), !is_gone, "{shown}");
            let is_failing = outcome.webhook.failing_since.is_some();
            assert_eq!(is_failing, after != AfterAttempt::Done && !is_gone, "{shown}");
        }
        let last = judge(webhook(), &delivery(9), answered(500, None), NOW, 0);
        assert_eq!(last.after, AfterAttempt::GivenUp);
        assert!(last.webhook.is_enabled());
    }

    #[test]
    fn a_receiver_that_asks_for_time_gets_it_from_every_message() {
        for (text, wait_s) in [
            ("60", Some(60)),
            (" 7 ", Some(7)),
            ("Sun, 15 Jun 2025 15:08:20 GMT", Some(100)),
            ("soon", None),
            ("-1", None),
        ] {
            let outcome = judge(webhook(), &delivery(0), answered(429, Some(text)), NOW, 0);
            let wait_s = wait_s.map(|wait_s| NOW.plus_seconds(wait_s));
            assert_eq!(outcome.webhook.paused_until, wait_s, "{text}");
            let next = wait_s.map_or(NOW.plus_seconds(5), |at| at.max(NOW.plus_seconds(5)));
            assert_eq!(outcome.after, AfterAttempt::Again(next), "{text}");
        }
    }
}
