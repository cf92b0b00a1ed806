//! Reads and writes the safetensors format, as far as a model needs it: eight bytes with the length
//! of a JSON header, the header, the data (<https://github.com/huggingface/safetensors>).

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    F32,
    I8,
}

#[derive(Debug, PartialEq)]
pub(super) struct Tensor {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) shape: Vec<usize>,
    /// Row-major, little-endian.
    pub(super) data: Vec<u8>,
}

impl Tensor {
    /// Reads the data of an F32 tensor.
    pub(super) fn floats(&self) -> Vec<f32> {
        self.data.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
    }
}

/// Reads the F32 tensors of a file, sorted by name. Others (position numbers) are left out.
pub(super) fn read_f32(file: &[u8]) -> Result<Vec<Tensor>> {
    let (length, rest) = file.split_first_chunk::<8>().context("the file is too short")?;
    let length = usize::try_from(u64::from_le_bytes(*length))?;
    let (header, data) = rest.split_at_checked(length).context("the header is cut off")?;
    let header: Map<String, Value> = serde_json::from_slice(header).context("the header is no JSON")?;
    let mut tensors = Vec::new();
    for (name, entry) in header.into_iter().filter(|(_, entry)| entry["dtype"] == "F32") {
        let (start, end): (usize, usize) = serde_json::from_value(entry["data_offsets"].clone())?;
        let shape: Vec<usize> = serde_json::from_value(entry["shape"].clone())?;
        let data = data.get(start..end).with_context(|| format!("{name} is cut off"))?.to_vec();
        if data.len() != 4 * shape.iter().product::<usize>() {
            bail!("{name} has {} bytes but shape {shape:?}", data.len());
        }
        tensors.push(Tensor { name, kind: Kind::F32, shape, data });
    }
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tensors)
}

/// Writes tensors in the given order. The same tensors give the same bytes.
pub(super) fn write(tensors: &[Tensor]) -> Vec<u8> {
    let mut header = String::from("{");
    let mut start = 0;
    for tensor in tensors {
        let end = start + tensor.data.len();
        let kind = match tensor.kind {
            Kind::F32 => "F32",
            Kind::I8 => "I8",
        };
        let separator = if start == 0 { "" } else { "," };
        let name = Value::from(tensor.name.as_str());
        let shape = json!(tensor.shape);
        header += &format!(
            r#"{separator}{name}:{{"dtype":"{kind}","shape":{shape},"data_offsets":[{start},{end}]}}"#
        );
        start = end;
    }
    header += "}";
    // The data start at a multiple of eight bytes.
    header += &" ".repeat(header.len().next_multiple_of(8) - header.len());
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.into_bytes());
    tensors.iter().for_each(|tensor| file.extend(&tensor.data));
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(name: &str, values: &[f32]) -> Tensor {
        let data = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Tensor { name: name.into(), kind: Kind::F32, shape: vec![values.len()], data }
    }

    #[test]
    fn what_is_written_can_be_read() {
        let tensors = [tensor("a", &[1.0, -2.5]), tensor("b", &[]), tensor("c", &[3.0])];
        let file = write(&tensors);
        assert_eq!(read_f32(&file).unwrap(), tensors);
        assert_eq!(u64::from_le_bytes(file[..8].try_into().unwrap()) % 8, 0);
    }

    #[test]
    fn damaged_files_are_refused() {
        let file = write(&[tensor("a", &[1.0, 2.0])]);
        for damaged in
            [&file[..4], &file[..20], &file[..file.len() - 1], b"\x04\0\0\0\0\0\0\0oops".as_slice()]
        {
            assert!(read_f32(damaged).is_err());
        }
    }
}
