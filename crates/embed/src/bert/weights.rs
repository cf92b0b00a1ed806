//! Reads a safetensors file, f32 or 8-bit.
//!
//! The 8-bit form (made by `cargo xtask model`) stores a matrix `x` as `x` in I8 and `x.scale` in
//! F32, one scale for each row: the value is byte times scale. Vectors stay F32.

use candle_core::{Device, Tensor};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::config::Config;
use super::row::Norm;
use super::table::Table;
use crate::error::EmbedError;

pub(crate) struct Weights<'a> {
    file: SafeTensors<'a>,
    /// Some checkpoints name everything `bert.…`.
    prefix: &'static str,
}

impl<'a> Weights<'a> {
    pub(crate) fn parse(file: &'a [u8]) -> Result<Self, EmbedError> {
        let file = SafeTensors::deserialize(file)
            .map_err(|error| EmbedError::load(format!("cannot read weights: {error}")))?;
        let prefixed = file.tensor("bert.embeddings.word_embeddings.weight").is_ok();
        Ok(Self { file, prefix: if prefixed { "bert." } else { "" } })
    }

    /// Reads a vector of `n` elements.
    pub(crate) fn vector(&self, name: &str, n: usize) -> Result<Vec<f32>, EmbedError> {
        let view = self.view(name)?;
        if view.dtype() != Dtype::F32 || view.shape() != [n] {
            return Err(unexpected(name, &view));
        }
        Ok(floats(view.data()))
    }

    /// Reads a matrix of any number of rows, each `dims` wide.
    pub(crate) fn table(&self, name: &str, dims: usize) -> Result<Table, EmbedError> {
        let view = self.view(name)?;
        let &[n_rows, n_columns] = view.shape() else { return Err(unexpected(name, &view)) };
        if n_rows == 0 || n_columns != dims {
            return Err(unexpected(name, &view));
        }
        match view.dtype() {
            Dtype::F32 => Ok(Table::F32 { values: floats(view.data()), dims }),
            Dtype::I8 => Ok(Table::Q8 {
                values: view.data().to_vec(),
                scales: self.vector(&format!("{name}.scale"), n_rows)?,
                dims,
            }),
            _ => Err(unexpected(name, &view)),
        }
    }

    /// Reads linear layers `names` that share an input of `n_in` as one: the weights side by side
    /// as n in x n out, and the biases end to end.
    pub(crate) fn linear(
        &self,
        names: &[String],
        n_in: usize,
        n_out: usize,
    ) -> Result<(Tensor, Vec<f32>), EmbedError> {
        let mut matrix = Vec::with_capacity(names.len() * n_in * n_out);
        let mut bias = Vec::with_capacity(names.len() * n_out);
        for name in names {
            let table = self.table(&format!("{name}.weight"), n_in)?;
            if table.n_rows() != n_out {
                return Err(EmbedError::load(format!("{name} has {} outputs", table.n_rows())));
            }
            matrix.extend(table.into_f32());
            bias.extend(self.vector(&format!("{name}.bias"), n_out)?);
        }
        let matrix = Tensor::from_vec(matrix, (names.len() * n_out, n_in), &Device::Cpu)
            .and_then(|rows| rows.t()?.contiguous())
            .map_err(EmbedError::load)?;
        Ok((matrix, bias))
    }

    /// Reads a layer norm.
    pub(crate) fn norm(&self, name: &str, config: &Config) -> Result<Norm, EmbedError> {
        Ok(Norm {
            scale: self.vector(&format!("{name}.weight"), config.hidden_size)?,
            shift: self.vector(&format!("{name}.bias"), config.hidden_size)?,
            epsilon: config.layer_norm_eps,
        })
    }

    fn view(&self, name: &str) -> Result<TensorView<'_>, EmbedError> {
        self.file
            .tensor(&format!("{}{name}", self.prefix))
            .map_err(|_| EmbedError::load(format!("the weights have no {name}")))
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().map(|&word| f32::from_le_bytes(word)).collect()
}

fn unexpected(name: &str, view: &TensorView<'_>) -> EmbedError {
    EmbedError::load(format!("{name} is {:?} {:?}", view.dtype(), view.shape()))
}
