//! scratch
use ingest::*;
fn walk(dir:&std::path::Path, out:&mut Vec<std::path::PathBuf>){ let mut es:Vec<_>=std::fs::read_dir(dir).unwrap().map(|e|e.unwrap().path()).collect(); es.sort(); for p in es { if p.is_dir(){walk(&p,out)} else {out.push(p)} } }
fn main(){ let root=std::path::PathBuf::from(std::env::args().nth(1).unwrap()); let show=std::env::args().nth(2); let mut fs=vec![]; walk(&root,&mut fs);
 let mut n=0; let mut nw=0; let t0=std::time::Instant::now();
 let mut slugs: std::collections::HashMap<String,String>=Default::default(); let mut dups=0;
 for f in fs { let rel=f.strip_prefix(&root).unwrap().to_str().unwrap().to_string(); if show.as_ref().is_some_and(|s|!rel.contains(s.as_str())){continue}
  let Some(fmt)=Format::of_path(&rel) else {continue}; let d=match decode(&std::fs::read(&f).unwrap()){Ok(d)=>d,Err(e)=>{println!("{rel}: {e}");continue}};
  let a=match fmt { Format::Markdown=>parse_markdown(&rel,&d.text,&ImportOptions::default()), Format::Html=>parse_html(&rel,&d.text,&ImportOptions::default()), _=>continue };
  n+=1; nw+=a.warnings.len();
  let again = parse_markdown(&rel,&d.text,&ImportOptions::default()); if matches!(fmt,Format::Markdown) && again.content_hash()!=a.content_hash() { println!("UNSTABLE {rel}"); }
  if let Some(o)=slugs.insert(format!("{}:{:?}",a.slug,a.locale),a.external_id.clone()) && o!=a.external_id { dups+=1; }
  let v=domain::VersionId::new("v"); let ps=passages(&v,&a.title,&a.body,&PassageOptions::default());
  let html=render_html(&a.body,&RenderOptions{title:&a.title,passages:&ps,..Default::default()});
  for p in &ps { if p.anchor!="top" && !html.contains(&format!("id=\"{}\"",p.anchor)) { println!("{rel}: no id {}",p.anchor); } for s in &p.segments { if !html.contains(&format!("id=\"{}\"",s.anchor)) { println!("{rel}: no block id {}",s.anchor); } } }
  if show.is_some(){ println!("=== {rel}\n{:#?}\n--- body\n{}\n--- html\n{html}", ParsedArticle{body:String::new(),..a.clone()}, a.body); for p in &ps { println!("[{}] {:?} {}..{}", p.anchor,p.headings,p.start,p.end); for s in &p.segments { println!("   {:?} {} :: {} <= {:?}", s.kind,s.anchor,s.text,&a.body[s.start..s.end]); } } }
  else { for w in &a.warnings { println!("{rel}: {w}"); } if n%15==0 {println!("{rel} -> {} | {} | {} | {:?} | {:?} | pos {} | {} passages", a.external_id,a.slug,a.title,a.locale.as_ref().map(|l|l.as_str().to_owned()),a.collection.as_ref().map(|c|&c.title),a.position,ps.len());} }
 }
 println!("{n} files, {nw} warnings, {dups} slug clashes in {:?}", t0.elapsed()); }
