//! Generated articles and queries: the same in every run, with words as frequent as in real text.

/// Sections of a generated article; about the passages of an average documentation page.
const SECTIONS: usize = 6;
/// Words of a generated section: one passage.
const WORDS_PER_SECTION: usize = 120;

/// A word of a vocabulary whose frequencies fall off as in real text (Zipf): half of all words come from a small core.
fn word(state: &mut u64) -> String {
    // SplitMix64, so that every run generates the same articles.
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let uniform = ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
    let rank = (30_000_f64.powf(uniform)) as u64;
    const SYLLABLES: [&str; 16] = [
        "ka", "lo", "mi", "ter", "sun", "ba", "ren", "vo", "di", "pel", "gro", "fa", "nis", "hu", "cor", "ze",
    ];
    let mut rest = rank + 16;
    let mut word = String::new();
    while rest > 0 {
        word.push_str(SYLLABLES[(rest % 16) as usize]);
        rest /= 16;
    }
    word
}

fn words(state: &mut u64, n: usize) -> String {
    (0..n).map(|_| word(state)).collect::<Vec<_>>().join(" ")
}

/// An article in Markdown, of six sections.
pub fn article(n: usize) -> String {
    let mut state = n as u64 * 1_000_003;
    let mut text = format!("# {} {n}\n\n", words(&mut state, 4));
    for _ in 0..SECTIONS {
        text.push_str(&format!(
            "## {}\n\n{}.\n\n",
            words(&mut state, 3),
            words(&mut state, WORDS_PER_SECTION)
        ));
    }
    text
}

/// A query of two to nine words.
pub fn query(n: usize) -> String {
    words(&mut (n as u64 * 7_919 + 1), 2 + n % 8)
}
