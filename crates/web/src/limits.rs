//! How much one address may do: token buckets, bounded in number.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::failure::Failure;

/// Most addresses that are remembered; then the ones that have regained everything are forgotten, and if none has,
/// all are. A megabyte or so.
const BUCKETS_MAX: usize = 20_000;

/// Typing one search makes several.
const SEARCHES_PER_ASK: f64 = 4.0;
/// A person mistypes a password a few times; a guesser needs thousands.
const SIGN_INS_PER_MINUTE: f64 = 20.0;

/// A token bucket's size and refill.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    burst: f64,
    per_second: f64,
}

impl Allowance {
    /// A minute's worth at once, regained evenly.
    fn per_minute(n: f64) -> Self {
        let n = n.max(1.0);
        Self { burst: n, per_second: n / 60.0 }
    }
}

/// What is being counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Spend {
    Ask,
    Search,
    SignIn,
}

/// The buckets of all addresses.
pub(crate) struct Limits {
    asks: Allowance,
    searches: Allowance,
    sign_ins: Allowance,
    buckets: Mutex<HashMap<(IpAddr, Spend), Bucket>>,
}

struct Bucket {
    left: f64,
    filled_at: Instant,
}

impl Limits {
    pub(crate) fn new(requests_per_minute: u32) -> Self {
        Self {
            asks: Allowance::per_minute(f64::from(requests_per_minute)),
            searches: Allowance::per_minute(SEARCHES_PER_ASK * f64::from(requests_per_minute)),
            sign_ins: Allowance::per_minute(SIGN_INS_PER_MINUTE),
            buckets: Mutex::new(HashMap::new()),
        }
    }

    fn allowance(&self, spend: Spend) -> Allowance {
        match spend {
            Spend::Ask => self.asks,
            Spend::Search => self.searches,
            Spend::SignIn => self.sign_ins,
        }
    }

    /// Takes one from the address's bucket.
    ///
    /// # Errors
    /// 429 with the seconds until there is one again.
    pub(crate) fn admit(&self, ip: IpAddr, spend: Spend, now: Instant) -> Result<(), Failure> {
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
        let bucket =
            buckets.entry((network(ip), spend)).or_insert(Bucket { left: allowance.burst, filled_at: now });
        let left = bucket.refilled(allowance, now);
        bucket.filled_at = now;
        if left < 1.0 {
            bucket.left = left;
            let wait_s = ((1.0 - left) / allowance.per_second).ceil().clamp(1.0, 3600.0);
            return Err(Failure::too_many(wait_s as u32));
        }
        bucket.left = left - 1.0;
        Ok(())
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
        let allowance = Allowance { burst: 2.0, per_second: 1.0 };
        Limits {
            asks: allowance,
            searches: allowance,
            sign_ins: allowance,
            buckets: Mutex::new(HashMap::new()),
        }
    }

    #[test]
    fn an_address_waits_when_it_has_spent_everything_and_others_do_not() {
        let (limits, now) = (limits(), Instant::now());
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        for (address, after_s, admitted) in [
            ("192.0.2.1", 0, true),
            ("192.0.2.1", 0, true),
            ("192.0.2.1", 0, false),
            ("::ffff:192.0.2.1", 0, false),
            ("192.0.2.2", 0, true),
            ("192.0.2.1", 1, true),
            ("192.0.2.1", 1, false),
            ("2001:db8::1", 1, true),
            ("2001:db8::2", 1, true),
            ("2001:db8::3", 1, false),
        ] {
            let at = now + Duration::from_secs(after_s);
            assert_eq!(limits.admit(ip(address), Spend::Ask, at).is_ok(), admitted, "{address} {after_s}");
        }
        assert!(limits.admit(ip("192.0.2.1"), Spend::Search, now).is_ok());
    }
}
