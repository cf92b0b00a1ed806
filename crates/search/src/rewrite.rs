//! Taking deleted words out of the files of a text index. A document that is deleted stays in its segment until that is merged;
//! here the segments that hold any are written anew, one after the other, beside searches and commits.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use tantivy::{Index, TantivyError, index::SegmentId};

use crate::{SearchError, folder::Writer};

/// The segments that hold documents that are deleted.
pub(crate) fn stained(index: &Index) -> Result<Vec<SegmentId>, SearchError> {
    let segments = index.searchable_segment_metas()?;
    Ok(segments.iter().filter(|segment| segment.has_deletes()).map(tantivy::SegmentMeta::id).collect())
}

/// Writes these segments anew without what is deleted. The writer is held only while each begins: commits go on meanwhile. One that
/// was merged or is being merged just now is passed over.
pub(crate) fn rewrite(writer: &Mutex<Writer>, segments: &[SegmentId]) -> Result<(), SearchError> {
    for segment in segments {
        let merging = {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            writer.index.merge(std::slice::from_ref(segment))
        };
        match merging.wait() {
            Ok(_) | Err(TantivyError::InvalidArgument(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Deletes the files of segments that are no more, as far as no search still reads them. Says whether all are gone.
pub(crate) fn sweep(writer: &Mutex<Writer>, index: &Index) -> Result<bool, SearchError> {
    let sweeping = writer.lock().unwrap_or_else(PoisonError::into_inner).index.garbage_collect_files();
    sweeping.wait()?;
    let living: HashSet<String> =
        index.searchable_segment_metas()?.iter().map(|segment| segment.id().uuid_string()).collect();
    // What has no segment's name tells of the index, and holds no words.
    let held = index.directory().list_managed_files();
    let names = held.iter().filter_map(|path| path.to_str()?.get(..SEGMENT_NAME_BYTES));
    Ok(names.filter(|name| name.bytes().all(|b| b.is_ascii_hexdigit())).all(|name| living.contains(name)))
}

/// The name of each file of a segment begins with its id, in 32 digits.
const SEGMENT_NAME_BYTES: usize = 32;
