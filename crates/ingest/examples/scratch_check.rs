//! scratch
use std::io::{BufRead, Read};
use ingest::*;
fn alnum(t: &str) -> Vec<char> { t.chars().filter(|c| c.is_alphanumeric()).collect() }
fn check(name: &str, title: &str, body: &str, stats: &mut [usize; 8]) {
    let v = domain::VersionId::new("v");
    let ps = passages(&v, title, body, &PassageOptions::default());
    let mut anchors = std::collections::HashSet::new();
    let mut last = 0;
    let mut covered = Vec::new();
    let mut prev_heads: Vec<String> = vec![];
    for p in &ps {
        stats[0] += 1;
        if !anchors.insert(p.anchor.clone()) { println!("{name}: dup anchor {}", p.anchor); stats[7]+=1; }
        if p.start < last { println!("{name}: passage overlap {} < {last}", p.start); stats[7]+=1; }
        if p.headings != prev_heads { 
            let common = p.headings.iter().zip(&prev_heads).take_while(|(a,b)| a==b).count();
            let _ = common;
        }
        prev_heads = p.headings.clone();
        let mut at = p.start;
        let mut words = 0;
        for s in &p.segments {
            stats[1] += 1;
            words += s.text.split_whitespace().count();
            if s.start < at || s.end > p.end || s.end <= s.start { println!("{name}: segment order {:?} at {at}", s); stats[7]+=1; }
            at = s.end;
            let Some(src) = body.get(s.start..s.end) else { println!("{name}: bad span {s:?}"); stats[7]+=1; continue };
            let srcs = alnum(src); let txt = alnum(&s.text);
            let mut i = 0; for c in &srcs { if i < txt.len() && txt[i]==*c { i+=1; } }
            if i < txt.len() { stats[2]+=1; if stats[2] < 30 { println!("{name}: not subsequence: {:?} <- {:?}", s.text.chars().take(200).collect::<String>(), src.chars().take(200).collect::<String>()); } }
            if src.contains('\n') && !matches!(s.kind, domain::SegmentKind::Code) { stats[3]+=1; }
            if src.trim() != src { stats[4]+=1; }
            if src.len() > s.text.len()*3+200 { stats[6]+=1; if stats[6]<10 { println!("{name}: large source {:?} <- {:?}", s.text.chars().take(100).collect::<String>(), src.chars().take(300).collect::<String>()); } }
            covered.extend(txt);
        }
        if words > 260 { stats[5]+=1; if stats[5] < 5 {println!("{name}: {words} words in {}", p.anchor);} }
        last = p.end;
    }
    // coverage
    let plain = alnum(&plain_text(body));
    let mut c: std::collections::HashMap<char,i64> = Default::default();
    for ch in &plain { *c.entry(*ch).or_default() += 1; }
    for ch in &covered { *c.entry(*ch).or_default() -= 1; }
    for t in toc("", body) { let _=&t; for ch in alnum(&t.text) { *c.entry(ch).or_default() -= 1; } }
    let missing: i64 = c.values().filter(|v| **v > 0).sum();
    if missing > 0 { println!("{name}: missing {missing}"); stats[7]+=1; }
}
fn main() {
    for f in std::env::args().skip(1) {
        let t0 = std::time::Instant::now();
        let mut stats = [0usize; 8]; let mut n=0; let mut bytes=0;
        let reader: Box<dyn BufRead> = Box::new(std::io::BufReader::new(std::fs::File::open(&f).unwrap()));
        if f.ends_with(".jsonl") {
            for line in reader.split(b'\n') { let line = line.unwrap(); let d: serde_json::Value = serde_json::from_slice(&line).unwrap();
                n+=1; let t=d["text"].as_str().unwrap(); bytes+=t.len();
                check(&format!("{f}:{}", d["_id"]), d["title"].as_str().unwrap_or(""), t, &mut stats); }
        } else { let mut t=String::new(); let mut r=reader; let mut b=vec![]; r.read_to_end(&mut b).unwrap(); t.push_str(&String::from_utf8_lossy(&b)); n+=1; bytes+=t.len(); check(&f, "", &t, &mut stats); }
        println!("{f}: n={n} bytes={bytes} passages={} segments={} notsub={} multiline={} untrimmed={} overlong={} large={} bad={} in {:?}", stats[0],stats[1],stats[2],stats[3],stats[4],stats[5],stats[6],stats[7], t0.elapsed());
    }
}
