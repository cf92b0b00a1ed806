//! What a use case can refuse, and why.

/// Why a use case did not happen. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// Input that cannot be accepted.
    #[error("{field}: {message}")]
    Invalid {
        /// Which part of the input.
        field: &'static str,
        /// What is wrong with it and what would be right.
        message: String,
    },
    /// Input over its limit. It is refused, not cut.
    #[error("{field}: more than {bytes_max} bytes")]
    TooLarge {
        /// Which part of the input.
        field: &'static str,
        /// The limit.
        bytes_max: usize,
    },
    /// Absent, or not readable for this principal: the two are never told apart.
    #[error("not found")]
    NotFound,
    /// The principal lacks the scope.
    #[error("not allowed")]
    Forbidden,
    /// The principal sees the tickets of some teams only, and what they would do holds for others too.
    #[error("this holds for more teams than those whose tickets one sees")]
    Limited,
    /// The present state does not allow it.
    #[error("{0}")]
    Conflict(String),
    /// Somebody else changed it meanwhile.
    #[error("changed meanwhile; the revision is now {current}")]
    Stale {
        /// The revision it has now.
        current: i64,
    },
    /// It was there and is forgotten.
    #[error("{0}")]
    Gone(String),
    /// Too many attempts at a secret.
    #[error("too many attempts, try again in {retry_after_s} s")]
    TooManyAttempts {
        /// Seconds until the next one is admitted.
        retry_after_s: u32,
    },
    /// Too much at once, or not ready yet; worth another try in a moment.
    #[error("busy, try again in a moment")]
    Busy,
    /// The disk is full. What was acknowledged is safe; reading goes on.
    #[error("storage is full")]
    StorageFull,
    /// Anything else; the source is for the log.
    #[error("{attempted}")]
    Failed {
        /// What was attempted.
        attempted: &'static str,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl DeskError {
    pub(crate) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { field, message: message.into() }
    }

    pub(crate) fn failed(
        attempted: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Failed { attempted, source: source.into() }
    }
}

impl DeskError {
    /// An error of the index. A full disk is told apart, however deep it is wrapped.
    pub(crate) fn index(attempted: &'static str, error: search::SearchError) -> Self {
        let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        let is_full = chain.into_iter().any(|error| {
            let io = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
            // Some layers keep only the text of the system's error.
            io == Some(std::io::ErrorKind::StorageFull)
                || error.to_string().contains("No space left on device")
        });
        if is_full { Self::StorageFull } else { Self::failed(attempted, error) }
    }
}

impl From<store::StoreError> for DeskError {
    fn from(error: store::StoreError) -> Self {
        match error {
            store::StoreError::Conflict(what) => Self::Conflict(what.to_owned()),
            store::StoreError::NotFound(_) => Self::NotFound,
            store::StoreError::StorageFull => Self::StorageFull,
            store::StoreError::Busy => Self::Busy,
            store::StoreError::Unsupported(what) => Self::Conflict(what.to_owned()),
            other => Self::failed("cannot use the database", other),
        }
    }
}
