//! A model's weights as the engine keeps them: 8 bits, packed once, as large as the file.

use super::kernel::{Linear, Norm, Output, WIDTH};
use crate::bert::{Config, Table, Weights};
use crate::error::EmbedError;

pub(super) struct Model {
    pub(super) config: Config,
    pub(super) words: Table,
    pub(super) positions: Table,
    /// The embedding of token type 0, the only one used.
    pub(super) token_type: Vec<f32>,
    pub(super) norm: Norm,
    pub(super) layers: Vec<Layer>,
}

pub(super) struct Layer {
    /// Head by head: its query, its key, its value.
    pub(super) qkv: Linear,
    pub(super) attention_out: Linear,
    pub(super) attention_norm: Norm,
    pub(super) widen: Linear,
    pub(super) narrow: Linear,
    pub(super) out_norm: Norm,
}

impl Model {
    /// Whether the sizes suit the kernels: heads and layers in whole panels, and sums of products of
    /// bytes that fit 32 bits.
    pub(super) fn suits(config: &Config) -> bool {
        let in_panels =
            config.head_size().is_multiple_of(WIDTH) && config.intermediate_size.is_multiple_of(WIDTH);
        in_panels && config.hidden_size.max(config.intermediate_size) <= 1 << 16
    }

    /// Reads the weights; `None` where a matrix is not of 8 bits, from -127 to 127.
    pub(super) fn load(config: Config, weights: &Weights<'_>) -> Result<Option<Self>, EmbedError> {
        let dims = config.hidden_size;
        let words = weights.table("embeddings.word_embeddings.weight", dims)?;
        let layers = (0..config.num_hidden_layers)
            .map(|n| Layer::load(weights, &format!("encoder.layer.{n}"), &config))
            .collect::<Result<Option<_>, _>>()?;
        let Some(layers) = layers else { return Ok(None) };
        Ok(Some(Self {
            words,
            positions: weights.table("embeddings.position_embeddings.weight", dims)?,
            token_type: weights.table("embeddings.token_type_embeddings.weight", dims)?.row(0).collect(),
            norm: norm(weights, "embeddings.LayerNorm", &config)?,
            layers,
            config,
        }))
    }
}

impl Layer {
    fn load(weights: &Weights<'_>, name: &str, config: &Config) -> Result<Option<Self>, EmbedError> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let dense = |part: &str, n_in, n_out| Dense::load(weights, &format!("{name}.{part}"), n_in, n_out);
        let self_attention = |part: &str| dense(&format!("attention.self.{part}"), hidden, hidden);
        let (Some(query), Some(key), Some(value), Some(attention_out), Some(widen), Some(narrow)) = (
            self_attention("query")?,
            self_attention("key")?,
            self_attention("value")?,
            dense("attention.output.dense", hidden, hidden)?,
            dense("intermediate.dense", hidden, wide)?,
            dense("output.dense", wide, hidden)?,
        ) else {
            return Ok(None);
        };
        let heads = (0..hidden).step_by(config.head_size());
        let qkv = heads.flat_map(|head| {
            [&query, &key, &value]
                .into_iter()
                .flat_map(move |part| part.outputs(head..head + config.head_size()))
        });
        Ok(Some(Self {
            qkv: Linear::pack(hidden, &qkv.collect::<Vec<_>>()),
            attention_out: attention_out.pack(),
            attention_norm: norm(weights, &format!("{name}.attention.output.LayerNorm"), config)?,
            widen: widen.pack(),
            narrow: narrow.pack(),
            out_norm: norm(weights, &format!("{name}.output.LayerNorm"), config)?,
        }))
    }
}

/// A linear layer as the file has it.
struct Dense {
    bytes: Vec<u8>,
    scales: Vec<f32>,
    bias: Vec<f32>,
    n_in: usize,
}

impl Dense {
    fn load(
        weights: &Weights<'_>,
        name: &str,
        n_in: usize,
        n_out: usize,
    ) -> Result<Option<Self>, EmbedError> {
        let table = weights.table(&format!("{name}.weight"), n_in)?;
        if table.n_rows() != n_out {
            return Err(EmbedError::load(format!("{name} has {} outputs", table.n_rows())));
        }
        let Table::Q8 { values: bytes, scales, .. } = table else { return Ok(None) };
        if bytes.contains(&i8::MIN.cast_unsigned()) {
            return Ok(None);
        }
        Ok(Some(Self { bytes, scales, bias: weights.vector(&format!("{name}.bias"), n_out)?, n_in }))
    }

    fn outputs(&self, outputs: std::ops::Range<usize>) -> impl Iterator<Item = Output<'_>> {
        outputs.map(|n| Output {
            bytes: &self.bytes[n * self.n_in..][..self.n_in],
            scale: self.scales[n],
            bias: self.bias[n],
        })
    }

    fn pack(&self) -> Linear {
        Linear::pack(self.n_in, &self.outputs(0..self.scales.len()).collect::<Vec<_>>())
    }
}

fn norm(weights: &Weights<'_>, name: &str, config: &Config) -> Result<Norm, EmbedError> {
    Ok(Norm {
        scale: weights.vector(&format!("{name}.weight"), config.hidden_size)?,
        shift: weights.vector(&format!("{name}.bias"), config.hidden_size)?,
        epsilon: config.layer_norm_eps,
    })
}
