//! Organisations: what customers belong to, by the domains of their addresses or because somebody says so.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{FieldValues, OrganisationId, Tag, Timestamp};

/// Most domains of one organisation.
pub const DOMAINS_MAX: usize = 100;
/// Longest domain, in bytes (RFC 1035).
const DOMAIN_BYTES_MAX: usize = 253;
/// Where anybody can have an address: who has one there belongs to nobody by it. The largest providers, and what they are also
/// called.
const PUBLIC_DOMAINS: [&str; 36] = [
    "126.com",
    "163.com",
    "aol.com",
    "fastmail.com",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "web.de",
    "yahoo.co.uk",
    "yahoo.com",
    "yandex.ru",
];

/// What customers belong to: a company, a school, a club.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// What people call it; no two have the same name.
    pub name: String,
    /// The domains of its addresses; each is one organisation's at most.
    pub domains: BTreeSet<String>,
    /// Its id in another system; no two have the same.
    pub external_id: Option<String>,
    /// What it is, in the team's own words; in order, each once.
    pub tags: Vec<Tag>,
    /// The values of its own fields.
    pub fields: FieldValues,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts its changes, from 1.
    pub revision: i64,
}

/// Why a text is no domain of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// It is no domain at all.
    #[error("{0:?}: write a domain such as example.org")]
    NoDomain(String),
    /// Anybody can have an address there.
    #[error("{0}: anybody can have an address there")]
    Public(String),
}

impl Organisation {
    /// A domain in the one form in which it is stored.
    ///
    /// # Errors
    /// Why it is none, or nobody's.
    pub fn domain(text: &str) -> Result<String, DomainError> {
        let domain = text.trim().trim_start_matches('@').to_lowercase();
        let is_label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let is_domain = domain.len() <= DOMAIN_BYTES_MAX
            && domain.contains('.')
            && domain.split('.').all(is_label)
            && !domain.split('.').all(|label| label.bytes().all(|b| b.is_ascii_digit()));
        if !is_domain {
            return Err(DomainError::NoDomain(text.to_owned()));
        }
        if PUBLIC_DOMAINS.contains(&domain.as_str()) {
            return Err(DomainError::Public(domain));
        }
        Ok(domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_have_one_form_and_public_ones_are_refused() {
        for (text, domain) in [
            ("Example.ORG", "example.org"),
            (" @mail.example.org ", "mail.example.org"),
            ("müller.de", "müller.de"),
        ] {
            assert_eq!(Organisation::domain(text).as_deref(), Ok(domain));
        }
        for text in ["", "example", "a b.org", "-a.org", "a..org", "192.0.2.1", "%.org", "a@b.org"] {
            assert!(matches!(Organisation::domain(text), Err(DomainError::NoDomain(_))), "{text}");
        }
        for text in ["gmail.com", "GMX.de"] {
            assert!(matches!(Organisation::domain(text), Err(DomainError::Public(_))), "{text}");
        }
        assert!(PUBLIC_DOMAINS.is_sorted());
    }
}
