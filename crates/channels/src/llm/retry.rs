//! When a request that failed before its first word is made again, and after how long.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use super::LlmError;
use crate::OutboundError;

/// Second tries, at most: each costs time that the visitor waits.
pub(super) const RETRIES_MAX: u32 = 2;
/// The wait before the first retry; doubled for the second.
const WAIT: Duration = Duration::from_millis(300);
/// Longest wait that a server may ask for; with more the extractive answer is better.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// How long to wait before retry `n` (from 0), or `None` when another try would not help.
///
/// The wait is spread over half its length by the request itself, so that many requests that failed together do not
/// return together, and the same request waits equally long each time.
pub(super) fn wait_before(
    n: u32,
    error: &LlmError,
    asked_for: Option<Duration>,
    request: &str,
) -> Option<Duration> {
    if n >= RETRIES_MAX || !may_help(error) {
        return None;
    }
    let spread = {
        let mut hasher = DefaultHasher::new();
        (request, n).hash(&mut hasher);
        f64::from((hasher.finish() >> 32) as u32) / f64::from(u32::MAX)
    };
    let wait = (WAIT * 2_u32.pow(n)).mul_f64(0.75 + 0.5 * spread);
    match asked_for {
        Some(asked_for) if asked_for > WAIT_MAX => None,
        Some(asked_for) => Some(wait.max(asked_for)),
        None => Some(wait),
    }
}

fn may_help(error: &LlmError) -> bool {
    matches!(
        error,
        LlmError::Status(429 | 500 | 502 | 503 | 504 | 529) | LlmError::Outbound(OutboundError::Failed)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_tried_again_and_at_most_twice() {
        for (error, again) in [
            (LlmError::Status(429), true),
            (LlmError::Status(503), true),
            (LlmError::Outbound(OutboundError::Failed), true),
            (LlmError::Status(401), false),
            (LlmError::Status(302), false),
            (LlmError::Outbound(OutboundError::NotAllowed), false),
            (LlmError::Late, false),
            (LlmError::Invalid("x"), false),
        ] {
            assert_eq!(wait_before(0, &error, None, "q").is_some(), again, "{error}");
            assert_eq!(wait_before(RETRIES_MAX, &error, None, "q"), None);
        }
    }

    #[test]
    fn waits_grow_differ_between_requests_and_respect_the_server() {
        let busy = LlmError::Status(429);
        let wait = |n, asked_for, request| wait_before(n, &busy, asked_for, request);
        assert!(wait(1, None, "q") > wait(0, None, "q"));
        assert_ne!(wait(0, None, "one"), wait(0, None, "two"));
        assert_eq!(wait(0, Some(Duration::from_secs(1)), "q"), Some(Duration::from_secs(1)));
        assert_eq!(wait(0, Some(Duration::from_secs(60)), "q"), None);
    }
}
