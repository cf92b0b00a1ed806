//! scratch
use std::io::Read;
fn main(){ let mut s=String::new(); std::io::stdin().read_to_string(&mut s).unwrap(); let a=comrak::Arena::new(); let mut o=comrak::Options::default(); o.extension.table=true; o.extension.autolink=true; let r=comrak::parse_document(&a,&s,&o); for n in r.descendants(){ println!("{:?}", n.data()); } }
