//! `askwell eval`: the measurements of `evals`, with the shipped defaults.

use std::process::ExitCode;

use evals::{EvalMode, VectorCache};

use crate::{
    Config,
    cli::{EvalCommand, Mode},
    print, wiring,
};

pub(crate) async fn eval(command: EvalCommand) -> anyhow::Result<ExitCode> {
    let model = wiring::load_model(&Config::from_environment()?)?;
    match command {
        EvalCommand::Retrieval { corpus, queries, qrels, history, mode, cache, json } => {
            let mode = match mode {
                Mode::Hybrid => EvalMode::Hybrid,
                Mode::Lexical => EvalMode::Lexical,
                Mode::Dense => EvalMode::Dense,
            };
            let model = VectorCache::open(model, cache)?;
            let report = evals::retrieval(&corpus, &queries, &qrels, history.as_deref(), mode, model).await?;
            show(&report, json)
        }
        EvalCommand::Answers { corpus, questions, history, out, cache, json } => {
            let model = VectorCache::open(model, cache)?;
            let report =
                evals::answers(&corpus, &questions, history.as_deref(), out.as_deref(), model).await?;
            show(&report, json)
        }
        EvalCommand::Replies { corpus, history, questions, out, cache, json } => {
            let model = VectorCache::open(model, cache)?;
            show(&evals::replies(&corpus, &history, &questions, out.as_deref(), model).await?, json)
        }
        EvalCommand::Redaction { texts, json } => show(&evals::redaction(&texts)?, json),
        EvalCommand::Sentences { gold, cache, json } => {
            show(&evals::sentences(&gold, VectorCache::open(model, cache)?).await?, json)
        }
        EvalCommand::Golden { manual, questions, json } => {
            let report = evals::golden(&manual, &questions, VectorCache::open(model, None)?).await?;
            let good = report.is_good();
            show(&report, json)?;
            Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

fn show(report: &impl serde::Serialize, json: bool) -> anyhow::Result<ExitCode> {
    if json {
        print::json(report)?;
    } else {
        print::line(&serde_json::to_string_pretty(report)?);
    }
    Ok(ExitCode::SUCCESS)
}
