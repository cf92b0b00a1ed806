//! One transformer layer (Vaswani et al. 2017, as in BERT: the norm follows the residual).

use candle_core::{D, Result, Tensor};

use super::config::Config;
use super::row::{AddBias, AddBiasGelu, AddNorm, Norm, ScaledSoftmax};
use super::weights::Weights;
use crate::error::EmbedError;

pub(crate) struct Layer {
    /// Query, key and value side by side: hidden x 3 hidden.
    qkv: (Tensor, Vec<f32>),
    attention_out: (Tensor, Vec<f32>),
    attention_norm: Norm,
    widen: (Tensor, Vec<f32>),
    narrow: (Tensor, Vec<f32>),
    out_norm: Norm,
    n_heads: usize,
    head_size: usize,
}

impl Layer {
    pub(crate) fn load(
        weights: &Weights<'_>,
        name: &str,
        config: &Config,
    ) -> std::result::Result<Self, EmbedError> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let qkv = ["query", "key", "value"].map(|part| format!("{name}.attention.self.{part}"));
        let linear = |part: &str, n_in, n_out| weights.linear(&[format!("{name}.{part}")], n_in, n_out);
        Ok(Self {
            qkv: weights.linear(&qkv, hidden, hidden)?,
            attention_out: linear("attention.output.dense", hidden, hidden)?,
            attention_norm: weights.norm(&format!("{name}.attention.output.LayerNorm"), config)?,
            widen: linear("intermediate.dense", hidden, wide)?,
            narrow: linear("output.dense", wide, hidden)?,
            out_norm: weights.norm(&format!("{name}.output.LayerNorm"), config)?,
            n_heads: config.num_attention_heads,
            head_size: config.head_size(),
        })
    }

    /// Takes and gives n tokens x hidden.
    pub(crate) fn forward(&self, hidden: &Tensor) -> Result<Tensor> {
        let mixed = self.attend(hidden)?.matmul(&self.attention_out.0)?;
        mixed.inplace_op2(hidden, &AddNorm { bias: &self.attention_out.1, norm: &self.attention_norm })?;
        let wide = mixed.matmul(&self.widen.0)?;
        wide.inplace_op1(&AddBiasGelu(&self.widen.1))?;
        let out = wide.matmul(&self.narrow.0)?;
        out.inplace_op2(&mixed, &AddNorm { bias: &self.narrow.1, norm: &self.out_norm })?;
        Ok(out)
    }

    /// Multi-head self-attention without a mask, as there is no padding.
    fn attend(&self, hidden: &Tensor) -> Result<Tensor> {
        let n_tokens = hidden.dim(0)?;
        let qkv = hidden.matmul(&self.qkv.0)?;
        qkv.inplace_op1(&AddBias(&self.qkv.1))?;
        // Views, not copies: 3 x heads x tokens x head size.
        let qkv = qkv.reshape((n_tokens, 3, self.n_heads, self.head_size))?.permute((1, 2, 0, 3))?;
        let (query, key, value) = (qkv.get(0)?, qkv.get(1)?, qkv.get(2)?);
        let attention = query.matmul(&key.transpose(D::Minus2, D::Minus1)?)?;
        attention.inplace_op1(&ScaledSoftmax { scale: (self.head_size as f32).sqrt().recip() })?;
        attention.matmul(&value)?.transpose(0, 1)?.reshape((n_tokens, self.n_heads * self.head_size))
    }
}
