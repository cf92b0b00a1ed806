//! Whether the process lives, and whether it is ready to be asked.

use axum::extract::State;

use crate::{failure::Failure, state::Web};

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// `GET /readyz`: the database answers, the index has followed it, and the process is not on its way out.
pub(crate) async fn ready(State(web): State<Web>) -> Result<&'static str, Failure> {
    if web.is_stopping() {
        return Err(Failure { detail: "stopping".to_owned(), ..Failure::busy() });
    }
    match web.desk.ready().await {
        Ok(true) => Ok("ready\n"),
        Ok(false) => Err(Failure { detail: "the index is catching up".to_owned(), ..Failure::busy() }),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(Failure { detail: "the database does not answer".to_owned(), ..Failure::busy() })
        }
    }
}
