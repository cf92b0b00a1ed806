//! Filters for customers as conditions of SQL, on `customers c`.

use domain::{
    Comparison, CustomerCondition, CustomerFilter, CustomerTime, FilterContext, IdentityKind, Moment, Tag,
};

use crate::ticket::condition::Sql;

/// Where the values of a customer's fields stand.
const VALUES: &str = "customer_field_values v WHERE v.customer_id = c.id";

impl Sql {
    /// Adds the condition that a filter puts on `customers c`.
    pub(crate) fn customers(&mut self, filter: &CustomerFilter, ctx: &FilterContext) {
        self.tree(filter, &|sql, condition| sql.customer(condition, ctx));
    }

    fn customer(&mut self, condition: &CustomerCondition, ctx: &FilterContext) {
        match condition {
            CustomerCondition::Name(names) => {
                self.one_of("c.name", names.iter().map(|name| name.as_deref().unwrap_or_default()));
            }
            CustomerCondition::Identity(kind, values) => self.either(values, |sql, value| {
                sql.identity(*kind, value.as_deref());
            }),
            CustomerCondition::Domain(domains) => {
                self.push("c.id IN (SELECT i.customer_id FROM customer_identities i WHERE ");
                self.either(domains, |sql, domain| sql.equals("i.domain", domain));
                self.push(")");
            }
            CustomerCondition::Organisation(wanted) => self.organisation("c.organisation_id", wanted),
            CustomerCondition::Tag(tags) => self.either(tags, |sql, tag| sql.customer_tag(tag.as_ref())),
            CustomerCondition::Locale(locales) => self.either(locales, |sql, locale| match locale {
                None => sql.push("c.locale IS NULL"),
                Some(locale) => sql.equals("c.locale", locale.as_str()),
            }),
            CustomerCondition::Verified(wanted) => {
                self.push(if *wanted { "EXISTS" } else { "NOT EXISTS" });
                self.push(
                    " (SELECT 1 FROM customer_identities i WHERE i.customer_id = c.id AND i.kind = 'email' \
                     AND i.verified_at_ms IS NOT NULL)",
                );
            }
            CustomerCondition::Time(time, comparison, moment) => {
                self.customer_time(*time, *comparison, *moment, ctx);
            }
            CustomerCondition::Never(CustomerTime::Created) => self.push("1 = 0"),
            CustomerCondition::Never(CustomerTime::Seen) => self.push("c.seen_at_ms IS NULL"),
            CustomerCondition::Field(key, test) => self.field(VALUES, key, test, ctx),
        }
    }

    fn identity(&mut self, kind: IdentityKind, value: Option<&str>) {
        match value {
            None => {
                self.push("NOT EXISTS (SELECT 1 FROM customer_identities i WHERE i.customer_id = c.id AND ");
                self.equals("i.kind", kind.as_str());
            }
            Some(value) => {
                self.push("c.id IN (SELECT i.customer_id FROM customer_identities i WHERE ");
                self.equals("i.kind", kind.as_str());
                self.push(" AND ");
                self.equals("i.value", value);
            }
        }
        self.push(")");
    }

    fn customer_tag(&mut self, tag: Option<&Tag>) {
        match tag {
            None => self.push("NOT EXISTS (SELECT 1 FROM customer_tags g WHERE g.customer_id = c.id"),
            Some(tag) => {
                self.push("EXISTS (SELECT 1 FROM customer_tags g WHERE g.customer_id = c.id AND ");
                self.equals("g.tag", tag.as_str());
            }
        }
        self.push(")");
    }

    fn customer_time(
        &mut self,
        time: CustomerTime,
        comparison: Comparison,
        moment: Moment,
        ctx: &FilterContext,
    ) {
        let Some((from, to)) = ctx.bounds(comparison, moment) else { return self.push("1 = 0") };
        let column = match time {
            CustomerTime::Created => "c.created_at_ms",
            CustomerTime::Seen => "c.seen_at_ms",
        };
        self.push("(");
        self.push(column);
        self.push(" IS NOT NULL");
        for (limit, sign) in [(from, " >= "), (to, " < ")] {
            if let Some(limit) = limit {
                self.push(" AND ");
                self.push(column);
                self.push(sign);
                self.bind_int(limit.0);
            }
        }
        self.push(")");
    }
}
