//! Sending a message, and as much of the answer as is worth reading.

use std::time::Duration;

use reqwest::Url;

use super::sign::signatures;
use crate::{AllowList, OutboundClient, OutboundError, OutboundResponse};

/// Bytes of an answer's body that are read; the status is what counts.
const ANSWER_BYTES_MAX: usize = 4 << 10;
/// Characters of it that are kept for whoever looks for a mistake.
const SAID_CHARS_MAX: usize = 500;

/// Sends messages to webhooks. Cheap to clone.
#[derive(Debug, Clone)]
pub struct WebhookSender {
    client: OutboundClient,
    timeout: Duration,
}

/// A message, as it is sent at one time.
#[derive(Debug, Clone, Copy)]
pub struct WebhookMessage<'a> {
    /// The same each time it is sent.
    pub id: &'a str,
    /// When it is sent, in seconds since 1970.
    pub timestamp_s: i64,
    /// JSON.
    pub body: &'a str,
}

/// What a receiver answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// The status.
    pub status: u16,
    /// The header `Retry-After`, as it was sent.
    pub retry_after: Option<String>,
    /// The beginning of the body, without control characters.
    pub said: String,
}

impl WebhookSender {
    /// A sender that reaches the public internet and what is listed. `timeout` holds for one message, up to the last
    /// byte of the answer.
    ///
    /// # Errors
    /// As for [`OutboundClient::new`].
    pub fn new(allow: AllowList, timeout: Duration) -> Result<Self, OutboundError> {
        Ok(Self { client: OutboundClient::new(allow)?, timeout })
    }

    /// How long one message may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Checks an address as far as it can be done without looking its name up: that is done each time it is used.
    ///
    /// # Errors
    /// [`OutboundError::Address`], also for one with a user or password; [`OutboundError::NotAllowed`].
    pub fn check(&self, url: &str) -> Result<(), OutboundError> {
        // The parser would drop line ends without a word.
        if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(OutboundError::Address);
        }
        let parsed = Url::parse(url).map_err(|_| OutboundError::Address)?;
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(OutboundError::Address);
        }
        self.client.post(url).map(drop)
    }

    /// Sends a message, signed with each of these secrets. An answer with an error status is an answer; a redirect is
    /// not followed.
    ///
    /// # Errors
    /// [`OutboundError`], which tells nothing of the network.
    pub async fn send(
        &self,
        url: &str,
        message: WebhookMessage<'_>,
        secrets: &[&[u8]],
    ) -> Result<WebhookAnswer, OutboundError> {
        let WebhookMessage { id, timestamp_s, body } = message;
        let response = self
            .client
            .post(url)?
            .header("webhook-id", id)
            .header("webhook-timestamp", &timestamp_s.to_string())
            .header("webhook-signature", &signatures(secrets, id, timestamp_s, body))
            .body("application/json", body)
            .send(self.timeout)
            .await?;
        let status = response.status();
        let retry_after = response.header("retry-after").map(str::to_owned);
        Ok(WebhookAnswer { status, retry_after, said: beginning(response).await })
    }
}

/// The beginning of a body. One that breaks off, drips or does not end changes nothing about the status.
async fn beginning(mut response: OutboundResponse) -> String {
    let mut read = Vec::new();
    while read.len() < ANSWER_BYTES_MAX
        && let Ok(Some(piece)) = response.chunk().await
    {
        read.extend_from_slice(&piece);
    }
    read.truncate(ANSWER_BYTES_MAX);
    let text = String::from_utf8_lossy(&read);
    text.chars().filter(|c| !c.is_control()).take(SAID_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Server;

    const MESSAGE: WebhookMessage<'_> =
        WebhookMessage { id: "T1", timestamp_s: 1_750_000_000, body: "{\"a\":1}" };

    fn sender(allow: &[&str], timeout: Duration) -> WebhookSender {
        WebhookSender::new(AllowList::parse(allow.iter().copied()).unwrap(), timeout).unwrap()
    }

    #[tokio::test]
    async fn a_message_is_posted_with_its_headers_and_the_body_as_it_was_signed() {
        let server = Server::answering(vec!["HTTP/1.1 204 No Content\r\n\r\n".into()]).await;
        let sender = sender(&["127.0.0.1"], Duration::from_secs(20));
        let answer = sender.send(&format!("{}/hook?x=1", server.url()), MESSAGE, &[&[7; 32]]).await.unwrap();
        assert_eq!(answer, WebhookAnswer { status: 204, retry_after: None, said: String::new() });
        let request = server.requests().remove(0);
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /hook?x=1 HTTP/1.1"), "{head}");
        assert_eq!(body, MESSAGE.body);
        let head = head.to_lowercase();
        for header in ["webhook-id: t1", "webhook-timestamp: 1750000000", "content-type: application/json"] {
            assert!(head.contains(&format!("\r\n{header}\r\n")), "{header} in {head}");
        }
        let signature = format!("webhook-signature: {}", signatures(&[&[7; 32]], "T1", 1_750_000_000, body));
        assert!(request.contains(&signature), "{request}");
    }

    #[tokio::test]
    async fn an_answer_is_read_to_a_cap_whatever_follows() {
        let endless = format!("HTTP/1.1 500 Oops\r\nretry-after: 7\r\n\r\n\u{1}{}", "é".repeat(50_000));
        let half = format!("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf{}", Server::STALL);
        let server = Server::answering(vec![endless, half]).await;
        let sender = sender(&["127.0.0.0/8"], Duration::from_millis(500));
        let answer = sender.send(&server.url(), MESSAGE, &[]).await.unwrap();
        assert_eq!((answer.status, answer.retry_after.as_deref()), (500, Some("7")));
        assert_eq!(answer.said, "é".repeat(SAID_CHARS_MAX));
        let answer = sender.send(&server.url(), MESSAGE, &[]).await.unwrap();
        assert_eq!((answer.status, answer.said.as_str()), (200, "half"));
    }

    #[test]
    fn what_must_not_be_reached_is_refused_when_it_is_written_down() {
        let sender = sender(&["10.0.0.5", "hooks.internal"], Duration::from_secs(1));
        for (url, refused) in [
            ("https://example.org/hook", None),
            ("http://10.0.0.5/hook", None),
            ("http://hooks.internal:8080/hook", None),
            ("http://10.0.0.6/hook", Some(OutboundError::NotAllowed)),
            ("http://127.0.0.1/", Some(OutboundError::NotAllowed)),
            ("http://[::ffff:169.254.169.254]/", Some(OutboundError::NotAllowed)),
            ("ftp://example.org/", Some(OutboundError::Address)),
            ("https://user:secret@example.org/", Some(OutboundError::Address)),
            ("https://user@example.org/", Some(OutboundError::Address)),
            ("example.org", Some(OutboundError::Address)),
            ("https://example.org/\r\nhost: x", Some(OutboundError::Address)),
            ("https://example.org/a b", Some(OutboundError::Address)),
        ] {
            assert_eq!(sender.check(url).err(), refused, "{url}");
        }
    }
}
