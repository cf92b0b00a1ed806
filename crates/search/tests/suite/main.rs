//! What a reader, an editor or an operator notices of search, whatever finds the hits.

mod audience;
mod damage;
mod history;
mod languages;
mod library;
mod ranking;
mod restart;
mod snippets;
mod typing;
mod vectors;
