fn main() {
    let answerer = answer::Answerer::default();
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap();
        let (mut n, mut by) = (0, std::collections::BTreeMap::<String, Vec<String>>::new());
        for line in text.split('\n').filter(|l| !l.is_empty()) {
            let v: serde_json::Value = serde_json::from_str(line).unwrap();
            let q = v["text"].as_str().unwrap();
            n += 1;
            if let Some(turn) = answerer.gate(q, &[], 0, &domain::Locale::english()) {
                let kind = match &turn { domain::BotTurn::HandOff { reason, .. } => format!("{reason:?}"), t => t.kind().to_owned() };
                by.entry(kind).or_default().push(q.chars().take(2000).collect());
            }
        }
        println!("{path}: {n}");
        for (k, v) in by { println!("  {k}: {}", v.len()); for t in v.iter().take(12) { println!("     {:?}", t.chars().take(700).collect::<String>()); } }
    }
}
