//! Configuration: DIR/askwell.toml, then `ASKWELL_…` variables. An unknown key is an error.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use domain::{Locale, TimeZone};
use figment::{
    Figment,
    providers::{Env, Format as _, Toml},
};
use serde::Deserialize;

use crate::{cli::DataArgs, print, site_key, wiring};

mod attachments;
mod replies;
mod retention;
mod security;
mod server;
mod sign_in;
mod webhooks;

pub(crate) use attachments::{Attachments, AttachmentsBackend};
use replies::Replies;
use retention::Retention;
use security::Security;
use server::Server;
use sign_in::SignIn;
use webhooks::Webhooks;

/// Everything a site can set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What the site is called and where it is.
    pub site: Site,
    /// Where the data is kept.
    pub database: Database,
    /// Where vectors are searched.
    pub vectors: Vectors,
    /// How search ranks.
    pub search: Search,
    /// When the bot answers.
    pub answers: Answers,
    /// When a human takes over.
    pub handoff: Handoff,
    /// The language model, if any.
    pub llm: Option<Llm>,
    /// The embedding model.
    pub embedding: Embedding,
    /// Learning from solved tickets.
    pub learning: Learning,
    /// Where files of messages are kept.
    pub attachments: Attachments,
    /// How replies are sent.
    pub replies: Replies,
    /// How long things are kept.
    pub retention: Retention,
    /// Messages to webhooks.
    pub webhooks: Webhooks,
    /// What secrets are sealed with.
    pub security: Security,
    /// How people sign in.
    pub sign_in: SignIn,
    /// Limits of the server.
    pub server: Server,
}

/// Variables with the prefix that are no settings: the log filter, and what the tests are told.
const NOT_SETTINGS: [&str; 7] =
    ["log", "test_postgres_url", "test_qdrant_url", "test_s3_url", "bin", "chromium", "shots"];

/// What the site is called and where it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Site {
    /// Shown in the help center.
    pub name: String,
    /// The locale of visitors whose own is unknown.
    pub default_locale: Locale,
    /// Where days begin and end, such as `Europe/Berlin`.
    pub time_zone: String,
    /// The public address, such as `https://help.example.org`.
    pub base_url: Option<String>,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            name: "Askwell".to_owned(),
            default_locale: Locale::english(),
            time_zone: "UTC".to_owned(),
            base_url: None,
        }
    }
}

/// Where the data is kept.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgres://…`; the SQLite file of the data directory when absent.
    pub url: Option<String>,
    /// A file with the address, for secrets.
    pub url_file: Option<PathBuf>,
}

/// Where vectors are searched.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vectors {
    /// In process, or Qdrant.
    pub backend: VectorsBackend,
    /// Qdrant's gRPC address.
    pub url: Option<String>,
    /// Qdrant's key.
    pub api_key: Option<String>,
    /// A file with the key.
    pub api_key_file: Option<PathBuf>,
    /// Qdrant's collection; `askwell` when absent.
    pub collection: Option<String>,
}

/// Which vector index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VectorsBackend {
    /// An exact scan in this process.
    #[default]
    InProcess,
    /// A Qdrant server.
    Qdrant,
}

/// How search ranks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Search {
    /// Groups of words that mean the same.
    pub synonyms: Vec<Vec<String>>,
    /// The dense leg's weight by language, 0 to 1, instead of the shipped one.
    pub dense_weights: BTreeMap<String, f64>,
}

/// When the bot answers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// Confidence from which it answers, 0 to 1, instead of the shipped one.
    pub answer_threshold: Option<f64>,
    /// Confidence from which it asks back, 0 to 1, instead of the shipped one.
    pub clarify_threshold: Option<f64>,
}

/// When a human takes over.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Handoff {
    /// Seconds an offered ticket waits for the customer before it is opened anyway.
    pub offer_deadline_s: u32,
    /// Topics that humans decide on, with the words that name them, instead of the shipped ones.
    pub policy: Option<BTreeMap<String, Vec<String>>>,
    /// Teams, with the words that lead to them.
    pub teams: BTreeMap<String, Vec<String>>,
}

impl Default for Handoff {
    fn default() -> Self {
        Self { offer_deadline_s: 60, policy: None, teams: BTreeMap::new() }
    }
}

/// A language model behind an OpenAI-compatible address.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Llm {
    /// Such as `http://127.0.0.1:11434/v1`.
    pub base_url: String,
    /// The model's name there.
    pub model: String,
    /// The key.
    pub api_key: Option<String>,
    /// A file with the key.
    pub api_key_file: Option<PathBuf>,
    /// Milliseconds after which the extractive answer is given instead; at most 9,500.
    #[serde(default = "default_llm_deadline_ms")]
    pub deadline_ms: u64,
}

fn default_llm_deadline_ms() -> u64 {
    8_000
}

/// Learning from solved tickets.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Learning {
    /// Whether the server learns by itself, once a day.
    pub nightly: bool,
    /// In which hour, UTC, 0 to 23.
    pub hour: u32,
    /// Days for which a solved ticket is remembered.
    pub keep_days: u32,
    /// Confidence, 0 to 1, from which a question that customers ask becomes an alternative question of the article without
    /// an editor; 1 for never.
    pub accept_questions_from: f64,
}

impl Default for Learning {
    fn default() -> Self {
        Self { nightly: true, hour: 3, keep_days: 730, accept_questions_from: 0.8 }
    }
}

/// The embedding model.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Embedding {
    /// A folder with a BERT-family model; the bundled one when absent.
    pub model_dir: Option<PathBuf>,
    /// The arithmetic: `portable`, `dotproduct`, `avx2`, `avxvnni` or `avx512vnni`; the fastest that the processor has
    /// when absent. All give the same vectors.
    pub kernels: Option<String>,
    /// Threads that embed, 1 to 16; one for each processor when absent.
    pub threads: Option<usize>,
}

impl Config {
    /// Reads the file (when there is one) and the environment.
    ///
    /// # Errors
    /// Unknown keys, wrong types, a file that was named and is not there; the message says where and what would be
    /// right.
    pub fn read(data: &Path, file: Option<&Path>) -> anyhow::Result<Self> {
        let default = data.join("askwell.toml");
        let path = file.unwrap_or(&default);
        if file.is_some() && !path.is_file() {
            bail!("there is no configuration file {}", path.display());
        }
        let mut figment = Figment::new();
        if path.is_file() {
            figment = figment.merge(Toml::file_exact(path));
        }
        Self::extract(figment, path)
    }

    /// Reads the environment alone, for what has no data directory.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn from_environment() -> anyhow::Result<Self> {
        Self::extract(Figment::new(), Path::new("no file"))
    }

    fn extract(figment: Figment, path: &Path) -> anyhow::Result<Self> {
        let figment = figment.merge(Env::prefixed("ASKWELL_").ignore(&NOT_SETTINGS).split("__"));
        let config: Self = figment.extract().map_err(|error| explain(&error, path))?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> anyhow::Result<()> {
        if let Some(llm) = &self.llm
            && llm.deadline_ms > 9_500
        {
            bail!(
                "llm.deadline_ms is {}; use at most 9500, so that visitors wait no more than 10 s",
                llm.deadline_ms
            );
        }
        if self.vectors.backend == VectorsBackend::Qdrant && self.vectors.url.is_none() {
            bail!(
                "vectors.backend is qdrant; set vectors.url to its gRPC address, such as http://127.0.0.1:6334"
            );
        }
        let weights = self.search.dense_weights.iter();
        let weights = weights.map(|(language, weight)| (format!("search.dense_weights.{language}"), *weight));
        let thresholds = [
            ("answers.answer_threshold", self.answers.answer_threshold),
            ("answers.clarify_threshold", self.answers.clarify_threshold),
        ];
        let thresholds = thresholds.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        let learning = [("learning.accept_questions_from".to_owned(), self.learning.accept_questions_from)];
        for (key, value) in weights.chain(thresholds).chain(learning) {
            if !(0.0..=1.0).contains(&value) {
                bail!("{key} is {value}; it must be between 0 and 1");
            }
        }
        let answers = wiring::answer_config(self);
        if answers.clarify_threshold > answers.answer_threshold {
            bail!(
                "answers.clarify_threshold is {}; it may be at most answers.answer_threshold, {}",
                answers.clarify_threshold,
                answers.answer_threshold
            );
        }
        if self.learning.hour > 23 {
            bail!("learning.hour is {}; use 0 to 23", self.learning.hour);
        }
        wiring::engine_options(self)?;
        if TimeZone::get(&self.site.time_zone).is_err() {
            let zone = &self.site.time_zone;
            bail!("site.time_zone is {zone}; write a name of the IANA database, such as Europe/Berlin");
        }
        if !(1..=desk::WEBHOOK_TIMEOUT_MS_MAX).contains(&self.webhooks.timeout_ms) {
            let most = desk::WEBHOOK_TIMEOUT_MS_MAX;
            bail!("webhooks.timeout_ms is {}; use 1 to {most}", self.webhooks.timeout_ms);
        }
        self.webhooks.allow_list()?;
        self.server.validate()?;
        self.replies.validate()?;
        self.attachments.validate()?;
        self.retention.settings()?;
        if let Some(url) = &self.site.base_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            bail!("site.base_url is {url}; write the whole address, such as https://help.example.org");
        }
        self.sign_in.validate(self.site.base_url.as_deref())
    }

    /// The SQLite file of the data directory, unless another database is configured.
    pub(crate) fn database_file(&self, data: &Path) -> Option<PathBuf> {
        let is_elsewhere = self.database.url.is_some() || self.database.url_file.is_some();
        (!is_elsewhere).then(|| data.join("askwell.db"))
    }

    /// The database's address.
    ///
    /// # Errors
    /// When the file with it cannot be read, and an address of another kind of database.
    pub fn database_url(&self, data: &Path) -> anyhow::Result<String> {
        if let Some(file) = self.database_file(data) {
            return Ok(store::sqlite_url(&file));
        }
        let given = secret("database.url", self.database.url.as_ref(), self.database.url_file.as_deref())?;
        let url = given.context("neither database.url nor database.url_file is set")?;
        // It may hold a password, so it is not repeated.
        if !["postgres:", "postgresql:", "sqlite:"].iter().any(|scheme| url.starts_with(scheme)) {
            bail!("database.url must begin with postgres://; leave it out for SQLite in the data directory");
        }
        Ok(url)
    }
}

/// A secret that stands in the configuration or in a file of its own.
pub(crate) fn secret(
    key: &str,
    value: Option<&String>,
    file: Option<&Path>,
) -> anyhow::Result<Option<String>> {
    match (value, file) {
        (Some(_), Some(_)) => bail!("{key} and {key}_file are both set; keep one"),
        (Some(value), None) => Ok(Some(value.clone())),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {key}_file {}", file.display()))?;
            Ok(Some(text.trim().to_owned()))
        }
        (None, None) => Ok(None),
    }
}

fn explain(error: &figment::Error, path: &Path) -> anyhow::Error {
    let problems: Vec<String> = error.clone().into_iter().map(|problem| problem.to_string()).collect();
    anyhow::anyhow!(
        "the configuration ({} or ASKWELL_ variables) is wrong: {}",
        path.display(),
        problems.join("; ")
    )
}

/// `askwell config check`.
pub(crate) fn check(args: &DataArgs) -> anyhow::Result<ExitCode> {
    let config = Config::read(&args.data, args.config.as_deref())?;
    config.database_url(&args.data)?;
    site_key::read(&args.data, &config)?;
    if args.json {
        print::json(&serde_json::json!({ "ok": true }))?;
    } else {
        print::line("the configuration is right");
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> anyhow::Result<Config> {
        let dir = tempfile::tempdir()?;
        std::fs::write(dir.path().join("askwell.toml"), toml)?;
        Config::read(dir.path(), None)
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_the_known_ones() {
        let error = read("[site]\nnmae = \"x\"\n").unwrap_err().to_string();
        assert!(error.contains("nmae") && error.contains("name"), "{error}");
    }

    #[test]
    fn an_empty_file_and_no_file_are_the_defaults() {
        assert_eq!(read("").unwrap().site.name, "Askwell");
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Config::read(dir.path(), None).unwrap().handoff.offer_deadline_s, 60);
    }

    #[test]
    fn what_cannot_work_is_refused_with_a_hint() {
        for (toml, hint) in [
            ("[vectors]\nbackend = \"qdrant\"\n", "vectors.url"),
            ("[answers]\nanswer_threshold = 3.0\n", "between 0 and 1"),
            ("[search.dense_weights]\nen = 7.0\n", "search.dense_weights.en"),
            ("[site]\nbase_url = \"help.example.org\"\n", "https://"),
            ("[llm]\nbase_url = \"http://x\"\nmodel = \"m\"\ndeadline_ms = 60000\n", "9500"),
            ("[site]\ndefault_locale = \"english!\"\n", "locale"),
            (
                "[sign_in.provider]\nname = \"x\"\nissuer = \"https://x\"\nclient_id = \"x\"\nclient_secret = \"x\"\n",
                "site.base_url",
            ),
            ("[site]\ntime_zone = \"Berlin\"\n", "Europe/Berlin"),
            ("[replies]\nundo_send_s = 61\n", "60"),
            ("[attachments]\nbackend = \"s3\"\n", "attachments.bucket"),
            ("[attachments]\nbackend = \"s3\"\nbucket = \"b\"\n", "attachments.region"),
            ("[attachments]\nbucket = \"b\"\n", "attachments.backend"),
            ("[webhooks]\ntimeout_ms = 60000\n", "30000"),
            ("[webhooks]\nallow = [\"10.0.0.0/99\"]\n", "webhooks.allow"),
            ("[retention]\nclose_solved_after_days = 0\n", "close_solved_after_days"),
            ("[retention]\naudit_days = 0\n", "audit_days"),
            ("[retention]\nkeep_tags = [\"a, b\"]\n", "keep_tags"),
            ("[[retention.delete]]\nfilter = \"tagg:spam\"\nafter_days = 30\n", "tagg"),
            ("[[retention.delete]]\nfilter = \"\"\nafter_days = 30\n", "delete_closed_after_days"),
            ("[[retention.delete]]\nfilter = \"tag:spam\"\n", "after_days"),
            ("[[retention.delete]]\nfilter = \"assignee:me\"\nafter_days = 30\n", "assignee:me"),
            ("[learning]\nhour = 24\n", "0 to 23"),
            ("[learning]\naccept_questions_from = 2.0\n", "learning.accept_questions_from"),
            ("[answers]\nanswer_threshold = 0.2\nclarify_threshold = 0.5\n", "clarify_threshold"),
            ("[embedding]\nkernels = \"x\"\n", "portable"),
            ("[server]\nrequests_per_minute = 0\n", "server.requests_per_minute"),
            ("[server]\naddress_requests_per_minute = 0\n", "server.address_requests_per_minute"),
        ] {
            let error = format!("{:#}", read(toml).unwrap_err());
            assert!(error.contains(hint), "{toml}: {error}");
        }
    }

    #[test]
    fn a_database_is_sqlite_or_postgres() {
        let config = |url: &str| read(&format!("[database]\nurl = \"{url}\"\n")).unwrap();
        let data = Path::new("data");
        assert!(config("postgres://localhost/askwell").database_url(data).is_ok());
        let error = config("mysql://ada:pass@localhost/x").database_url(data).unwrap_err().to_string();
        assert!(error.contains("postgres://") && !error.contains("pass@"), "{error}");
    }
}
