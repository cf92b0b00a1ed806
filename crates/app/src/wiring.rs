//! Puts the parts together: database, index, model, language model, desk.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use answer::{AnswerConfig, Answerer};
use anyhow::{Context as _, bail};
use channels::{
    OutboundClient,
    llm::{ChatClient, ChatLimits},
    oidc::Provider,
    webhook::WebhookSender,
};
use desk::{
    Blobs, Deliver, Desk, DeskConfig, Files, GenerationConfig, HandoffConfig, IndexedTickets, Learning,
    LearningConfig, Parts, RepliesConfig, Seen, SignInConfig, SingleSignOn, SiteConfig,
};
use domain::{Clock, IdSource, TimeZone};
use embed::{Embedder, EmbedderHandle, EngineOptions, HashEmbedder, Kernels};
use search::{SearchConfig, SearchEngine, TicketIndex, TicketIndexConfig, VectorsConfig};
use store::Store;

use crate::{
    Config,
    cli::DataArgs,
    config::{VectorsBackend, secret},
    lock::{self, DataLock},
    site_key,
    system::{NoMail, SystemClock, SystemIds},
};

/// Whether a command writes the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteAccess {
    /// It must, or fail.
    Required,
    /// It does when no server holds the data directory; otherwise it reads what the server has written.
    IfFree,
}

/// A desk on a data directory.
pub struct Opened {
    /// The desk.
    pub desk: Desk,
    /// The configuration it was made from.
    pub config: Config,
    data: PathBuf,
    lock: Option<DataLock>,
}

impl Opened {
    /// Whether this process writes the index.
    pub fn may_index(&self) -> bool {
        self.lock.is_some()
    }

    /// Opens the index of tickets, for who searches or keeps it: to write it where this process may. On a large site the
    /// check of its files takes seconds.
    ///
    /// # Errors
    /// A folder that another process writes or that cannot be used.
    pub fn open_ticket_index(&self) -> anyhow::Result<()> {
        let config = TicketIndexConfig {
            dir: self.data.join("tickets"),
            default_locale: self.config.site.default_locale.clone(),
        };
        let index =
            if self.may_index() { TicketIndex::open(&config) } else { TicketIndex::open_read_only(&config) };
        self.desk.set_ticket_index(index.context("cannot open the index of tickets")?);
        Ok(())
    }
}

/// Opens a data directory: database, model and index. What is missing in the index is caught up or rebuilt first.
///
/// # Errors
/// A configuration that is wrong, a directory that another process holds, a database that cannot be opened.
pub(crate) async fn open_with(data: &Path, config: Config, access: WriteAccess) -> anyhow::Result<Opened> {
    let seams = Seams::of(&config)?;
    open_with_seams(data, config, access, seams).await
}

/// What a process is given from outside; tests and benches hand in their own.
pub struct Seams {
    /// The embedding model.
    pub model: Arc<dyn Embedder>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of ids and secrets.
    pub ids: Arc<dyn IdSource>,
    /// Brings letters to people.
    pub delivery: Arc<dyn Deliver>,
}

impl Seams {
    /// What `askwell` itself runs with: the configured model and the machine's clock.
    pub(crate) fn of(config: &Config) -> anyhow::Result<Self> {
        Ok(Self::system(load_model(config)?))
    }

    /// The machine's clock and random ids, with this model; letters go nowhere as long as no mail can be configured.
    pub fn system(model: Arc<dyn Embedder>) -> Self {
        Self {
            model,
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds::default()),
            delivery: Arc::new(NoMail),
        }
    }
}

/// Opens a data directory with seams of the caller's choice.
///
/// # Errors
/// A configuration that is wrong, a directory that another process holds, a database that cannot be opened.
pub async fn open_with_seams(
    data: &Path,
    config: Config,
    access: WriteAccess,
    seams: Seams,
) -> anyhow::Result<Opened> {
    lock::make_data_dir(data)?;
    let lock = match access {
        WriteAccess::Required => Some(lock::lock(data)?),
        WriteAccess::IfFree => lock::try_lock(data)?,
    };
    let store = open_store(data, &config).await?;
    let embedder = EmbedderHandle::spawn(seams.model);
    let engine = open_engine(data, &config, &embedder, lock.is_some())?;
    let mut site_key = site_key::read(data, &config)?;
    // Where secrets are sealed already, their key is lost, not yet to be made: see `unreadable_secrets`.
    if site_key.is_none() && access == WriteAccess::Required && store.count_sealed().await?.is_empty() {
        site_key = Some(site_key::make(data, &*seams.ids)?);
    }
    let desk = Desk::new(Parts {
        store,
        engine,
        embedder,
        answerer: Answerer::new(answer_config(&config)),
        llm: llm(&config)?,
        webhooks: webhooks(&config)?,
        clock: seams.clock,
        ids: seams.ids,
        site_key,
        config: desk_config(&config),
        indexing: tokio::sync::Mutex::new(()),
        tickets: IndexedTickets::default(),
        files: Files::new(open_files(data, &config)?),
        learning: Learning::default(),
        single_sign_on: single_sign_on(&config)?,
        delivery: seams.delivery,
        rules: desk::RuleCache::default(),
        floors: desk::RuleFloors::default(),
        seen: Seen::default(),
    });
    desk.restore_vectors().await.context("cannot load the vectors")?;
    if access == WriteAccess::Required {
        for ((key_id, whose), n) in desk.unreadable_secrets().await? {
            tracing::error!(
                key_id,
                whose,
                n,
                "secrets cannot be read without their key; `askwell doctor` says what to do"
            );
        }
    }
    Ok(Opened { desk, config, data: data.to_owned(), lock })
}

/// Refuses a data directory without a site: a mistyped one must not pass for an empty site. Where the database is elsewhere,
/// that says what there is.
///
/// # Errors
/// When there is no database in it; the message says what to do.
pub(crate) fn require_site(data: &Path, config: &Config) -> anyhow::Result<()> {
    match config.database_file(data) {
        Some(file) if !file.exists() => bail!(
            "there is no site in the data directory {}; start `askwell serve` or run `askwell import` to make one, or \
             name another with --data",
            data.display()
        ),
        _ => Ok(()),
    }
}

/// Opens the site of a data directory for a command and catches the index up, when this process may write it.
///
/// # Errors
/// As for the server, and those of [`require_site`].
pub(crate) async fn open(args: &DataArgs, access: WriteAccess) -> anyhow::Result<Opened> {
    let config = Config::read(&args.data, args.config.as_deref())?;
    require_site(&args.data, &config)?;
    open_and_catch_up(args, config, access).await
}

/// The same for a command with which a site may begin.
///
/// # Errors
/// As for the server.
pub(crate) async fn open_or_begin(args: &DataArgs, access: WriteAccess) -> anyhow::Result<Opened> {
    let config = Config::read(&args.data, args.config.as_deref())?;
    open_and_catch_up(args, config, access).await
}

async fn open_and_catch_up(args: &DataArgs, config: Config, access: WriteAccess) -> anyhow::Result<Opened> {
    let opened = open_with(&args.data, config, access).await?;
    if opened.may_index() {
        opened.desk.catch_up().await.context("cannot bring the index up to date")?;
    }
    Ok(opened)
}

/// A desk for what lives in the database alone: keys, people, backups. Needs neither model nor index, and works beside
/// a running server.
///
/// # Errors
/// A configuration that is wrong, a database that cannot be opened, and those of [`require_site`].
pub(crate) async fn open_records(args: &DataArgs) -> anyhow::Result<Desk> {
    let config = Config::read(&args.data, args.config.as_deref())?;
    require_site(&args.data, &config)?;
    records(args, config).await
}

/// The same for a command with which a site may begin.
///
/// # Errors
/// A configuration that is wrong, a database that cannot be opened.
pub(crate) async fn open_or_begin_records(args: &DataArgs) -> anyhow::Result<Desk> {
    let config = Config::read(&args.data, args.config.as_deref())?;
    records(args, config).await
}

async fn records(args: &DataArgs, config: Config) -> anyhow::Result<Desk> {
    lock::make_data_dir(&args.data)?;
    let store = open_store(&args.data, &config).await?;
    let embedder = EmbedderHandle::spawn(Arc::new(HashEmbedder));
    let engine = SearchEngine::in_memory(embedder.clone()).context("cannot make an empty index")?;
    Ok(Desk::new(Parts {
        store,
        engine,
        embedder,
        answerer: Answerer::new(answer_config(&config)),
        llm: None,
        webhooks: webhooks(&config)?,
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds::default()),
        site_key: site_key::read(&args.data, &config)?,
        config: desk_config(&config),
        indexing: tokio::sync::Mutex::new(()),
        tickets: IndexedTickets::default(),
        files: Files::new(open_files(&args.data, &config)?),
        learning: Learning::default(),
        single_sign_on: None,
        delivery: Arc::new(NoMail),
        rules: desk::RuleCache::default(),
        floors: desk::RuleFloors::default(),
        seen: Seen::default(),
    }))
}

/// The folder below the data directory in which files are kept, unless they are in a bucket.
pub(crate) const FILES_FOLDER: &str = "attachments";

fn open_files(data: &Path, config: &Config) -> anyhow::Result<Blobs> {
    match config.attachments.bucket()? {
        Some(bucket) => Blobs::in_bucket(bucket).context("cannot use the bucket of attachments"),
        None => {
            let folder = data.join(FILES_FOLDER);
            Blobs::in_folder(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))
        }
    }
}

async fn open_store(data: &Path, config: &Config) -> anyhow::Result<Store> {
    let url = config.database_url(data)?;
    Store::open(&url).await.with_context(|| match config.database_file(data) {
        Some(file) => format!("cannot open the database {}", file.display()),
        // An address may hold a password.
        None => "cannot open the database".to_owned(),
    })
}

/// The bundled model, or the one of the configured folder.
pub(crate) fn load_model(config: &Config) -> anyhow::Result<Arc<dyn Embedder>> {
    let options = engine_options(config)?;
    let Some(dir) = &config.embedding.model_dir else {
        return Ok(Arc::new(embed::bundled_with(options).context("cannot load the bundled model")?));
    };
    embed::load(dir, options).with_context(|| format!("cannot load the model in {}", dir.display()))
}

/// How the engine runs here.
pub(crate) fn engine_options(config: &Config) -> anyhow::Result<EngineOptions> {
    let mut options = EngineOptions::default();
    if let Some(name) = &config.embedding.kernels {
        let found = Kernels::find(name).filter(|kernels| Kernels::available().any(|own| own == *kernels));
        let Some(kernels) = found else {
            let names: Vec<&str> = Kernels::available().map(Kernels::name).collect();
            bail!("embedding.kernels is {name}; this processor has {}", names.join(", "));
        };
        options.kernels = kernels;
    }
    options.n_threads = config.embedding.threads.unwrap_or(options.n_threads).clamp(1, 16);
    Ok(options)
}

fn open_engine(
    data: &Path,
    config: &Config,
    embedder: &EmbedderHandle,
    may_write: bool,
) -> anyhow::Result<SearchEngine> {
    let vectors = match config.vectors.backend {
        VectorsBackend::InProcess => VectorsConfig::InProcess,
        VectorsBackend::Qdrant => VectorsConfig::Qdrant {
            url: config.vectors.url.clone().unwrap_or_default(),
            api_key: secret(
                "vectors.api_key",
                config.vectors.api_key.as_ref(),
                config.vectors.api_key_file.as_deref(),
            )?,
            collection: config.vectors.collection.clone().unwrap_or_else(|| "askwell".to_owned()),
        },
    };
    let search = SearchConfig {
        dir: data.join("index"),
        vectors,
        default_locale: config.site.default_locale.clone(),
        synonyms: config.search.synonyms.clone(),
        dense_weights: config.search.dense_weights.clone(),
    };
    let engine = if may_write {
        SearchEngine::open(search, embedder.clone())
    } else {
        SearchEngine::open_read_only(search, embedder.clone())
    };
    engine.context("cannot open the index")
}

pub(crate) fn answer_config(config: &Config) -> AnswerConfig {
    let shipped = AnswerConfig::default();
    AnswerConfig {
        answer_threshold: config.answers.answer_threshold.unwrap_or(shipped.answer_threshold),
        clarify_threshold: config.answers.clarify_threshold.unwrap_or(shipped.clarify_threshold),
        policy: config.handoff.policy.clone().unwrap_or_else(|| shipped.policy.clone()),
        teams: if config.handoff.teams.is_empty() {
            shipped.teams.clone()
        } else {
            config.handoff.teams.clone()
        },
        ..shipped
    }
}

fn llm(config: &Config) -> anyhow::Result<Option<ChatClient>> {
    let Some(llm) = &config.llm else { return Ok(None) };
    let key = secret("llm.api_key", llm.api_key.as_ref(), llm.api_key_file.as_deref())?;
    // The administrator named this address; it is the one private address that may be reached.
    let client = OutboundClient::allowing(&llm.base_url).context("llm.base_url is no address")?;
    // The client gives up a little earlier than the answer is due, so that its own reason reaches the trace.
    let limits = ChatLimits {
        total: Duration::from_millis(llm.deadline_ms.saturating_sub(250)),
        ..ChatLimits::default()
    };
    Ok(Some(ChatClient::new(client, &llm.base_url, &llm.model, key).with_limits(limits)))
}

fn webhooks(config: &Config) -> anyhow::Result<WebhookSender> {
    let timeout = Duration::from_millis(config.webhooks.timeout_ms);
    WebhookSender::new(config.webhooks.allow_list()?, timeout).context("cannot make the client for webhooks")
}

fn single_sign_on(config: &Config) -> anyhow::Result<Option<SingleSignOn>> {
    let Some(provider) = &config.sign_in.provider else { return Ok(None) };
    let file = provider.client_secret_file.as_deref();
    let key = secret("sign_in.provider.client_secret", provider.client_secret.as_ref(), file)?;
    let key = key.context("sign_in.provider.client_secret is not set")?;
    // The administrator named the issuer; its host may be a private one, no other that it names.
    let client =
        OutboundClient::allowing(&provider.issuer).context("sign_in.provider.issuer is no address")?;
    let name = provider.name.clone();
    Ok(Some(SingleSignOn {
        name,
        provider: Provider::new(client, &provider.issuer, &provider.client_id, &key),
    }))
}

fn desk_config(config: &Config) -> DeskConfig {
    let time_zone = TimeZone::get(&config.site.time_zone).expect("the configuration was checked");
    DeskConfig {
        site: SiteConfig {
            name: config.site.name.clone(),
            default_locale: config.site.default_locale.clone(),
            time_zone,
            base_url: config.site.base_url.as_ref().map(|url| url.trim_end_matches('/').to_owned()),
        },
        handoff: HandoffConfig { offer_deadline_s: config.handoff.offer_deadline_s },
        generation: GenerationConfig {
            deadline_ms: config.llm.as_ref().map_or(8_000, |llm| llm.deadline_ms),
        },
        sign_in: SignInConfig { admins_need_second_factor: config.sign_in.admins_need_second_factor },
        replies: RepliesConfig { undo_send_s: config.replies.undo_send_s },
        learning: LearningConfig {
            hour: config.learning.nightly.then_some(config.learning.hour),
            keep_days: config.learning.keep_days,
            accept_questions_from: config.learning.accept_questions_from,
        },
        retention: config.retention.settings().expect("the configuration was checked"),
    }
}
