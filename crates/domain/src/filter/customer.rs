//! Conditions on customers, for lists and segments: the same language about other things.

use std::fmt::{Display, Formatter, Result as Shown};

use super::{
    Comparison, FieldTest, Filter, FilterCondition, FilterContext, Moment, OrganisationRef,
    condition::{self, Refusal},
    show,
};
use crate::{Customer, Identity, IdentityKind, Locale, Tag, Timestamp};

/// Which customers.
pub type CustomerFilter = Filter<CustomerCondition>;

/// Something that is true of a customer or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerCondition {
    /// They are called so, to the letter; `None` is to have no name.
    Name(Vec<Option<String>>),
    /// They are known by one of these, in the form in which it is stored; `None` is to have none of the kind.
    Identity(IdentityKind, Vec<Option<String>>),
    /// They have an address there.
    Domain(Vec<String>),
    /// They belong to one of these.
    Organisation(Vec<OrganisationRef>),
    /// They have one of these tags; `None` is to have no tag at all.
    Tag(Vec<Option<Tag>>),
    /// Their language is one of these; `None` is that nobody knows.
    Locale(Vec<Option<Locale>>),
    /// Whether an address of theirs is verified.
    Verified(bool),
    /// Something happened at such a time.
    Time(CustomerTime, Comparison, Moment),
    /// Something never happened.
    Never(CustomerTime),
    /// One of their own fields, by key, is so.
    Field(String, FieldTest),
}

/// A time of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CustomerTime {
    /// When they became known.
    Created,
    /// When they last wrote.
    Seen,
}

/// A customer, and what a filter may ask of what belongs to them.
#[derive(Debug, Clone, Copy)]
pub struct CustomerFacts<'a> {
    /// The customer.
    pub customer: &'a Customer,
    /// All they are known by.
    pub identities: &'a [Identity],
    /// What their organisation is called.
    pub organisation_name: Option<&'a str>,
}

impl Filter<CustomerCondition> {
    /// Whether it admits a customer.
    pub fn matches(&self, facts: CustomerFacts<'_>, ctx: &FilterContext) -> bool {
        self.admits(&|condition| condition.is_true(facts, ctx))
    }
}

impl CustomerCondition {
    fn is_true(&self, facts: CustomerFacts<'_>, ctx: &FilterContext) -> bool {
        let CustomerFacts { customer, identities, organisation_name } = facts;
        match self {
            Self::Name(names) => {
                names.iter().any(|name| customer.name == name.as_deref().unwrap_or_default())
            }
            Self::Identity(kind, values) => {
                let has = |is: &dyn Fn(&Identity) -> bool| {
                    identities.iter().any(|identity| identity.kind == *kind && is(identity))
                };
                values.iter().any(|value| match value {
                    None => !has(&|_| true),
                    Some(value) => has(&|identity| identity.value == *value),
                })
            }
            Self::Domain(domains) => identities
                .iter()
                .filter_map(Identity::domain)
                .any(|domain| domains.iter().any(|wanted| wanted == domain)),
            Self::Organisation(wanted) => {
                wanted.iter().any(|wanted| wanted.is(customer.organisation_id.as_ref(), organisation_name))
            }
            Self::Tag(tags) => tags.iter().any(|tag| match tag {
                None => customer.tags.is_empty(),
                Some(tag) => customer.tags.contains(tag),
            }),
            Self::Locale(locales) => locales.contains(&customer.locale),
            Self::Verified(wanted) => {
                let is_verified = identities
                    .iter()
                    .any(|identity| identity.kind == IdentityKind::Email && identity.verified_at.is_some());
                is_verified == *wanted
            }
            Self::Time(time, comparison, moment) => {
                let (Some(at), Some((from, to))) = (time.of(customer), ctx.bounds(*comparison, *moment))
                else {
                    return false;
                };
                from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to)
            }
            Self::Never(time) => time.of(customer).is_none(),
            Self::Field(key, test) => test.is_true(customer.fields.get(key), ctx),
        }
    }
}

impl CustomerTime {
    fn of(self, customer: &Customer) -> Option<Timestamp> {
        match self {
            Self::Created => Some(customer.created_at),
            Self::Seen => customer.seen_at,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Seen => "seen",
        }
    }
}

impl CustomerCondition {
    fn asked(field: &str, comparison: Comparison, values: &[String]) -> Result<Self, Refusal> {
        if let Some(time) =
            [CustomerTime::Created, CustomerTime::Seen].into_iter().find(|t| t.as_str() == field)
        {
            return Ok(match condition::at_a_time(field, comparison, condition::single(values)?)? {
                None => Self::Never(time),
                Some(moment) => Self::Time(time, comparison, moment),
            });
        }
        if let Some(key) = field.strip_prefix("field.") {
            return Ok(Self::Field(key.to_owned(), condition::custom(key, comparison, values)?));
        }
        let kind = IdentityKind::parse(field);
        let is_known = matches!(field, "name" | "domain" | "organisation" | "tag" | "locale" | "verified");
        if kind.is_none() && !is_known {
            let fields = Self::FIELDS;
            return Err(condition::of_field(format!("there is no field {field:?}; the fields are {fields}")));
        }
        condition::equality(field, comparison)?;
        if let Some(kind) = kind {
            return Ok(Self::Identity(kind, condition::each(values, |value| identity(kind, value))?));
        }
        Ok(match field {
            "name" => Self::Name(values.iter().map(|name| some(name)).collect()),
            "domain" => Self::Domain(condition::each(values, |value| {
                let domain = value.trim_start_matches('@').to_lowercase();
                if domain.is_empty() {
                    Err("a domain is written as example.org".to_owned())
                } else {
                    Ok(domain)
                }
            })?),
            "organisation" => Self::Organisation(condition::organisations(values)),
            "tag" => Self::Tag(condition::tags(values)?),
            "locale" => Self::Locale(condition::each(values, |value| match value {
                "none" => Ok(None),
                value => Locale::parse(value)
                    .map(Some)
                    .map_err(|_| "a locale is written as en or pt-BR, or none".to_owned()),
            })?),
            _ => match condition::single(values)? {
                "yes" => Self::Verified(true),
                "no" => Self::Verified(false),
                _ => return Err(condition::of_value("verified is yes or no")),
            },
        })
    }
}

impl FilterCondition for CustomerCondition {
    const FIELDS: &'static str = "name, email, phone, external_id, visitor, domain, organisation, tag, locale, \
         verified, created, seen, field.KEY";

    fn of(field: &str, comparison: Comparison, values: &[String]) -> Result<Filter<Self>, Refusal> {
        Self::asked(field, comparison, values).map(Filter::Is)
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Field(key, _) => Some(key),
            _ => None,
        }
    }
}

fn some(value: &str) -> Option<String> {
    (value != "none").then(|| value.to_owned())
}

fn identity(kind: IdentityKind, value: &str) -> Result<Option<String>, String> {
    if value == "none" {
        return Ok(None);
    }
    let normal = kind.normal(value).map(Some);
    normal.ok_or_else(|| format!("{value:?} cannot be what {} holds", kind.as_str()))
}

impl Display for CustomerCondition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Shown {
        match self {
            Self::Name(names) => show::optional(f, "name", names),
            Self::Identity(kind, values) => show::optional(f, kind.as_str(), values),
            Self::Domain(domains) => show::values(f, "domain", domains.iter().cloned()),
            Self::Organisation(wanted) => {
                show::values(f, "organisation", wanted.iter().map(ToString::to_string))
            }
            Self::Tag(tags) => show::optional(f, "tag", tags),
            Self::Locale(locales) => show::optional(f, "locale", locales),
            Self::Verified(wanted) => f.write_str(if *wanted { "verified:yes" } else { "verified:no" }),
            Self::Time(time, comparison, moment) => write!(f, "{}{comparison}{moment}", time.as_str()),
            Self::Never(time) => write!(f, "{}:none", time.as_str()),
            Self::Field(key, test) => show::field(f, key, test),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CustomerId, FieldValue, IdentityId, OrganisationId};

    fn parsed(text: &str) -> CustomerFilter {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn what_people_write_of_customers_has_one_spelling() {
        for (written, shown) in [
            ("", ""),
            ("name:\"Cy Example\",none", "name:\"Cy Example\",none"),
            ("email:Cy@Example.ORG", "email:cy@example.org"),
            ("phone:\"+49 (30) 901820\"", "phone:+4930901820"),
            ("domain:@Example.org", "domain:example.org"),
            ("organisation:Acme tag:VIP", "organisation:Acme tag:vip"),
            ("locale:de,none", "locale:de,none"),
            ("verified:yes -verified:no", "verified:yes -verified:no"),
            ("seen:none or created>-7d", "seen:none or created>-1w"),
            ("field.plan:pro field.size>=7", "field.plan:pro field.size>=7"),
            ("external_id:CRM-7", "external_id:CRM-7"),
        ] {
            assert_eq!(parsed(written).to_string(), shown, "{written}");
            assert_eq!(parsed(shown), parsed(written), "{written}");
        }
        for (written, at, message) in [
            ("status:open", 1, "there is no field \"status\"; the fields are name, email"),
            ("email:cy", 7, "\"cy\" cannot be what email holds"),
            ("name>a", 1, "name is equal or not"),
            ("verified:maybe", 10, "verified is yes or no"),
            ("seen:soon", 6, "a time is -7d"),
        ] {
            let error = written.parse::<CustomerFilter>().expect_err(written);
            assert_eq!(error.at, at, "{written}: {error}");
            assert!(error.message.starts_with(message), "{written}: {error}");
        }
    }

    #[test]
    fn a_filter_admits_the_customers_it_says() {
        let customer = Customer {
            organisation_id: Some(OrganisationId::new("acme")),
            tags: vec![Tag::parse("vip").unwrap()],
            fields: [("plan".to_owned(), FieldValue::Choice("pro".to_owned()))].into(),
            ..Customer::new(CustomerId::new("c"), "Cy".to_owned(), None, Timestamp(0))
        };
        let identity = |kind, value: &str, verified_at| Identity {
            id: IdentityId::new(value),
            customer_id: customer.id.clone(),
            kind,
            value: value.to_owned(),
            verified_at,
            created_at: Timestamp(0),
        };
        let identities = [
            identity(IdentityKind::Email, "cy@example.org", None),
            identity(IdentityKind::Email, "cy@acme.example", Some(Timestamp(1))),
        ];
        let facts = CustomerFacts {
            customer: &customer,
            identities: &identities,
            organisation_name: Some("Acme Inc"),
        };
        let ctx = FilterContext::nobody(Timestamp(0));
        for (written, expected) in [
            ("", true),
            ("name:Cy", true),
            ("name:cy", false),
            ("name:none", false),
            ("email:cy@example.org", true),
            ("email:none,cy@acme.example", true),
            ("email:nobody@example.org,none", false),
            ("phone:none", true),
            ("domain:acme.example", true),
            ("domain:example.com", false),
            ("organisation:\"Acme Inc\"", true),
            ("organisation:acme", true),
            ("organisation:none", false),
            ("tag:vip", true),
            ("locale:none", true),
            ("locale:en", false),
            ("verified:yes", true),
            ("verified:no", false),
            ("seen:none", true),
            ("seen>-7d", false),
            ("created<2000-01-01", true),
            ("field.plan:pro -field.plan:none", true),
        ] {
            assert_eq!(parsed(written).matches(facts, &ctx), expected, "{written}");
        }
    }
}
