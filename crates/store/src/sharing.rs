//! Who has a saved thing: the columns `sharing`, `owner_id` and `team_key`.

use std::collections::BTreeSet;

use domain::{Sharing, UserId};
use sqlx::any::AnyRow;

use crate::{
    StoreError,
    placeholders::{self, Bound},
    row,
};

/// The columns' values.
pub(crate) fn columns(sharing: &Sharing) -> (&'static str, Option<&str>, Option<&str>) {
    match sharing {
        Sharing::Private(owner) => ("private", Some(owner.as_str()), None),
        Sharing::Team(team) => ("team", None, Some(team)),
        Sharing::Everyone => ("everyone", None, None),
    }
}

/// Who has the thing of a row with these columns.
pub(crate) fn of(row: &AnyRow) -> Result<Sharing, StoreError> {
    let owner = row::optional_text(row, "owner_id")?;
    let team = row::optional_text(row, "team_key")?;
    row::parsed(row, "sharing", |text| match (text, owner, team) {
        ("private", Some(owner), _) => Some(Sharing::Private(UserId::new(owner))),
        ("team", _, Some(team)) => Some(Sharing::Team(team)),
        ("everyone", ..) => Some(Sharing::Everyone),
        _ => None,
    })
}

/// What somebody has: everybody's things, those of their teams, their own. `$1` is the person.
pub(crate) struct Had<'a> {
    me: Option<&'a UserId>,
    teams: Vec<&'a str>,
}

impl<'a> Had<'a> {
    pub(crate) fn by(me: Option<&'a UserId>, teams: &'a BTreeSet<String>) -> Self {
        let teams: Vec<&str> = teams.iter().map(String::as_str).collect();
        Self { me, teams: placeholders::padded(&teams) }
    }

    /// The condition, with placeholders for teams from `$first` on; they are the statement's last.
    pub(crate) fn condition(&self, first: usize) -> String {
        let of_teams = match self.teams.len() {
            0 => String::new(),
            n => format!(" OR team_key IN ({})", placeholders::list(first, n)),
        };
        format!("(sharing = 'everyone' OR owner_id = $1{of_teams})")
    }

    /// The person, to be bound first.
    pub(crate) fn me(&self) -> Option<&'a str> {
        self.me.map(UserId::as_str)
    }

    /// Binds the teams.
    pub(crate) fn bind_teams<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        self.teams.iter().fold(query, |query, team| query.bind((*team).to_owned()))
    }
}
