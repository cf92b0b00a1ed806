//! Asking the model: the request, its retries and its circuit.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::json;

use super::{ChatStream, LlmError, circuit::Circuit, retry, stream};
use crate::{OutboundClient, OutboundError, OutboundResponse};

/// Tokens the model may say: a short answer has about 150, and the visitor waits for each.
const TOKENS_MAX: u32 = 600;

/// How long and how much is waited for.
#[derive(Debug, Clone, Copy)]
pub struct ChatLimits {
    /// From the question to the first word, retries included.
    pub first_token: Duration,
    /// From the question to the last word.
    pub total: Duration,
    /// Most bytes of a stream, its framing included.
    pub bytes_max: usize,
}

impl Default for ChatLimits {
    /// Below the 8 s after which the desk gives up, so that a model that never finishes counts as a failure.
    fn default() -> Self {
        Self { first_token: Duration::from_secs(5), total: Duration::from_millis(7_500), bytes_max: 1 << 20 }
    }
}

/// A model at an OpenAI-compatible address. Cheap to clone; clones share the circuit.
#[derive(Clone)]
pub struct ChatClient {
    http: OutboundClient,
    url: String,
    model: String,
    api_key: Option<Arc<str>>,
    limits: ChatLimits,
    circuit: Arc<Mutex<Circuit>>,
}

impl std::fmt::Debug for ChatClient {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatClient")
            .field("url", &self.url)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

impl ChatClient {
    /// A client of the model `model` at `base_url`, such as `http://127.0.0.1:11434/v1`.
    pub fn new(http: OutboundClient, base_url: &str, model: &str, api_key: Option<String>) -> Self {
        Self {
            http,
            url: format!("{}/chat/completions", base_url.trim_end_matches('/')),
            model: model.to_owned(),
            api_key: api_key.map(Into::into),
            limits: ChatLimits::default(),
            circuit: Arc::default(),
        }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: ChatLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Asks, and gives the answer as it comes. The first word may still be on its way when this returns.
    ///
    /// # Errors
    /// [`LlmError`], after up to two retries where another try may help.
    pub async fn stream(&self, system: &str, user: &str) -> Result<ChatStream, LlmError> {
        let started = Instant::now();
        if !self.circuit().admit(started) {
            return Err(LlmError::CircuitOpen);
        }
        let first_token =
            tokio::time::timeout(self.limits.first_token, self.open(system, user, started)).await;
        match first_token.unwrap_or(Err(LlmError::Late)) {
            Ok(response) => Ok(stream::read(response, self.limits, started, Arc::clone(&self.circuit))),
            Err(error) => {
                // A refusal of the address is a wrong configuration, which the log should go on naming.
                if !matches!(error, LlmError::Outbound(OutboundError::NotAllowed | OutboundError::Address)) {
                    self.circuit().failed(Instant::now());
                }
                Err(error)
            }
        }
    }

    /// Opens the stream, trying again where that may help.
    async fn open(&self, system: &str, user: &str, started: Instant) -> Result<OutboundResponse, LlmError> {
        let mut n_retries = 0;
        loop {
            let (error, asked_for) = match self.request(system, user, started).await {
                Ok(response) if response.status() == 200 => return Ok(response),
                Ok(response) => (LlmError::Status(response.status()), retry_after(&response)),
                Err(OutboundError::Late) => return Err(LlmError::Late),
                Err(error) => (LlmError::Outbound(error), None),
            };
            let Some(wait) = retry::wait_before(n_retries, &error, asked_for, user) else {
                return Err(error);
            };
            tracing::debug!(%error, n_retries, "the language model is asked again");
            tokio::time::sleep(wait).await;
            n_retries += 1;
        }
    }

    async fn request(
        &self,
        system: &str,
        user: &str,
        started: Instant,
    ) -> Result<OutboundResponse, OutboundError> {
        let mut request = self.http.post(&self.url)?.header("accept", "text/event-stream").json(&json!({
            "model": self.model,
            "stream": true,
            "temperature": 0,
            "max_tokens": TOKENS_MAX,
            "messages": [
                { "role": "system", "content": system },
                { "role": "user", "content": user },
            ],
        }));
        if let Some(api_key) = &self.api_key {
            request = request.bearer(api_key)?;
        }
        request.send(self.limits.total.saturating_sub(started.elapsed())).await
    }

    fn circuit(&self) -> std::sync::MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The wait a busy server asks for, when it says so in seconds.
fn retry_after(response: &OutboundResponse) -> Option<Duration> {
    response.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}
