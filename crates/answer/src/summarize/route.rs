//! Which team takes a ticket, and how urgent it looks.

use domain::{HandoffReason, Priority};

use crate::{config::AnswerConfig, phrase::Phrased};

/// Words of people who cannot wait, in the languages with phrases of their own.
const URGENT: [&str; 44] = [
    "urgent",
    "urgently",
    "asap",
    "as soon as possible",
    "immediately",
    "emergency",
    "right now",
    "critical",
    "production is down",
    "outage",
    "everything is down",
    "deadline",
    "dringend",
    "eilig",
    "sofort",
    "notfall",
    "ausfall",
    "urgente",
    "urgencia",
    "cuanto antes",
    "inmediatamente",
    "urgence",
    "au plus vite",
    "immédiatement",
    "imediatamente",
    "emergência",
    "subito",
    "emergenza",
    "immediatamente",
    "spoed",
    "dringend",
    "onmiddellijk",
    "срочно",
    "немедленно",
    "عاجل",
    "فورا",
    "acil",
    "hemen",
    "紧急",
    "马上",
    "至急",
    "緊急",
    "तुरंत",
    "긴급",
];

/// The first team, by key, whose patterns occur most often.
pub(super) fn team(config: &AnswerConfig, said: &Phrased) -> String {
    let mut best = (0, &config.team_default);
    for (team, patterns) in &config.teams {
        let n_found = patterns.iter().filter(|pattern| said.contains(pattern)).count();
        if n_found > best.0 {
            best = (n_found, team);
        }
    }
    best.1.clone()
}

/// Danger is urgent; what the law or somebody's money is about, and what is called urgent, comes before the others.
pub(super) fn priority(reason: &HandoffReason, said: &Phrased) -> Priority {
    match reason {
        HandoffReason::Policy { topic } if topic == "safety" => Priority::Urgent,
        HandoffReason::Policy { .. } => Priority::High,
        _ if URGENT.iter().any(|pattern| said.contains(pattern)) => Priority::High,
        _ => Priority::Normal,
    }
}
