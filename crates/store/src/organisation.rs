//! Organisations, their domains, and who belongs to them by their addresses.

use std::collections::{BTreeSet, HashMap};

use domain::{Organisation, OrganisationId};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx, archive,
    placeholders::{self, sql},
    row,
    tx::{inserted, updated},
};

const COLUMNS: &str = "id, name, external_id, tags_json, fields_json, created_at_ms, updated_at_ms, revision";
/// The addresses `i` that say where somebody belongs: verified ones, and the only one.
const TELLING: &str = "(i.verified_at_ms IS NOT NULL OR NOT EXISTS (SELECT 1 FROM customer_identities x \
     WHERE x.customer_id = i.customer_id AND x.kind = 'email' AND x.id <> i.id))";

/// Which organisations of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganisationsBy<'a> {
    /// All.
    Any,
    /// The one with this name, to the letter.
    Name(&'a str),
    /// The one with this domain.
    Domain(&'a str),
    /// The one with this id in another system.
    ExternalId(&'a str),
}

impl Store {
    /// An organisation.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_organisation(&self, id: &OrganisationId) -> Result<Option<Organisation>, StoreError> {
        find(&mut *self.reader().await?, id).await
    }

    /// Organisations after an id, by id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_organisations(
        &self,
        by: OrganisationsBy<'_>,
        after: Option<&OrganisationId>,
        limit: usize,
    ) -> Result<Vec<Organisation>, StoreError> {
        let (condition, value) = match by {
            OrganisationsBy::Any => ("$2 = ''", ""),
            OrganisationsBy::Name(name) => ("name = $2", name),
            OrganisationsBy::Domain(domain) => {
                ("id = (SELECT d.organisation_id FROM organisation_domains d WHERE d.domain = $2)", domain)
            }
            OrganisationsBy::ExternalId(id) => ("external_id = $2", id),
        };
        let text =
            format!("SELECT {COLUMNS} FROM organisations WHERE id > $1 AND {condition} ORDER BY id LIMIT $3");
        let query = sqlx::query(sql(text))
            .bind(after.map_or("", OrganisationId::as_str))
            .bind(value)
            .bind(row::to_int(limit));
        let mut connection = self.reader().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        organisations(&mut connection, &rows).await
    }

    /// These organisations, in no order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn organisations_of(
        &self,
        ids: &BTreeSet<OrganisationId>,
    ) -> Result<Vec<Organisation>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(OrganisationId::as_str).collect();
        let mut found = vec![];
        let mut connection = self.reader().await?;
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(ids);
            let list = placeholders::list(1, ids.len());
            let text = format!("SELECT {COLUMNS} FROM organisations WHERE id IN ({list})");
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            let rows = query.fetch_all(&mut *connection).await?;
            found.extend(organisations(&mut connection, &rows).await?);
        }
        Ok(found)
    }

    /// The ids of the organisations with these names, to the letter, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn organisation_ids_of(
        &self,
        names: &BTreeSet<String>,
    ) -> Result<HashMap<String, OrganisationId>, StoreError> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut found = HashMap::new();
        for names in names.chunks(placeholders::LIST_MAX) {
            let names = placeholders::padded(names);
            let list = placeholders::list(1, names.len());
            let text = format!("SELECT id, name FROM organisations WHERE name IN ({list})");
            let query = names.iter().fold(sqlx::query(sql(text)), |query, name| query.bind(*name));
            for row in query.fetch_all(&mut *self.reader().await?).await? {
                found.insert(row::text(&row, "name")?, OrganisationId::new(row::text(&row, "id")?));
            }
        }
        Ok(found)
    }
}

impl WriteTx {
    /// An organisation.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn organisation(&mut self, id: &OrganisationId) -> Result<Option<Organisation>, StoreError> {
        find(self.connection(), id).await
    }

    /// Adds an organisation with its domains.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another has its name, its id in the other system or a domain.
    pub async fn insert_organisation(&mut self, organisation: &Organisation) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO organisations (id, name, external_id, tags_json, fields_json, created_at_ms, updated_at_ms, \
             revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(organisation.id.as_str())
        .bind(organisation.name.as_str())
        .bind(organisation.external_id.as_deref())
        .bind(row::to_json(&organisation.tags)?)
        .bind(row::to_json(&organisation.fields)?)
        .bind(organisation.created_at.0)
        .bind(organisation.updated_at.0)
        .bind(organisation.revision)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "there is an organisation with this name or external id")?;
        self.set_domains(organisation).await
    }

    /// Stores an organisation in another state, with its domains.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there, [`StoreError::Conflict`] as of a new one.
    pub async fn update_organisation(&mut self, organisation: &Organisation) -> Result<(), StoreError> {
        let other = sqlx::query(
            "SELECT id FROM organisations WHERE (name = $2 OR external_id = $3) AND id <> $1 LIMIT 1",
        )
        .bind(organisation.id.as_str())
        .bind(organisation.name.as_str())
        .bind(organisation.external_id.as_deref())
        .fetch_optional(self.connection())
        .await?;
        if other.is_some() {
            return Err(StoreError::Conflict("there is an organisation with this name or external id"));
        }
        let done = sqlx::query(
            "UPDATE organisations SET name = $2, external_id = $3, tags_json = $4, fields_json = $5, \
             updated_at_ms = $6, revision = $7 WHERE id = $1",
        )
        .bind(organisation.id.as_str())
        .bind(organisation.name.as_str())
        .bind(organisation.external_id.as_deref())
        .bind(row::to_json(&organisation.tags)?)
        .bind(row::to_json(&organisation.fields)?)
        .bind(organisation.updated_at.0)
        .bind(organisation.revision)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "organisation")?;
        self.set_domains(organisation).await
    }

    /// Deletes an organisation with the notes on it. Its customers belong nowhere then.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there, [`StoreError::Conflict`] while it has tickets.
    pub async fn delete_organisation(&mut self, id: &OrganisationId) -> Result<(), StoreError> {
        let any = archive::everywhere("SELECT id FROM tickets WHERE organisation_id = $1");
        let ticket = sqlx::query(sql(format!("{any} LIMIT 1")))
            .bind(id.as_str())
            .fetch_optional(self.connection())
            .await?;
        if ticket.is_some() {
            return Err(StoreError::Conflict("the organisation has tickets; change them first"));
        }
        for statement in [
            "DELETE FROM organisation_domains WHERE organisation_id = $1",
            "DELETE FROM notes WHERE organisation_id = $1",
            "UPDATE customers SET organisation_id = NULL, organisation_by = 'domain', revision = revision + 1 \
             WHERE organisation_id = $1",
        ] {
            sqlx::query(statement).bind(id.as_str()).execute(self.connection()).await?;
        }
        let done = sqlx::query("DELETE FROM organisations WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "organisation")
    }

    /// The organisation that has the first of these domains that is one's.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn organisation_of_domains(
        &mut self,
        domains: &[&str],
    ) -> Result<Option<OrganisationId>, StoreError> {
        for domain in domains {
            let found = sqlx::query("SELECT organisation_id FROM organisation_domains WHERE domain = $1")
                .bind(*domain)
                .fetch_optional(self.connection())
                .await?;
            if let Some(found) = found {
                return Ok(Some(OrganisationId::new(row::text(&found, "organisation_id")?)));
            }
        }
        Ok(None)
    }

    /// Makes true for everybody's addresses what an organisation's domains now say: who belonged to it by a domain that it no
    /// longer has belongs nowhere, and who has an address there and belongs nowhere belongs to it. Where somebody has said
    /// otherwise, nothing changes. Returns how many changed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn apply_domains(&mut self, id: &OrganisationId) -> Result<u64, StoreError> {
        let of = format!(
            "SELECT i.customer_id FROM organisation_domains d JOIN customer_identities i ON i.domain = d.domain \
             WHERE d.organisation_id = $1 AND {TELLING}"
        );
        let leave = format!(
            "UPDATE customers SET organisation_id = NULL, revision = revision + 1 \
             WHERE organisation_id = $1 AND organisation_by = 'domain' AND id NOT IN ({of})"
        );
        let join = format!(
            "UPDATE customers SET organisation_id = $1, revision = revision + 1 \
             WHERE organisation_id IS NULL AND organisation_by = 'domain' AND id IN ({of})"
        );
        let mut n_changed = 0;
        for statement in [leave, join] {
            let done = sqlx::query(sql(statement)).bind(id.as_str()).execute(self.connection()).await?;
            n_changed += done.rows_affected();
        }
        Ok(n_changed)
    }

    async fn set_domains(&mut self, organisation: &Organisation) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM organisation_domains WHERE organisation_id = $1")
            .bind(organisation.id.as_str())
            .execute(self.connection())
            .await?;
        for domain in &organisation.domains {
            let done = sqlx::query(
                "INSERT INTO organisation_domains (domain, organisation_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            )
            .bind(domain.as_str())
            .bind(organisation.id.as_str())
            .execute(self.connection())
            .await?;
            inserted(done.rows_affected(), "another organisation has one of these domains")?;
        }
        Ok(())
    }
}

async fn find(
    connection: &mut AnyConnection,
    id: &OrganisationId,
) -> Result<Option<Organisation>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM organisations WHERE id = $1");
    let row = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(&mut *connection).await?;
    Ok(organisations(connection, row.as_slice()).await?.pop())
}

/// The organisations of these rows, with their domains.
async fn organisations(
    connection: &mut AnyConnection,
    rows: &[AnyRow],
) -> Result<Vec<Organisation>, StoreError> {
    let mut organisations: Vec<Organisation> = rows.iter().map(organisation).collect::<Result<_, _>>()?;
    for organisations in organisations.chunks_mut(placeholders::LIST_MAX) {
        let ids: Vec<&str> = organisations.iter().map(|organisation| organisation.id.as_str()).collect();
        let ids = placeholders::padded(&ids);
        let text = format!(
            "SELECT domain, organisation_id FROM organisation_domains WHERE organisation_id IN ({})",
            placeholders::list(1, ids.len())
        );
        let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
        let mut domains: HashMap<String, BTreeSet<String>> = HashMap::new();
        for row in query.fetch_all(&mut *connection).await? {
            domains
                .entry(row::text(&row, "organisation_id")?)
                .or_default()
                .insert(row::text(&row, "domain")?);
        }
        for organisation in organisations {
            organisation.domains = domains.remove(organisation.id.as_str()).unwrap_or_default();
        }
    }
    Ok(organisations)
}

fn organisation(row: &AnyRow) -> Result<Organisation, StoreError> {
    Ok(Organisation {
        id: OrganisationId::new(row::text(row, "id")?),
        name: row::text(row, "name")?,
        domains: BTreeSet::new(),
        external_id: row::optional_text(row, "external_id")?,
        tags: row::json(row, "tags_json")?,
        fields: row::json(row, "fields_json")?,
        created_at: row::time(row, "created_at_ms")?,
        updated_at: row::time(row, "updated_at_ms")?,
        revision: row::int(row, "revision")?,
    })
}
