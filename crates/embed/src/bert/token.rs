//! Text to token ids.

use tokenizers::{Tokenizer, TruncationParams};

use crate::error::EmbedError;

/// Tokens of a text that are read; the rest is ignored. All-MiniLM-L6-v2 was tuned on 128 and
/// evaluated at 256 tokens (its `sentence_bert_config.json`); passages are made to fit.
pub(crate) const TOKENS_MAX: usize = 256;

/// Bytes of a text that the tokenizer sees. 256 tokens are rarely more than 2,000 bytes, so this
/// loses nothing, and a megabyte pasted as a question costs no more than a page.
const TEXT_BYTES_MAX: usize = 16 * 1024;

pub(crate) struct Tokens(Tokenizer);

impl Tokens {
    /// Reads `tokenizer.json` for a model with `n_positions` and `n_words` embeddings.
    pub(crate) fn parse(file: &[u8], n_positions: usize, n_words: usize) -> Result<Self, EmbedError> {
        let unreadable = |error| EmbedError::load(format!("cannot read tokenizer.json: {error}"));
        let mut tokenizer = Tokenizer::from_bytes(file).map_err(unreadable)?;
        if tokenizer.get_vocab_size(true) > n_words {
            return Err(EmbedError::load("tokenizer.json has more words than the model"));
        }
        let max_length = TOKENS_MAX.min(n_positions);
        tokenizer
            .with_padding(None)
            .with_truncation(Some(TruncationParams { max_length, ..Default::default() }))
            .map_err(unreadable)?;
        Ok(Self(tokenizer))
    }

    /// Splits a text into at most `TOKENS_MAX` ids, the markers of start and end among them.
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>, EmbedError> {
        let text = text.trim_start();
        let text = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
        Ok(self.0.encode_fast(text, true).map_err(EmbedError::run)?.get_ids().to_vec())
    }
}
