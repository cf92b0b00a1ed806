//! Scopes as requests name them.

use std::collections::BTreeSet;

use desk::DeskError;
use domain::Scope;

use crate::failure::Failure;

/// The scopes of these names.
///
/// # Errors
/// 422 that names the field and the scopes there are.
pub(crate) fn parse_scopes(names: &[String]) -> Result<BTreeSet<Scope>, Failure> {
    names
        .iter()
        .map(|name| {
            Scope::parse(name).ok_or_else(|| {
                let known: Vec<&str> = Scope::ALL.into_iter().map(Scope::as_str).collect();
                let message = format!("any of {}", known.join(", "));
                DeskError::Invalid { field: "scopes", message }.into()
            })
        })
        .collect()
}
