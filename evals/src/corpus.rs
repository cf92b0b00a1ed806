//! Reads JSONL files, plain or compressed, and relevance judgements.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use anyhow::{Context as _, bail};
use flate2::read::MultiGzDecoder;
use search::{PastTurn, Speaker};
use serde::{Deserialize, de::DeserializeOwned};

/// The lines of a file; `.gz` is unpacked. Only `\n` ends a line, since texts may hold other line ends.
pub(crate) fn lines(path: &Path) -> anyhow::Result<impl Iterator<Item = std::io::Result<String>>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let reader: Box<dyn Read> = if path.extension().is_some_and(|ending| ending == "gz") {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Ok(BufReader::new(reader)
        .split(b'\n')
        .map(|line| line.map(|line| String::from_utf8_lossy(&line).into_owned())))
}

/// Each line as a value.
pub(crate) fn values<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let mut values = Vec::new();
    for (n, line) in (1..).zip(lines(path)?) {
        let line = line.with_context(|| format!("cannot read {}", path.display()))?;
        if line.trim().is_empty() {
            continue;
        }
        let value = serde_json::from_str(&line);
        values.push(value.with_context(|| format!("{}:{n} is not what was expected", path.display()))?);
    }
    Ok(values)
}

/// Judged documents with their grades, by query: lines of query, document, grade, or of query, `0`, document, grade.
pub(crate) fn qrels(path: &Path) -> anyhow::Result<BTreeMap<String, HashMap<String, f64>>> {
    let mut judged: BTreeMap<String, HashMap<String, f64>> = BTreeMap::new();
    for (n, line) in (1..).zip(lines(path)?) {
        let line = line?;
        let parts: Vec<&str> = line.trim_end_matches('\r').split('\t').collect();
        let (query, document, grade) = match parts.as_slice() {
            [""] | [] => continue,
            [query, document, grade] | [query, _, document, grade] => (*query, *document, *grade),
            _ => bail!("{}:{n} has {} columns, not 3 or 4", path.display(), parts.len()),
        };
        match grade.trim().parse::<f64>() {
            Ok(grade) => {
                judged.entry(query.to_owned()).or_default().insert(document.to_owned(), grade);
            }
            // The first line may name the columns.
            Err(_) if n == 1 => {}
            Err(_) => bail!("{}:{n}: {grade:?} is no grade", path.display()),
        }
    }
    Ok(judged)
}

/// A turn of the history: a text alone is the customer's.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum PastText {
    Text(String),
    Said {
        #[serde(alias = "role")]
        speaker: String,
        #[serde(alias = "content")]
        text: String,
    },
}

/// The history as search and the bot take it.
pub(crate) fn past(history: &[PastText]) -> Vec<PastTurn> {
    history
        .iter()
        .map(|turn| match turn {
            PastText::Text(text) => PastTurn { speaker: Speaker::Customer, text: text.clone() },
            PastText::Said { speaker, text } => {
                let is_customer =
                    matches!(speaker.to_lowercase().as_str(), "user" | "u" | "customer" | "asker");
                let speaker = if is_customer { Speaker::Customer } else { Speaker::Bot };
                PastTurn { speaker, text: text.clone() }
            }
        })
        .collect()
}
