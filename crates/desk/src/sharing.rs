//! Who has what people save: views, canned replies and macros are somebody's own, a team's, or everybody's.

use std::collections::BTreeSet;

use domain::{Principal, Scope, Sharing, TicketSight, UserId};

use crate::{Desk, DeskError};

/// With whom something is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShareWith {
    /// Nobody: it is who makes it who has it.
    Nobody,
    /// The members of a team, by key.
    Team(String),
    /// Everybody who may read tickets.
    Everyone,
}

/// Who has things: a person or nobody, and the teams they are in.
pub(crate) struct Holder {
    pub(crate) me: Option<UserId>,
    pub(crate) teams: BTreeSet<String>,
}

impl Desk {
    /// Who somebody is to what is shared. A key is of the teams that it is limited to, or of all.
    pub(crate) async fn holder(&self, principal: &Principal) -> Result<Holder, DeskError> {
        Ok(match (principal, principal.sight()) {
            (Principal::Staff { id, .. }, _) => {
                Holder { me: Some(id.clone()), teams: self.0.store.teams_of(id).await? }
            }
            (_, TicketSight::Teams(teams)) => Holder { me: None, teams },
            (_, TicketSight::All) => {
                let teams = self.0.store.list_teams().await?;
                Holder { me: None, teams: teams.into_iter().map(|team| team.key).collect() }
            }
        })
    }

    /// Shares something as somebody wants it. What is everybody's is changed with the scope.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for what is not theirs to share so, [`DeskError::Invalid`] for a team that is not there and for
    /// a key's own.
    pub(crate) async fn sharing(
        &self,
        principal: &Principal,
        holder: &Holder,
        with: ShareWith,
        scope: Scope,
    ) -> Result<Sharing, DeskError> {
        let sharing = match with {
            ShareWith::Nobody => match &holder.me {
                Some(me) => Sharing::Private(me.clone()),
                None => {
                    return Err(DeskError::invalid("sharing", "a key belongs to nobody; share it"));
                }
            },
            ShareWith::Team(team) => {
                self.known_teams(principal, BTreeSet::from([team.clone()])).await?;
                Sharing::Team(team)
            }
            ShareWith::Everyone => Sharing::Everyone,
        };
        holder.may_change(principal, &sharing, scope)?;
        Ok(sharing)
    }

    /// The same for a change that may leave it as it is.
    ///
    /// # Errors
    /// As [`Desk::sharing`].
    pub(crate) async fn changed_sharing(
        &self,
        principal: &Principal,
        holder: &Holder,
        with: Option<ShareWith>,
        scope: Scope,
    ) -> Result<Option<Sharing>, DeskError> {
        match with {
            None => Ok(None),
            Some(with) => self.sharing(principal, holder, with, scope).await.map(Some),
        }
    }
}

impl Holder {
    /// Whether they have what is shared so.
    pub(crate) fn has(&self, sharing: &Sharing) -> bool {
        match sharing {
            Sharing::Private(owner) => self.me.as_ref() == Some(owner),
            Sharing::Team(team) => self.teams.contains(team),
            Sharing::Everyone => true,
        }
    }

    /// A person's own things are theirs, a team's are its members', everybody's are those of who has the scope and sees the
    /// tickets of all teams.
    pub(crate) fn may_change(
        &self,
        principal: &Principal,
        sharing: &Sharing,
        scope: Scope,
    ) -> Result<(), DeskError> {
        if *sharing == Sharing::Everyone {
            return Desk::require_of_all(principal, scope);
        }
        let may = principal.may(scope)
            || match sharing {
                Sharing::Private(owner) => self.me.as_ref() == Some(owner),
                Sharing::Team(team) => principal.may(Scope::TicketsWrite) && self.teams.contains(team),
                Sharing::Everyone => false,
            };
        if may { Ok(()) } else { Err(DeskError::Forbidden) }
    }
}

/// Whose something is, for the audit log.
pub(crate) fn shared(sharing: &Sharing) -> String {
    match sharing {
        Sharing::Private(_) => "private".to_owned(),
        Sharing::Team(team) => format!("team:{team}"),
        Sharing::Everyone => "everyone".to_owned(),
    }
}
