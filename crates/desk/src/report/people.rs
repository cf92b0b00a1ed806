//! What people call the keys of a dimension.

use std::collections::{BTreeSet, HashMap};

use domain::Dimension;

use crate::{Desk, DeskError};

impl Desk {
    /// What people call these keys of a dimension.
    pub(super) async fn labels(
        &self,
        dimension: Dimension,
        keys: &BTreeSet<&str>,
    ) -> Result<HashMap<String, String>, DeskError> {
        let named: HashMap<String, String> = match dimension {
            Dimension::Team => {
                let teams = self.0.store.list_teams().await?;
                teams.into_iter().map(|team| (team.key, team.name)).collect()
            }
            Dimension::Agent => {
                let ids: Vec<&str> = keys.iter().copied().collect();
                self.0.store.agent_names(&ids).await?
            }
            Dimension::Channel
            | Dimension::Priority
            | Dimension::Locale
            | Dimension::Hour
            | Dimension::Tag => HashMap::new(),
        };
        let label = |key: &str| match (dimension, named.get(key)) {
            (_, Some(name)) => name.clone(),
            (Dimension::Agent, None) if key.is_empty() => "Nobody".to_owned(),
            (Dimension::Tag, None) if key.is_empty() => "No tag".to_owned(),
            (Dimension::Hour, None) => format!("{key}:00"),
            (_, None) => key.to_owned(),
        };
        Ok(keys.iter().map(|key| ((*key).to_owned(), label(key))).collect())
    }
}
