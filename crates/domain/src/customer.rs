//! Customers: who asks, how they are reached, and what is known of them.

use serde::{Deserialize, Serialize};

use crate::{CustomerId, FieldValues, IdentityId, Locale, OrganisationId, Tag, Timestamp};

/// Most identities of one customer: more are not a person.
pub const IDENTITIES_MAX: usize = 50;
/// Digits at the end of a phone number that are compared: without them the same number with and without a country code differs.
const PHONE_DIGITS_COMPARED: usize = 9;
/// Fewest and most digits of a phone number (E.164 has at most 15; extensions make it longer).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=20;
/// Longest identity that is neither an address nor a number, in bytes.
const IDENTITY_BYTES_MAX: usize = 200;

/// A customer: somebody who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// The name they gave; may be empty.
    pub name: String,
    /// The mail address that answers go to: one of their identities, unverified unless that one says otherwise.
    pub email: Option<String>,
    /// Their language, as far as it is known.
    pub locale: Option<Locale>,
    /// Where they belong.
    pub organisation_id: Option<OrganisationId>,
    /// Who says so.
    pub organisation_by: OrganisationBy,
    /// What they are, in the team's own words; in order, each once.
    pub tags: Vec<Tag>,
    /// The values of their own fields.
    pub fields: FieldValues,
    /// When they became known.
    pub created_at: Timestamp,
    /// When they last wrote.
    pub seen_at: Option<Timestamp>,
    /// The customer that they were found to be, and who has all that was theirs.
    pub merged_into: Option<CustomerId>,
    /// Counts their changes, from 1.
    pub revision: i64,
}

/// Who says where a customer belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationBy {
    /// The domain of their address.
    Domain,
    /// Somebody of the team.
    Hand,
}

impl OrganisationBy {
    /// The value as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Hand => "hand",
        }
    }

    /// Parses a stored value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Domain, Self::Hand].into_iter().find(|by| by.as_str() == text)
    }
}

impl Customer {
    /// Somebody of whom no more is known.
    pub fn new(id: CustomerId, name: String, email: Option<String>, created_at: Timestamp) -> Self {
        Self {
            id,
            name,
            email,
            locale: None,
            organisation_id: None,
            organisation_by: OrganisationBy::Domain,
            tags: vec![],
            fields: FieldValues::new(),
            created_at,
            seen_at: None,
            merged_into: None,
            revision: 1,
        }
    }
}

/// What a customer is known by. No two customers share one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Whose it is.
    pub customer_id: CustomerId,
    /// What it is.
    pub kind: IdentityKind,
    /// The address, number or id, in the one form in which it is stored.
    pub value: String,
    /// Since when it is known to be theirs; absent while somebody merely says so.
    pub verified_at: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// What an identity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// A mail address.
    Email,
    /// A phone number.
    Phone,
    /// Their id in another system.
    ExternalId,
    /// The id of a browser or a widget that they use.
    Visitor,
}

impl IdentityKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Email, Self::Phone, Self::ExternalId, Self::Visitor];

    /// The kind as it is stored, and as filters name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::ExternalId => "external_id",
            Self::Visitor => "visitor",
        }
    }

    /// Parses a stored kind.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The one form of a value that is compared: addresses in lower case, numbers as digits after a plus sign if there is one.
    /// Nothing for what cannot be a value. An address is checked as far as its shape goes.
    pub fn normal(self, value: &str) -> Option<String> {
        let value = value.trim();
        match self {
            Self::Email => {
                let (local, host) = value.split_once('@')?;
                (!local.is_empty() && !host.is_empty()).then(|| value.to_lowercase())
            }
            Self::Phone => {
                let is_sign = |c: char| c.is_ascii_digit() || " +-./()".contains(c);
                let digits: String = value.chars().filter(char::is_ascii_digit).collect();
                let plus = if value.starts_with('+') { "+" } else { "" };
                let is_number = value.chars().all(is_sign) && PHONE_DIGITS.contains(&digits.len());
                is_number.then(|| format!("{plus}{digits}"))
            }
            Self::ExternalId | Self::Visitor => {
                let is_id = !value.is_empty()
                    && value.len() <= IDENTITY_BYTES_MAX
                    && !value.chars().any(char::is_control);
                is_id.then(|| value.to_owned())
            }
        }
    }

    /// What two values have in common that may well be the same: an address without what stands after a plus sign, the end of a
    /// number, an id whatever the case of its letters.
    pub fn likeness(self, value: &str) -> String {
        let value = value.to_lowercase();
        match self {
            Self::Email => match value.split_once('@') {
                Some((local, host)) => {
                    let name = local.split_once('+').map_or(local, |(name, _)| name);
                    format!("{}@{host}", if name.is_empty() { local } else { name })
                }
                None => value,
            },
            Self::Phone => {
                let digits: Vec<char> = value.chars().filter(char::is_ascii_digit).collect();
                digits[digits.len().saturating_sub(PHONE_DIGITS_COMPARED)..].iter().collect()
            }
            Self::ExternalId | Self::Visitor => value,
        }
    }
}

impl Identity {
    /// The part of an address after its `@`.
    pub fn domain(&self) -> Option<&str> {
        match self.kind {
            IdentityKind::Email => self.value.split_once('@').map(|(_, host)| host),
            _ => None,
        }
    }
}

/// The domains of a customer's addresses that say where they belong, in the order of the addresses: of those that are verified,
/// else of the only one.
pub fn telling_domains(identities: &[Identity]) -> Vec<&str> {
    let addresses: Vec<&Identity> =
        identities.iter().filter(|identity| identity.kind == IdentityKind::Email).collect();
    let verified: Vec<&str> = addresses
        .iter()
        .filter(|address| address.verified_at.is_some())
        .filter_map(|address| address.domain())
        .collect();
    match addresses.as_slice() {
        [only] if verified.is_empty() => only.domain().into_iter().collect(),
        _ => verified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_have_one_form_and_a_likeness() {
        use IdentityKind::{Email, ExternalId, Phone, Visitor};
        for (kind, value, normal, likeness) in [
            (Email, " Cy+Shop@Example.org", Some("cy+shop@example.org"), "cy@example.org"),
            (Email, "+x@example.org", Some("+x@example.org"), "+x@example.org"),
            (Email, "cy", None, ""),
            (Phone, "+49 (30) 901820-0", Some("+49309018200"), "309018200"),
            (Phone, "030 9018200", Some("0309018200"), "309018200"),
            (Phone, "call me", None, ""),
            (Phone, "12", None, ""),
            (ExternalId, " CRM-7 ", Some("CRM-7"), "crm-7"),
            (Visitor, "", None, ""),
        ] {
            assert_eq!(kind.normal(value).as_deref(), normal, "{value}");
            if let Some(normal) = normal {
                assert_eq!(kind.likeness(normal), likeness, "{value}");
            }
        }
        for kind in IdentityKind::ALL {
            assert_eq!(IdentityKind::parse(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn what_is_verified_or_alone_says_where_somebody_belongs() {
        let identity = |value: &str, verified: bool| Identity {
            id: IdentityId::new(value),
            customer_id: CustomerId::new("c"),
            kind: IdentityKind::Email,
            value: value.to_owned(),
            verified_at: verified.then_some(Timestamp(1)),
            created_at: Timestamp(1),
        };
        let of = |identities: &[Identity]| telling_domains(identities).join(" ");
        assert_eq!(of(&[identity("a@x.org", false)]), "x.org");
        assert_eq!(of(&[identity("a@x.org", false), identity("a@y.org", false)]), "");
        assert_eq!(of(&[identity("a@x.org", false), identity("a@y.org", true)]), "y.org");
        assert_eq!(of(&[]), "");
    }
}
