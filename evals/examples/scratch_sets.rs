//! Scratch.
use std::{path::PathBuf, sync::Arc};
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let model: Arc<dyn embed::Embedder> = Arc::new(embed::bundled()?);
    let model = evals::VectorCache::open(model, Some(PathBuf::from("/work/research/vcache")))?;
    let d = std::env::var("DATA").unwrap_or_else(|_| "/work/shared/data".into());
    for arg in std::env::args().skip(1) {
        let (set, modes) = arg.split_once(':').unwrap_or((&arg, "ldh"));
        let dir = PathBuf::from(&d).join(set);
        let mut corpus = dir.join("corpus.jsonl");
        if !corpus.exists() { corpus = dir.join("corpus.jsonl.gz"); }
        let mut out = format!("{set:12}");
        for m in modes.chars() {
            let mode = match m { 'l' => evals::EvalMode::Lexical, 'd' => evals::EvalMode::Dense, _ => evals::EvalMode::Hybrid };
            let r = evals::retrieval(&corpus, &dir.join("queries.jsonl"), &dir.join("qrels.tsv"), mode, model.clone()).await?;
            out += &format!(" | {m} {:.2} mrr {:.1} r5 {:.1} ms {:.1}/{:.1} ix {:.1}", r.ndcg_at_10*100., r.mrr_at_10*100., r.recall_at_5*100., r.query_ms.p50, r.query_ms.p95, r.index_s);
        }
        #[allow(clippy::print_stdout)] { println!("{out}"); }
    }
    Ok(())
}
