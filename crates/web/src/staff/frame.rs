//! What every page of the staff area carries around its own content.

use domain::Scope;

use super::session::Staff;
use crate::{assets, state::Web};

/// The frame: site, title, who is signed in, where one is.
pub(crate) struct Frame {
    pub(crate) site: String,
    pub(crate) title: String,
    pub(crate) assets: String,
    pub(crate) user_name: String,
    pub(crate) form_token: String,
    pub(crate) place: Place,
    pub(crate) may_write_articles: bool,
}

/// Which entry of the navigation is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Tickets,
    Articles,
    Learning,
    Reports,
    Account,
}

impl Frame {
    pub(crate) fn new(web: &Web, staff: &Staff, place: Place, title: impl Into<String>) -> Self {
        Self {
            site: web.desk.site().name.clone(),
            title: title.into(),
            assets: assets::base(),
            user_name: staff.user.name.clone(),
            form_token: staff.form_token.clone(),
            place,
            may_write_articles: staff.may(Scope::KbWrite),
        }
    }

    pub(crate) fn is_tickets(&self) -> bool {
        self.place == Place::Tickets
    }

    pub(crate) fn is_articles(&self) -> bool {
        self.place == Place::Articles
    }

    pub(crate) fn is_account(&self) -> bool {
        self.place == Place::Account
    }

    pub(crate) fn is_reports(&self) -> bool {
        self.place == Place::Reports
    }

    pub(crate) fn is_learning(&self) -> bool {
        self.place == Place::Learning
    }
}
