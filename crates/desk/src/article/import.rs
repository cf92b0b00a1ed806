//! Importing many articles: a batch is one transaction, and a second run changes nothing.

use std::collections::HashSet;

use domain::{
    Article, ArticleId, Audience, AuditAction, Locale, Principal, PublicationState, Scope, Translation,
};
use ingest::{Category, ParsedArticle, Place};
use serde_json::json;

use crate::{
    Desk, DeskError,
    article::{
        publish::split,
        write::{body, free_slug, numbered, title},
    },
    audit::RecordedTx,
};

/// How articles are imported.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// The collection of those that name none, by slug or title.
    pub collection: Option<String>,
    /// The locale of those that name none.
    pub locale: Locale,
    /// Whether readers see them at once.
    pub publication: ImportPublication,
    /// Whether anything is written.
    pub run: ImportRun,
}

/// Whether readers see imported articles at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportPublication {
    /// Published, unless the file says that it is a draft.
    Publish,
    /// Drafts.
    Draft,
}

/// Whether an import writes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportRun {
    /// It does.
    Write,
    /// It only says what it would do.
    DryRun,
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Articles that are new.
    pub n_new: usize,
    /// Articles whose text differs from the last import.
    pub n_changed: usize,
    /// Articles that are as they were.
    pub n_unchanged: usize,
    /// Passages of the new and the changed ones.
    pub n_passages: usize,
    /// What could not be taken, by source, and why.
    pub refused: Vec<(String, String)>,
}

enum Imported {
    New(usize),
    Changed(usize),
    Unchanged,
}

impl Desk {
    /// Imports a batch in one transaction. An article that cannot be taken is reported and the others go on.
    ///
    /// The index follows afterwards (see [`Desk::follow_changes`]), or by the server that holds it.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `kb:write`, and those of the database; then nothing of the batch was written.
    pub async fn import_batch(
        &self,
        principal: &Principal,
        batch: &[ParsedArticle],
        options: &ImportOptions,
    ) -> Result<ImportReport, DeskError> {
        Self::require(principal, Scope::KbWrite)?;
        let mut report = ImportReport::default();
        let mut tx = self.begin(principal).await?;
        for parsed in batch {
            match self.import_one(&mut tx, parsed, options).await {
                Ok(Imported::New(n_passages)) => {
                    report.n_new += 1;
                    report.n_passages += n_passages;
                }
                Ok(Imported::Changed(n_passages)) => {
                    report.n_changed += 1;
                    report.n_passages += n_passages;
                }
                Ok(Imported::Unchanged) => report.n_unchanged += 1,
                Err(
                    error @ (DeskError::Invalid { .. } | DeskError::TooLarge { .. } | DeskError::Conflict(_)),
                ) => {
                    report.refused.push((parsed.external_id.clone(), error.to_string()));
                }
                Err(error) => return Err(error),
            }
        }
        match options.run {
            ImportRun::Write if !tx.is_unrecorded() => tx.commit().await?,
            ImportRun::Write | ImportRun::DryRun => tx.rollback().await?,
        }
        Ok(report)
    }

    /// The address at which the article of a source stands, or will stand once it is imported after those that get the
    /// addresses in `taken`. Links from other sources lead there.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn address_of_source(
        &self,
        place: &Place,
        taken: &HashSet<String>,
    ) -> Result<String, DeskError> {
        let reader = Principal::System;
        if let Some(known) = self.0.store.find_article_by_external_id(&reader, &place.external_id).await? {
            return Ok(known.slug);
        }
        for slug in std::iter::once(place.slug.clone()).chain(numbered(&place.slug_long)) {
            let is_free =
                !taken.contains(&slug) && self.0.store.find_article_by_slug(&reader, &slug).await?.is_none();
            if is_free {
                return Ok(slug);
            }
        }
        Ok(place.slug_long.clone())
    }

    /// Gives a collection the title, place and description that its folder names. Makes it when there is none.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `kb:write`, and those of the database.
    pub async fn import_collection(
        &self,
        principal: &Principal,
        slug: &str,
        category: &Category,
    ) -> Result<(), DeskError> {
        Self::require(principal, Scope::KbWrite)?;
        let mut tx = self.begin(principal).await?;
        self.collection_named(&mut tx, slug).await?;
        if let Some(mut collection) = tx.collection_by_slug(slug).await? {
            collection.title = title(&category.title)?;
            collection.description = category.description.clone().unwrap_or_default();
            collection.position = category.position.unwrap_or(collection.position);
            tx.update_collection(&collection).await?;
            tx.record(AuditAction::CollectionChanged, &collection.id, json!({}));
        }
        tx.commit().await
    }

    async fn import_one(
        &self,
        tx: &mut RecordedTx,
        parsed: &ParsedArticle,
        options: &ImportOptions,
    ) -> Result<Imported, DeskError> {
        let locale = parsed.locale.clone().unwrap_or_else(|| options.locale.clone());
        let source_hash = parsed.content_hash();
        let new_title = title(&parsed.title)?;
        let new_body = body(&parsed.body)?;
        let known = tx.article_by_external_id(&parsed.external_id).await?;
        let is_new = known.is_none();
        let article = match known {
            Some(article) => article,
            None => self.import_article(tx, parsed, options).await?,
        };
        let before = tx.translation(&article.id, &locale).await?;
        if before.as_ref().is_some_and(|t| t.source_hash.as_ref() == Some(&source_hash)) {
            return Ok(Imported::Unchanged);
        }
        if !is_new {
            self.reimport_article(tx, &article, parsed, options).await?;
        }
        let translation = Translation {
            article_id: article.id.clone(),
            locale: locale.clone(),
            title: new_title,
            body: new_body,
            questions: parsed.questions.clone(),
            state: before.as_ref().map_or(PublicationState::Draft, |t| t.state),
            published_version: before.as_ref().and_then(|t| t.published_version.clone()),
            revision: before.as_ref().map_or(1, |t| t.revision + 1),
            source_hash: Some(source_hash),
            updated_at: self.now(),
        };
        if before.is_some() {
            tx.update_translation(&translation).await?;
        } else {
            tx.insert_translation(&translation).await?;
        }
        let mut n_passages = 0;
        if options.publication == ImportPublication::Publish && !parsed.draft {
            let latest = tx.latest_version(&article.id, &locale).await?;
            let version = self.next_version(&translation, latest.map_or(0, |version| version.number));
            let passages = split(&version);
            n_passages = passages.len();
            tx.publish(&version, &passages, self.now()).await?;
        }
        let details = json!({ "locale": locale, "published": n_passages > 0 });
        tx.record(AuditAction::ArticleImported, &article.id, details);
        Ok(if is_new { Imported::New(n_passages) } else { Imported::Changed(n_passages) })
    }

    async fn import_article(
        &self,
        tx: &mut RecordedTx,
        parsed: &ParsedArticle,
        options: &ImportOptions,
    ) -> Result<Article, DeskError> {
        let now = self.now();
        let article = Article {
            id: ArticleId::new(self.id()),
            slug: import_slug(tx, parsed).await?,
            collection_id: self.collection_of_source(tx, parsed, options).await?,
            audience: parsed.audience.clone().unwrap_or(Audience::Public),
            external_id: Some(parsed.external_id.clone()),
            position: parsed.position,
            created_at: now,
            updated_at: now,
        };
        tx.insert_article(&article).await?;
        for old in &parsed.redirects {
            tx.insert_redirect(old, &article.id).await?;
        }
        Ok(article)
    }

    /// Takes over what the source says about audience, place and collection. A source that says nothing keeps what
    /// editors have set.
    async fn reimport_article(
        &self,
        tx: &mut RecordedTx,
        article: &Article,
        parsed: &ParsedArticle,
        options: &ImportOptions,
    ) -> Result<(), DeskError> {
        let collection_id = self.collection_of_source(tx, parsed, options).await?;
        let changed = Article {
            audience: parsed.audience.clone().unwrap_or_else(|| article.audience.clone()),
            collection_id: collection_id.or_else(|| article.collection_id.clone()),
            position: parsed.position,
            updated_at: self.now(),
            ..article.clone()
        };
        tx.update_article(&changed).await?;
        // Every locale that is already published is indexed under the new audience.
        tx.touch_published(&article.id, self.now()).await?;
        Ok(())
    }

    async fn collection_of_source(
        &self,
        tx: &mut RecordedTx,
        parsed: &ParsedArticle,
        options: &ImportOptions,
    ) -> Result<Option<domain::CollectionId>, DeskError> {
        let name = parsed.collection.as_ref().map(|collection| collection.title.as_str());
        match name.or(options.collection.as_deref()) {
            Some(name) => self.collection_named(tx, name).await.map(Some),
            None => Ok(None),
        }
    }
}

/// The file's own slug; when another article has it, the one that names the folder too.
async fn import_slug(tx: &mut RecordedTx, parsed: &ParsedArticle) -> Result<String, DeskError> {
    if tx.slug_exists(&parsed.slug).await? {
        free_slug(tx, &parsed.slug_long).await
    } else {
        free_slug(tx, &parsed.slug).await
    }
}
