//! Messages of tickets: their text, their files, who is named in them, and replies that wait to be sent.

mod attachment;
mod body;
mod copies;
pub(crate) mod mention;
pub(crate) mod reply;
mod sweep;
mod waiting;

pub use attachment::{AttachmentFile, Attachments, Files, UPLOAD_BROKE_OFF};
pub use blobs::{Blobs, BucketConfig, Bytes};
pub(crate) use body::Body;
pub use body::BodyFormat;
pub use copies::{CopiedFiles, MissingFiles};
pub use mention::{MentionList, ReadMark};
pub use reply::{NewNote, NewReply, SentReply};
pub use store::OnlyUnread;
pub use waiting::WaitingChange;
