//! The options of `askwell eval` and `askwell bench`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    Hybrid,
    Lexical,
    Dense,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EvalCommand {
    /// nDCG, MRR and recall on queries with judged documents.
    Retrieval {
        /// JSONL (or .gz) with _id, title, text.
        #[arg(long)]
        corpus: PathBuf,
        /// JSONL with _id, text.
        #[arg(long)]
        queries: PathBuf,
        /// Lines of query-id, doc-id, score.
        #[arg(long)]
        qrels: PathBuf,
        /// Solved tickets to learn from first: JSONL (or .gz) with _id, created, text, relevant, reply.
        #[arg(long)]
        history: Option<PathBuf>,
        /// Which legs.
        #[arg(long, value_enum, default_value = "hybrid")]
        mode: Mode,
        /// A folder in which vectors are kept between runs.
        #[arg(long)]
        cache: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Answers, abstentions and confidence on questions with and without an answer.
    Answers {
        /// JSONL (or .gz) with _id, title, text.
        #[arg(long)]
        corpus: PathBuf,
        /// JSONL with _id, text, relevant and optionally history.
        #[arg(long)]
        questions: PathBuf,
        /// Solved tickets to learn from first: JSONL (or .gz) with _id, created, text, relevant, reply.
        #[arg(long)]
        history: Option<PathBuf>,
        /// Write each decision to this file.
        #[arg(long)]
        out: Option<PathBuf>,
        /// A folder in which vectors are kept between runs.
        #[arg(long)]
        cache: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Up to three suggested replies for each question, from a history of solved tickets.
    Replies {
        /// JSONL (or .gz) with _id, title, text.
        #[arg(long)]
        corpus: PathBuf,
        /// Solved tickets: JSONL (or .gz) with _id, created, text, relevant, reply.
        #[arg(long)]
        history: PathBuf,
        /// JSONL (or .gz) with _id, text and, to compare with, the reply that was given.
        #[arg(long)]
        questions: PathBuf,
        /// Write the suggestions of each question to this file.
        #[arg(long)]
        out: Option<PathBuf>,
        /// A folder in which vectors are kept between runs.
        #[arg(long)]
        cache: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// How much personal data is found in texts where it is marked.
    Redaction {
        /// JSONL (or .gz) with text and spans.
        #[arg(long)]
        texts: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// The sentences that the bot picks from a given passage, against those that people picked.
    Sentences {
        /// JSONL with _id, question, passage and answers (ClapNQ's gold).
        #[arg(long)]
        gold: PathBuf,
        /// A folder in which vectors are kept between runs.
        #[arg(long)]
        cache: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Askwell's own golden questions on its own manual.
    Golden {
        /// The manual.
        #[arg(long, default_value = "kb-content")]
        manual: PathBuf,
        /// JSONL with the questions.
        #[arg(long, default_value = "evals/golden.jsonl")]
        questions: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// Search speed on generated articles.
    Search {
        /// How many articles.
        #[arg(long, default_value_t = 10_000)]
        articles: usize,
        /// How many queries.
        #[arg(long, default_value_t = 200)]
        queries: usize,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Measure on this directory, which an earlier run has filled.
        #[arg(long, value_name = "DIR", hide = true)]
        filled: Option<PathBuf>,
    },
    /// Fill an empty data directory with generated people, customers and tickets.
    Seed {
        /// The data directory; its configuration names the database.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// How many tickets, with three messages each.
        #[arg(long, default_value_t = 20_000)]
        tickets: usize,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// What agents wait for, on a data directory that `bench seed` has filled.
    Desk {
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// How often each view is read; tickets are opened, made and changed ten times as often.
        #[arg(long, default_value_t = 20)]
        runs: usize,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// What remembered tickets cost a search.
    Learn {
        /// How many tickets.
        #[arg(long, default_value_t = 100_000)]
        tickets: usize,
        /// How many queries.
        #[arg(long, default_value_t = 300)]
        queries: usize,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Embedding speed.
    Embed {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}
