//! Entries as lines of a file: JSON, and CSV that a spreadsheet cannot mistake for formulas.

use domain::AuditEntry;
use serde_json::{Value, json};

use crate::csv::csv_cell;

/// The first line of a CSV file.
pub const AUDIT_CSV_HEAD: &str = "seq,at,actor_kind,actor_id,actor_name,door,network,action,subject_kind,subject_id,\
                                  details,prev_hash,hash\r\n";

/// An entry as JSON, the same in the API and in a file.
pub fn audit_json(entry: &AuditEntry) -> Value {
    json!({
        "seq": entry.seq,
        "at": entry.at.iso(),
        "at_ms": entry.at.0,
        "actor": { "kind": entry.actor.kind.as_str(), "id": entry.actor.id, "name": entry.actor.name },
        "door": entry.origin.door.as_str(),
        "network": entry.origin.network,
        "action": entry.action.as_str(),
        "subject": { "kind": entry.action.subject_kind(), "id": entry.subject_id },
        "details": entry.details,
        "prev_hash": entry.prev_hash,
        "hash": entry.hash,
    })
}

/// An entry as a line of CSV (RFC 4180), with its line end.
pub fn audit_csv_line(entry: &AuditEntry) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let cells = [
        entry.seq.to_string(),
        entry.at.iso(),
        entry.actor.kind.as_str().to_owned(),
        text(&entry.actor.id),
        text(&entry.actor.name),
        entry.origin.door.as_str().to_owned(),
        text(&entry.origin.network),
        entry.action.as_str().to_owned(),
        entry.action.subject_kind().to_owned(),
        text(&entry.subject_id),
        entry.details.to_string(),
        entry.prev_hash.clone(),
        entry.hash.clone(),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
    format!("{}\r\n", cells.join(","))
}
