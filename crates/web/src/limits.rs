//! How much one address, key or session may do: token buckets, bounded in number, and the headers that tell how much is left.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use domain::{ApiKeyId, SessionId};

use crate::{WebConfig, failure::Failure};

/// How much there is, and in which time (draft-ietf-httpapi-ratelimit-headers-10).
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// How much of it is left, and when there is all of it again.
pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Most buckets that are remembered; then the ones that have regained everything are forgotten, and if none has,
/// all are. A megabyte or two.
const BUCKETS_MAX: usize = 20_000;

/// Typing one search makes several.
const SEARCHES_PER_ASK: u32 = 4;
/// A person mistypes a password a few times; a guesser needs thousands.
const SIGN_INS_PER_MINUTE: u32 = 20;
/// Every limit is for this long.
const WINDOW_S: u32 = 60;

/// A token bucket's size and refill.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    burst: f64,
    per_second: f64,
}

impl Allowance {
    /// A minute's worth at once, regained evenly.
    fn per_minute(n: u32) -> Self {
        let n = f64::from(n.max(1));
        Self { burst: n, per_second: n / f64::from(WINDOW_S) }
    }
}

/// What is being counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Spend {
    /// A visitor's questions and messages.
    Ask,
    /// A visitor's searches.
    Search,
    /// Tries to sign in.
    SignIn,
    /// Requests with one key.
    Key,
    /// Requests of one session.
    Session,
    /// Requests to the API without either.
    Address,
}

impl Spend {
    /// The name of the policy in headers.
    fn name(self) -> &'static str {
        match self {
            Self::Ask => "questions",
            Self::Search => "searches",
            Self::SignIn => "sign-ins",
            Self::Key => "key",
            Self::Session => "session",
            Self::Address => "address",
        }
    }

    /// Whose it is, as the end of a sentence.
    fn whose(self) -> &'static str {
        match self {
            Self::Ask | Self::Search | Self::SignIn | Self::Address => "from this address",
            Self::Key => "with this key",
            Self::Session => "in this session",
        }
    }
}

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// A network, as [`network`] cuts an address.
    Network(IpAddr),
    Key(ApiKeyId),
    Session(SessionId),
}

impl Who {
    pub(crate) fn at(address: IpAddr) -> Self {
        Self::Network(network(address))
    }
}

/// How one limit stands after a request.
#[derive(Debug, Clone, Copy)]
struct Standing {
    spend: Spend,
    quota: u32,
    left: u32,
    /// Until everything is regained.
    full_in_s: u32,
}

/// How the limits stand that one request was counted in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spent(Arc<Mutex<Vec<Standing>>>);

impl Spent {
    fn push(&self, standing: Standing) {
        let mut standings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        standings.retain(|earlier| earlier.spend != standing.spend);
        standings.push(standing);
    }

    /// Writes both headers, with one item for each limit.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let standings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = |item: fn(&Standing) -> String| {
            let line = standings.iter().map(item).collect::<Vec<_>>().join(", ");
            HeaderValue::from_str(&line).ok().filter(|_| !standings.is_empty())
        };
        let policy = line(|one| format!("\"{}\";q={};w={WINDOW_S}", one.spend.name(), one.quota));
        let left = line(|one| format!("\"{}\";r={};t={}", one.spend.name(), one.left, one.full_in_s));
        for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, left)] {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
    }
}

/// The buckets of all.
pub(crate) struct Limits {
    asks: Allowance,
    searches: Allowance,
    sign_ins: Allowance,
    keys: Allowance,
    sessions: Allowance,
    addresses: Allowance,
    buckets: Mutex<HashMap<(Who, Spend), Bucket>>,
}

struct Bucket {
    left: f64,
    filled_at: Instant,
}

impl Limits {
    pub(crate) fn new(config: &WebConfig) -> Self {
        Self {
            asks: Allowance::per_minute(config.requests_per_minute),
            searches: Allowance::per_minute(config.requests_per_minute.saturating_mul(SEARCHES_PER_ASK)),
            sign_ins: Allowance::per_minute(SIGN_INS_PER_MINUTE),
            keys: Allowance::per_minute(config.key_requests_per_minute),
            sessions: Allowance::per_minute(config.session_requests_per_minute),
            addresses: Allowance::per_minute(config.address_requests_per_minute),
            buckets: Mutex::new(HashMap::new()),
        }
    }

    fn allowance(&self, spend: Spend) -> Allowance {
        match spend {
            Spend::Ask => self.asks,
            Spend::Search => self.searches,
            Spend::SignIn => self.sign_ins,
            Spend::Key => self.keys,
            Spend::Session => self.sessions,
            Spend::Address => self.addresses,
        }
    }

    /// Takes one from a bucket, and notes how it stands.
    ///
    /// # Errors
    /// 429 with the seconds until there is one again.
    pub(crate) fn admit(&self, who: Who, spend: Spend, now: Instant, spent: &Spent) -> Result<(), Failure> {
        let allowance = self.allowance(spend);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX {
            // Each by its own measure: a bucket of searches that is full for a sign-in is far from full.
            buckets.retain(|(_, spend), bucket| {
                let own = self.allowance(*spend);
                bucket.refilled(own, now) < own.burst
            });
            if buckets.len() >= BUCKETS_MAX {
                buckets.clear();
            }
        }
        let bucket = buckets.entry((who, spend)).or_insert(Bucket { left: allowance.burst, filled_at: now });
        let had = bucket.refilled(allowance, now);
        let is_admitted = had >= 1.0;
        bucket.left = if is_admitted { had - 1.0 } else { had };
        bucket.filled_at = now;
        spent.push(Standing {
            spend,
            quota: allowance.burst as u32,
            left: bucket.left.floor() as u32,
            full_in_s: ((allowance.burst - bucket.left) / allowance.per_second).ceil() as u32,
        });
        if is_admitted {
            return Ok(());
        }
        let wait_s = ((1.0 - had) / allowance.per_second).ceil().clamp(1.0, 3600.0);
        Err(Failure::too_many(spend.whose(), wait_s as u32))
    }
}

impl Bucket {
    fn refilled(&self, allowance: Allowance, now: Instant) -> f64 {
        let elapsed_s = now.saturating_duration_since(self.filled_at).as_secs_f64();
        (self.left + elapsed_s * allowance.per_second).min(allowance.burst)
    }
}

/// One subscriber has a whole /64 of IPv6, so that is what is counted.
pub(crate) fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn limits() -> Limits {
        let config = WebConfig { requests_per_minute: 2, key_requests_per_minute: 3, ..WebConfig::default() };
        Limits::new(&config)
    }

    #[test]
    fn an_address_waits_when_it_has_spent_everything_and_others_do_not() {
        let (limits, now) = (limits(), Instant::now());
        let at = |text: &str| Who::at(text.parse().unwrap());
        for (address, after_s, admitted) in [
            ("192.0.2.1", 0, true),
            ("192.0.2.1", 0, true),
            ("192.0.2.1", 0, false),
            ("::ffff:192.0.2.1", 0, false),
            ("192.0.2.2", 0, true),
            ("192.0.2.1", 30, true),
            ("192.0.2.1", 30, false),
            ("2001:db8::1", 30, true),
            ("2001:db8::2", 30, true),
            ("2001:db8::3", 30, false),
        ] {
            let then = now + Duration::from_secs(after_s);
            let spent = Spent::default();
            let admission = limits.admit(at(address), Spend::Ask, then, &spent);
            assert_eq!(admission.is_ok(), admitted, "{address} {after_s}");
        }
        assert!(limits.admit(at("192.0.2.1"), Spend::Search, now, &Spent::default()).is_ok());
    }

    #[test]
    fn headers_tell_of_every_limit_that_was_counted_in() {
        let (limits, now, spent) = (limits(), Instant::now(), Spent::default());
        let (key, address) = (Who::Key(ApiKeyId::new("k")), Who::at("192.0.2.1".parse().unwrap()));
        let mut headers = HeaderMap::new();
        Spent::default().write(&mut headers);
        assert!(headers.is_empty(), "nothing was counted");
        for (left, refused) in [(2, false), (1, false), (0, false), (0, true)] {
            let admission = limits.admit(key.clone(), Spend::Key, now, &spent);
            assert_eq!(
                admission.map_err(|failure| failure.retry_after_s),
                if refused { Err(Some(20)) } else { Ok(()) }
            );
            spent.write(&mut headers);
            assert_eq!(headers[RATE_LIMIT_POLICY], "\"key\";q=3;w=60");
            assert_eq!(headers[RATE_LIMIT], format!("\"key\";r={left};t={}", 60 - 20 * left));
        }
        limits.admit(address, Spend::Ask, now, &spent).unwrap();
        spent.write(&mut headers);
        assert_eq!(headers[RATE_LIMIT_POLICY], "\"key\";q=3;w=60, \"questions\";q=2;w=60");
        assert_eq!(headers[RATE_LIMIT], "\"key\";r=0;t=60, \"questions\";r=1;t=30");
    }
}
