//! Where the files of an import will be found, so that links between files become links between articles.

use std::collections::{HashMap, HashSet};

use desk::Desk;
use ingest::Format;

/// The addresses of every file of an import, in the order in which they are imported.
#[derive(Default)]
pub(crate) struct Addresses {
    /// By every address that a link may use.
    articles: HashMap<String, String>,
    /// By external id, which the translations of one article share.
    slugs: HashMap<String, String>,
    taken: HashSet<String>,
}

impl Addresses {
    /// Adds a file.
    pub(crate) async fn add(
        &mut self,
        desk: &Desk,
        format: Format,
        name: &str,
        text: &str,
    ) -> anyhow::Result<()> {
        let place = ingest::place(format, name, text);
        let slug = match self.slugs.get(&place.external_id) {
            Some(slug) => slug.clone(),
            None => desk.address_of_source(&place, &self.taken).await?,
        };
        for address in place.addresses {
            self.articles.insert(address, format!("/a/{slug}"));
        }
        self.taken.insert(slug.clone());
        self.slugs.insert(place.external_id, slug);
        Ok(())
    }

    /// The article at an address.
    pub(crate) fn resolve(&self, address: &str) -> Option<String> {
        self.articles.get(address).cloned()
    }
}
