//! Sentences of generated tickets: words of support, the first ones often.

use super::seed::Random;

const WORDS: [&str; 72] = [
    "the",
    "my",
    "a",
    "to",
    "account",
    "order",
    "password",
    "invoice",
    "login",
    "payment",
    "refund",
    "error",
    "page",
    "mail",
    "address",
    "phone",
    "update",
    "change",
    "cancel",
    "subscription",
    "delivery",
    "late",
    "missing",
    "broken",
    "screen",
    "button",
    "download",
    "upload",
    "file",
    "report",
    "export",
    "import",
    "team",
    "user",
    "invite",
    "domain",
    "certificate",
    "printer",
    "router",
    "firmware",
    "version",
    "install",
    "crash",
    "slow",
    "blank",
    "twice",
    "charged",
    "card",
    "expired",
    "renewal",
    "discount",
    "coupon",
    "shipping",
    "customs",
    "return",
    "label",
    "warranty",
    "repair",
    "sensor",
    "battery",
    "charger",
    "cable",
    "adapter",
    "bluetooth",
    "signal",
    "roaming",
    "voucher",
    "statement",
    "calendar",
    "reminder",
    "signature",
    "attachment",
];

/// A sentence of so many words that follows from a seed, with a number that few others have.
pub(super) fn sentence(seed: u64, n_words: usize) -> String {
    let mut random = Random::new(seed);
    let mut words: Vec<String> = (0..n_words)
        .map(|_| {
            let most = if random.below(3) == 0 { 4 } else { WORDS.len() as u64 };
            WORDS[random.below(most) as usize].to_owned()
        })
        .collect();
    words.push(format!("{}", random.below(100_000)));
    words.join(" ")
}
