//! What a site can set about the use cases; read from configuration by `app`.

use domain::{Filter, Locale, Tag, TimeZone};

/// Settings of one installation.
#[derive(Debug, Clone)]
pub struct DeskConfig {
    /// What the site is called, its address and its locale.
    pub site: SiteConfig,
    /// How long the bot waits before it hands over by itself.
    pub handoff: HandoffConfig,
    /// Limits of the language model, if one is configured.
    pub generation: GenerationConfig,
    /// Learning from solved tickets.
    pub learning: LearningConfig,
    /// How replies are sent.
    pub replies: RepliesConfig,
    /// How people sign in.
    pub sign_in: SignInConfig,
    /// How long things are kept.
    pub retention: RetentionConfig,
}

/// How replies are sent.
#[derive(Debug, Clone, Default)]
pub struct RepliesConfig {
    /// Seconds for which people can take a reply back before it is sent, at most [`domain::UNDO_SEND_S_MAX`]; 0 to send at once.
    pub undo_send_s: u32,
}

/// How people sign in.
#[derive(Debug, Clone, Default)]
pub struct SignInConfig {
    /// Whether who may administer anything may do nothing but set up a second factor until they have one.
    pub admins_need_second_factor: bool,
}

/// How long things are kept.
#[derive(Debug, Clone, Default)]
pub struct RetentionConfig {
    /// Days for which entries of the audit log are kept; for ever when absent.
    pub audit_days: Option<u32>,
    /// Days after which a solved ticket is closed; never by itself when absent.
    pub close_solved_after_days: Option<u32>,
    /// Days after which a closed ticket that nobody touched goes to the archive; never by itself when absent.
    pub archive_closed_after_days: Option<u32>,
    /// Which closed tickets are deleted, and when; those that any of these admits.
    pub deletions: Vec<DeletionRule>,
    /// Tickets with any of these tags are never deleted.
    pub keep_tags: Vec<Tag>,
}

/// Which closed tickets are deleted, and when.
#[derive(Debug, Clone)]
pub struct DeletionRule {
    /// Which of them.
    pub filter: Filter,
    /// Days since the last change after which they are.
    pub after_days: u32,
}

/// Learning from solved tickets.
#[derive(Debug, Clone)]
pub struct LearningConfig {
    /// The hour of the day, UTC, 0 to 23, in which the server learns; it does not by itself when absent.
    pub hour: Option<u32>,
    /// Days for which a solved ticket is remembered.
    pub keep_days: u32,
    /// Confidence, 0 to 1, from which a proposed question is accepted without an editor; 1 for never.
    pub accept_questions_from: f64,
}

/// What the site is called, its address and its locale.
#[derive(Debug, Clone)]
pub struct SiteConfig {
    /// Shown in the help center.
    pub name: String,
    /// The locale of visitors whose own is unknown or without content.
    pub default_locale: Locale,
    /// Where days begin and end, in filters such as `created:today`.
    pub time_zone: TimeZone,
    /// The public address, without a slash at the end; absent on a first try.
    pub base_url: Option<String>,
}

/// How long the bot waits before it hands over by itself.
#[derive(Debug, Clone)]
pub struct HandoffConfig {
    /// Seconds an offered ticket waits for the customer before the watchdog opens it.
    pub offer_deadline_s: u32,
}

/// Limits of the language model.
#[derive(Debug, Clone)]
pub struct GenerationConfig {
    /// Milliseconds after which the extractive answer is given instead. The promise is 10 s.
    pub deadline_ms: u64,
}

impl Default for DeskConfig {
    fn default() -> Self {
        Self {
            site: SiteConfig {
                name: "Askwell".to_owned(),
                default_locale: Locale::english(),
                time_zone: TimeZone::UTC,
                base_url: None,
            },
            handoff: HandoffConfig { offer_deadline_s: 60 },
            generation: GenerationConfig { deadline_ms: 8_000 },
            replies: RepliesConfig::default(),
            sign_in: SignInConfig::default(),
            learning: LearningConfig { hour: Some(3), keep_days: 730, accept_questions_from: 0.8 },
            retention: RetentionConfig::default(),
        }
    }
}
