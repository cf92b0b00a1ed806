//! Which articles stand behind a remembered reply, so that it can be cited.

use std::collections::HashSet;

use domain::{Citation, Hit, Hits};
use language::Language;

use super::{
    ArticleDraft, PastReply,
    adapt::URL,
    article::{ARTICLES_MAX, cite},
};
use crate::{question::terms, vector::dot};

/// Share of a reply's terms that an article's best passage has, from which the reply says what the article says. Of
/// 3,591 pairs of a support forum's replies with links and articles near their question, 51 % are linked from here on
/// and 18 % altogether (measured 2026-11).
const TERMS_SHARE_MIN: f64 = 0.5;
/// Fewest terms of a reply that can be compared by words.
const TERMS_MIN: usize = 5;
/// Cosine of a reply and of an article's draft from which they say the same: 59 % of such pairs are linked.
const COSINE_MIN: f64 = 0.8;

/// A citation for each article behind the reply, best first: linked there, or saying the same.
pub(super) fn articles_behind(
    past: &PastReply,
    hits: &Hits,
    drafts: &[(ArticleDraft, Vec<f32>)],
) -> Vec<Citation> {
    let language = Language::parse(&hits.language).unwrap_or_else(Language::english);
    let linked: Vec<&str> = URL.find_iter(&past.reply).map(|url| url.as_str()).collect();
    let said = terms(&URL.replace_all(&past.reply, " "), language);
    let is_behind = |hit: &&Hit| {
        let draft = drafts.iter().find(|(draft, _)| draft.article_id == hit.article_id);
        linked.iter().any(|url| leads_to(url, &hit.slug))
            || shares_words(&said, hit, language)
            || draft.is_some_and(|(_, vector)| dot(vector, &past.vector) >= COSINE_MIN)
    };
    let behind = hits.hits.iter().filter(is_behind).take(ARTICLES_MAX);
    behind
        .filter_map(|hit| {
            let draft = drafts.iter().find(|(draft, _)| draft.article_id == hit.article_id);
            draft.and_then(|(draft, _)| draft.citations.first().cloned()).or_else(|| cite(hit))
        })
        .zip(1..)
        .map(|(citation, n)| Citation { n, ..citation })
        .collect()
}

/// Whether a part of the address's path is the article's.
fn leads_to(url: &str, slug: &str) -> bool {
    !slug.is_empty() && url.split(['/', '?', '#']).skip(3).any(|part| part == slug)
}

fn shares_words(said: &HashSet<String>, hit: &Hit, language: Language) -> bool {
    said.len() >= TERMS_MIN
        && hit.passages.first().is_some_and(|passage| {
            let written = terms(&passage.source, language);
            said.intersection(&written).count() as f64 >= TERMS_SHARE_MIN * said.len() as f64
        })
}
