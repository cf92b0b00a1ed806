//! scratch
use ingest::*;
use std::io::BufRead;
fn bad(html:&str)->Option<String>{ // parse with scraper and check
 let d=scraper::Html::parse_fragment(html);
 for n in d.tree.nodes(){ if let Some(e)=n.value().as_element(){ let name=e.name();
   if !["a","blockquote","br","code","del","div","em","h1","h2","h3","h4","h5","h6","hr","img","kbd","li","mark","ol","p","pre","span","strong","sub","sup","table","tbody","td","th","thead","tr","u","ul","html","body","head"].contains(&name){ return Some(format!("element {name}")); }
   for (k,v) in e.attrs(){ if k.starts_with("on")||k=="style"||k=="srcdoc"||k=="action"||k=="formaction"{return Some(format!("attr {k}"));}
     if k=="href"||k=="src"{ let t:String=v.chars().filter(|c|!c.is_whitespace()&&!c.is_control()).collect::<String>().to_lowercase(); if let Some((s,_))=t.split_once(':') && !s.contains(['/','?','#']) && !["http","https","mailto","tel"].contains(&s){ return Some(format!("{k}={v}")); } } } } }
 if html.to_lowercase().contains("<script"){return Some("script".into());}
 None }
fn main(){ let mut n=0; let mut nb=0; for f in std::env::args().skip(1){ for line in std::io::BufReader::new(std::fs::File::open(&f).unwrap()).split(b'\n'){ let line=line.unwrap(); if line.is_empty(){continue} let d:serde_json::Value=serde_json::from_slice(&line).unwrap(); let p=d["payload"].as_str().unwrap(); n+=1;
  let md=parse_markdown("a.md",p,&Default::default()); let mdx=parse_markdown("a.mdx",&format!("text {p} more"),&Default::default()); let h=parse_html("a.html",p,&Default::default()); let h2=parse_html("a.html",&format!("<main><p>x {p} y</p></main>"),&Default::default());
  let mut outs=vec![("render",render_html(p,&Default::default())),("inline",inline_html(p)),("message",message_html(p)),("link",render_html(&format!("[x](<{}>) ![y](<{}>)",p.replace(['<','>','\n'],""),p.replace(['<','>','\n'],"")),&Default::default())),("linkm",message_html(&format!("[x]({p})"))),("title",inline_html(&format!("[x](http://a \"{p}\")")))];
  for a in [&md,&mdx,&h,&h2]{ let ps=passages(&domain::VersionId::new("v"),&a.title,&a.body,&Default::default()); outs.push(("import",render_html(&a.body,&RenderOptions{title:&a.title,passages:&ps,..Default::default()}))); outs.push(("text",plain_text(&a.body).lines().map(|l|l.replace('<',"&lt;")).collect())); }
  for (w,o) in outs { if let Some(b)=bad(&o){ nb+=1; if nb<40 {println!("{w}: {b}: {p:?} -> {o:?}");} } } } } println!("{n} payloads, {nb} bad"); }
