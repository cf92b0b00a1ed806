//! A file that somebody sent, on its way to a browser: nothing in it runs, whatever it is.

use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};
use desk::AttachmentFile;

use crate::address;

/// Even what a browser shows has no scripts, no forms, no storage of this site and no way to load anything.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
);

/// The response: shown if it is a picture, saved otherwise.
pub(crate) fn response(file: AttachmentFile) -> Response<Body> {
    let AttachmentFile { attachment, content } = file;
    let disposition =
        disposition(if attachment.is_shown() { "inline" } else { "attachment" }, &attachment.name);
    // Types are among few known ones.
    let media_type = HeaderValue::from_str(&attachment.media_type)
        .unwrap_or(HeaderValue::from_static(domain::OCTET_STREAM));
    let mut response = Response::new(Body::from_stream(content));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(attachment.n_bytes));
    headers.insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    response
}

/// How it is to be shown and under which name (RFC 6266, RFC 8187): letters that every program knows, and the name itself.
fn disposition(how: &str, name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || " .-_()".contains(c) { c } else { '_' })
        .collect();
    let encoded = address::escape(name);
    HeaderValue::from_str(&format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        for (name, expected) in [
            ("a.pdf", "attachment; filename=\"a.pdf\"; filename*=UTF-8''a.pdf"),
            ("é\".pdf", "attachment; filename=\"__.pdf\"; filename*=UTF-8''%C3%A9%22.pdf"),
            ("a\r\nX: y", "attachment; filename=\"a__X_ y\"; filename*=UTF-8''a%0D%0AX%3A%20y"),
        ] {
            assert_eq!(disposition("attachment", name), expected);
        }
    }
}
