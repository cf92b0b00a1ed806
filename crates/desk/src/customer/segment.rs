//! Segments: filters for customers that have a name. Audiences of articles name them, so they are the site's settings.

use domain::{AuditAction, CustomerSegment, FieldOf, Principal, SEGMENTS_MAX, Scope};
use serde_json::json;

use crate::{
    CustomerPage, Desk, DeskError, TicketCount,
    audit::changed_of,
    filter::{customer_filter, known_fields},
    input,
};

/// Longest name of a segment, in bytes.
const NAME_BYTES_MAX: usize = 200;

/// A segment to be made.
#[derive(Debug, Clone)]
pub struct NewSegment {
    /// What audiences name it by.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// The text of the filter.
    pub filter: String,
}

/// What to change of a segment; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct SegmentChange {
    /// The new name.
    pub name: Option<String>,
    /// The text of the new filter.
    pub filter: Option<String>,
}

impl Desk {
    /// Every segment, by key.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:read`.
    pub async fn list_segments(&self, principal: &Principal) -> Result<Vec<CustomerSegment>, DeskError> {
        Self::require(principal, Scope::CustomersRead)?;
        Ok(self.0.store.list_segments().await?)
    }

    /// A segment.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:read`, [`DeskError::NotFound`].
    pub async fn segment(&self, principal: &Principal, key: &str) -> Result<CustomerSegment, DeskError> {
        Self::require(principal, Scope::CustomersRead)?;
        self.0.store.find_segment(key).await?.ok_or(DeskError::NotFound)
    }

    /// The customers of a segment, as they are now, and how many there are.
    ///
    /// # Errors
    /// As [`Desk::segment`].
    pub async fn segment_customers(
        &self,
        principal: &Principal,
        key: &str,
        after: Option<String>,
        limit: usize,
    ) -> Result<(CustomerPage, TicketCount), DeskError> {
        let segment = self.segment(principal, key).await?;
        let count = self.count_customers(principal, &segment.filter).await?;
        Ok((self.list_customers(principal, segment.filter, after, limit).await?, count))
    }

    /// Makes a segment.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`], [`DeskError::Invalid`]; [`DeskError::Conflict`]
    /// when the key is taken or there are [`SEGMENTS_MAX`].
    pub async fn create_segment(
        &self,
        principal: &Principal,
        new: NewSegment,
    ) -> Result<CustomerSegment, DeskError> {
        Self::require_settings(principal)?;
        if !CustomerSegment::is_key(&new.key) {
            return Err(DeskError::invalid("key", "1 to 64 of a-z 0-9 _ -"));
        }
        let segment = CustomerSegment {
            key: new.key,
            name: input::text("name", &new.name, NAME_BYTES_MAX)?.to_owned(),
            filter: customer_filter("filter", &new.filter)?,
            created_at: self.now(),
            revision: 1,
        };
        let mut tx = self.begin(principal).await?;
        if tx.count_segments().await? >= SEGMENTS_MAX {
            return Err(DeskError::Conflict(format!("there are {SEGMENTS_MAX} segments already")));
        }
        known_fields("filter", segment.filter.fields(), &tx.fields(FieldOf::Customer).await?)?;
        tx.insert_segment(&segment).await?;
        tx.record(AuditAction::SegmentCreated, &segment.key, json!({}));
        tx.commit().await?;
        Ok(segment)
    }

    /// Changes a segment; its key stays.
    ///
    /// # Errors
    /// As [`Desk::create_segment`]; [`DeskError::NotFound`], [`DeskError::Stale`] when `expected_revision` is not its revision.
    pub async fn change_segment(
        &self,
        principal: &Principal,
        key: &str,
        change: SegmentChange,
        expected_revision: Option<i64>,
    ) -> Result<CustomerSegment, DeskError> {
        Self::require_settings(principal)?;
        let mut tx = self.begin(principal).await?;
        let before = tx.segment(key).await?.ok_or(DeskError::NotFound)?;
        input::revision(expected_revision, before.revision)?;
        let mut segment = before.clone();
        if let Some(name) = &change.name {
            input::text("name", name, NAME_BYTES_MAX)?.clone_into(&mut segment.name);
        }
        if let Some(text) = &change.filter {
            segment.filter = customer_filter("filter", text)?;
        }
        if segment == before {
            tx.rollback().await?;
            return Ok(before);
        }
        known_fields("filter", segment.filter.fields(), &tx.fields(FieldOf::Customer).await?)?;
        segment.revision += 1;
        tx.update_segment(&segment).await?;
        let changed =
            changed_of([("name", before.name != segment.name), ("filter", before.filter != segment.filter)]);
        tx.record(AuditAction::SegmentChanged, key, json!({ "changed": changed }));
        tx.commit().await?;
        Ok(segment)
    }

    /// Deletes a segment. Its customers stay.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`], [`DeskError::NotFound`];
    /// [`DeskError::Conflict`] while an article is for it alone.
    pub async fn delete_segment(&self, principal: &Principal, key: &str) -> Result<(), DeskError> {
        Self::require_settings(principal)?;
        let mut tx = self.begin(principal).await?;
        tx.delete_segment(key).await?;
        tx.record(AuditAction::SegmentDeleted, key, json!({}));
        tx.commit().await
    }
}
