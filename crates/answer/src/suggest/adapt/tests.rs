//! What an old reply loses, and what it keeps.
