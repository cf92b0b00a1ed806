//! What somebody types of who they are: it makes a customer, and changes only one that nobody else can be.

use domain::{AuditAction, Conversation, Customer, CustomerId, Identity, IdentityId, IdentityKind, Locale};
use serde_json::json;

use crate::{Desk, DeskError, audit::RecordedTx, input};

/// What somebody says of who they are.
pub(crate) struct CustomerForm {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    /// Their language.
    pub(crate) locale: Locale,
}

impl Desk {
    /// Takes what was typed in a conversation. Gives, for the team to read, what of it is another name or address than
    /// its customer has: whoever typed it has not proved to be them.
    ///
    /// The customer that a conversation makes has its id, so that none is taken for it that was there before.
    pub(super) async fn introduce(
        &self,
        tx: &mut RecordedTx,
        conversation: &mut Conversation,
        name: Option<String>,
        email: Option<String>,
    ) -> Result<Option<String>, DeskError> {
        if name.is_none() && email.is_none() {
            return Ok(None);
        }
        let own = CustomerId::new(conversation.id.as_str());
        let id = match conversation.customer_id.take() {
            Some(id) => id,
            None => {
                // It is there already while it is being erased.
                let is_taken = tx.customer(&own).await?.is_some();
                let id = if is_taken { CustomerId::new(self.id()) } else { own.clone() };
                let (name, email, locale) = (name.clone(), email.clone(), conversation.locale.clone());
                self.customer(tx, id, CustomerForm { name, email, locale }).await?
            }
        };
        conversation.customer_id = Some(id.clone());
        let customer = tx.customer(&id).await?.ok_or(DeskError::NotFound)?;
        let identities = tx.identities(&id).await?;
        let is_theirs = |email: &String| identities.iter().any(|identity| identity.value == *email);
        let name = name.filter(|name| *name != customer.name);
        let email = email.filter(|email| !is_theirs(email));
        if id == own && !tx.is_known_elsewhere(&id).await? {
            let left = self.told_more(tx, customer, name, email).await?;
            return Ok(unproved(None, left.as_deref()));
        }
        Ok(unproved(name.as_deref(), email.as_deref()))
    }

    /// The customer with this address, or a new one with this id.
    pub(crate) async fn customer(
        &self,
        tx: &mut RecordedTx,
        id: CustomerId,
        CustomerForm { name, email, locale }: CustomerForm,
    ) -> Result<CustomerId, DeskError> {
        if let Some(email) = &email {
            if let Some(found) = tx.customer_by_email(email).await? {
                return Ok(found.id);
            }
            self.yield_claim(tx, email).await?;
        }
        let host = email.as_deref().and_then(|email| email.split_once('@')).map(|(_, host)| host);
        let customer = Customer {
            locale: Some(locale),
            organisation_id: tx.organisation_of_domains(host.as_slice()).await?,
            ..Customer::new(id, name.unwrap_or_default(), email, self.now())
        };
        tx.insert_customer(&customer).await?;
        tx.record(AuditAction::CustomerCreated, &customer.id, json!({}));
        Ok(customer.id)
    }

    /// A customer who says more of themselves: another name, an address where they had none and nobody has it. Gives
    /// the address that cannot be theirs.
    async fn told_more(
        &self,
        tx: &mut RecordedTx,
        customer: Customer,
        name: Option<String>,
        email: Option<String>,
    ) -> Result<Option<String>, DeskError> {
        let (told, left) = match email {
            Some(email) if customer.email.is_none() && tx.customer_by_email(&email).await?.is_none() => {
                (Some(email), None)
            }
            email => (None, email),
        };
        if name.is_none() && told.is_none() {
            return Ok(left);
        }
        if let Some(email) = &told {
            self.yield_claim(tx, email).await?;
            let identity = Identity {
                // As if they had come with it.
                id: IdentityId::new(customer.id.as_str()),
                customer_id: customer.id.clone(),
                kind: IdentityKind::Email,
                value: email.clone(),
                verified_at: None,
                created_at: self.now(),
            };
            tx.insert_customer_identity(&identity).await?;
        }
        let name = name.unwrap_or_else(|| customer.name.clone());
        let email = told.or(customer.email.clone());
        let customer = self.store_customer(tx, Customer { name, email, ..customer }).await?;
        tx.record(AuditAction::CustomerChanged, &customer.id, json!({}));
        Ok(left)
    }
}

/// The thread's line about what was typed.
fn unproved(name: Option<&str>, email: Option<&str>) -> Option<String> {
    // One line, whatever the name is.
    let name = name.map(input::one_line);
    let parts: Vec<String> = name
        .map(|name| format!("the name “{name}”"))
        .into_iter()
        .chain(email.map(|email| format!("the address {email}")))
        .collect();
    (!parts.is_empty()).then(|| format!("Typed into the form, proved by nothing: {}", parts.join(" and ")))
}
