//! A model's shape, from the `config.json` that Hugging Face writes.

use serde::Deserialize;

use crate::error::EmbedError;

/// Layers beyond this are a broken file, not a model (BERT large has 24).
const LAYERS_MAX: usize = 64;

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Config {
    pub(crate) hidden_size: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) intermediate_size: usize,
    pub(crate) layer_norm_eps: f32,
    hidden_act: String,
    model_type: String,
    #[serde(skip)]
    pub(crate) pooling: Pooling,
}

/// How token vectors become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Pooling {
    #[default]
    Mean,
    /// The first token's vector.
    Cls,
}

#[derive(Deserialize)]
struct PoolingFile {
    #[serde(default)]
    pooling_mode_cls_token: bool,
    #[serde(default)]
    pooling_mode_mean_tokens: bool,
}

impl Config {
    pub(crate) fn parse(config: &str, pooling: Option<&str>) -> Result<Self, EmbedError> {
        let mut parsed: Self = serde_json::from_str(config)
            .map_err(|error| EmbedError::load(format!("cannot read config.json: {error}")))?;
        parsed.check()?;
        if let Some(pooling) = pooling {
            parsed.pooling = Pooling::parse(pooling)?;
        }
        Ok(parsed)
    }

    pub(crate) fn head_size(&self) -> usize {
        self.hidden_size / self.num_attention_heads
    }

    fn check(&self) -> Result<(), EmbedError> {
        if self.model_type != "bert" {
            return Err(EmbedError::load(format!("model type {} is not bert", self.model_type)));
        }
        if self.hidden_act != "gelu" {
            return Err(EmbedError::load(format!("activation {} is not gelu", self.hidden_act)));
        }
        let sound = self.hidden_size > 0
            && self.intermediate_size > 0
            && (1..=LAYERS_MAX).contains(&self.num_hidden_layers)
            && self.num_attention_heads > 0
            && self.hidden_size.is_multiple_of(self.num_attention_heads);
        if sound { Ok(()) } else { Err(EmbedError::load("config.json has impossible sizes")) }
    }
}

impl Pooling {
    fn parse(file: &str) -> Result<Self, EmbedError> {
        let file: PoolingFile = serde_json::from_str(file)
            .map_err(|error| EmbedError::load(format!("cannot read 1_Pooling/config.json: {error}")))?;
        match (file.pooling_mode_mean_tokens, file.pooling_mode_cls_token) {
            (true, false) => Ok(Self::Mean),
            (false, true) => Ok(Self::Cls),
            _ => Err(EmbedError::load("pooling is neither by mean nor by first token")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINILM: &str = r#"{"hidden_size":384,"num_hidden_layers":6,"num_attention_heads":12,
        "intermediate_size":1536,"layer_norm_eps":1e-12,"hidden_act":"gelu","model_type":"bert"}"#;

    #[track_caller]
    fn check_refused(config: &str, pooling: Option<&str>, expected: &str) {
        let error = Config::parse(config, pooling).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn mean_pooling_is_the_default() {
        let config = Config::parse(MINILM, None).unwrap();
        assert_eq!(config.pooling, Pooling::Mean);
        assert_eq!(config.head_size(), 32);
    }

    #[test]
    fn pooling_follows_its_file() {
        let config = Config::parse(MINILM, Some(r#"{"pooling_mode_cls_token":true}"#)).unwrap();
        assert_eq!(config.pooling, Pooling::Cls);
    }

    #[test]
    fn what_cannot_be_run_is_refused_by_name() {
        check_refused("{", None, "config.json");
        check_refused(&MINILM.replace("\"bert\"", "\"roberta\""), None, "roberta");
        check_refused(&MINILM.replace("\"gelu\"", "\"relu\""), None, "relu");
        check_refused(&MINILM.replace(":12,", ":11,"), None, "impossible");
        check_refused(&MINILM.replace(":12,", ":0,"), None, "impossible");
        check_refused(MINILM, Some(r#"{"pooling_mode_max_tokens":true}"#), "pooling");
    }
}
