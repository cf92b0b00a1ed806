//! The staff area at `/app`: plain pages for tickets and articles until the full workspace replaces them.

mod account;
mod article;
mod article_list;
mod chart;
mod failed;
mod form;
mod frame;
mod invite;
mod learning;
mod provider;
mod questions;
mod report;
mod second_factor;
mod second_step;
mod session;
mod sign_in;
mod thread;
mod ticket;
mod ticket_change;
mod ticket_list;

pub(crate) use account::{account, change_password, end_other_sessions, end_session};
pub(crate) use article::{
    change_article, change_publication, create_article, edit_article, new_article, preview,
};
pub(crate) use article_list::articles;
pub(crate) use failed::failed_page;
pub(crate) use invite::{accept_invite, invite_page};
pub(crate) use learning::{choose_learned, learn, learned, learning};
pub(crate) use provider::{provider_return, provider_sign_in};
pub(crate) use questions::decide_question;
pub(crate) use report::reports;
pub(crate) use second_factor::{begin_second_factor, confirm_second_factor, remove_second_factor};
pub(crate) use second_step::{second_step, second_step_page};
pub(crate) use sign_in::{ask_for_link, entrance, sign_in, sign_in_page, sign_out};
pub(crate) use ticket::ticket;
pub(crate) use ticket_change::{add_message, cancel_reply, change_ticket, dismiss, suggest};
pub(crate) use ticket_list::tickets;
