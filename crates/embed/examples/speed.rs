//! Measures the bundled model: how long a text of so many tokens takes alone, and how many such
//! texts a second go through together. Run it with `--release`.

use std::time::{Duration, Instant};

use embed::{Embedder, bundled};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let model = bundled()?;
    eprintln!("load: {:.0} ms", millis(start.elapsed()));
    for n_tokens in [8, 16, 32, 64, 128, 256] {
        // Each word is one token; the markers of start and end are two more.
        let text = vec!["support"; n_tokens - 2].join(" ");
        let mut took: Vec<Duration> = (0..40).map(|_| time(|| model.embed(&[&text]).map(drop))).collect();
        took.sort_unstable();
        let batch = vec![text.as_str(); 32];
        let together = time(|| model.embed(&batch).map(drop));
        eprintln!(
            "{n_tokens:>4} tokens: alone best {:.1} ms, p50 {:.1} ms, p95 {:.1} ms; together {:.1} ms each",
            millis(took[0]),
            millis(took[20]),
            millis(took[38]),
            millis(together) / batch.len() as f64,
        );
    }
    Ok(())
}

fn time(work: impl FnOnce() -> Result<(), embed::EmbedError>) -> Duration {
    let start = Instant::now();
    work().expect("the bundled model runs");
    start.elapsed()
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}
