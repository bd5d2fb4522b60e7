"""A trained SlotModel on disk: a header line, then arrays; no pickle, no change goes unseen."""

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from nlu.model_file import ModelFileError
from nlu.slot_tagger import SlotLabel, SlotModel

_KIND = "tributary-nlu-slots"
_VERSION = 1
#: No header is longer, in bytes.
_HEADER_MAX = 4096


def save(model: SlotModel, path: Path, *, fingerprint: str) -> None:
    """Write `model` to `path`, as a whole or not at all.

    Args:
        model: what to write.
        path: the file; its folder is made.
        fingerprint: hash of the data, the lists and the code it was trained with.
    """
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **_arrays(model))
    body = buffer.getvalue()
    header = {
        "kind": _KIND,
        "version": _VERSION,
        "fingerprint": fingerprint,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".slots-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(header).encode() + b"\n" + body)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(path: Path, *, fingerprint: str | None = None) -> SlotModel:
    """Read the model at `path`.

    Args:
        path: the file.
        fingerprint: what the model must have been trained with; None: anything.

    Raises:
        ModelFileError: foreign, tampered with, of another version, or trained with something else.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelFileError(path, "cannot be read") from error
    line, _, body = raw.partition(b"\n")
    header = _header(path, line)
    if hashlib.sha256(body).hexdigest() != header.get("sha256"):
        raise ModelFileError(path, "was changed after it was written (its hash does not match)")
    if fingerprint is not None and header.get("fingerprint") != fingerprint:
        raise ModelFileError(path, "was trained with other data, lists or code")
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            return _model({name: arrays[name] for name in arrays.files})
    except (ValueError, KeyError, TypeError, IndexError, OSError, BadZipFile) as error:
        raise ModelFileError(path, "is damaged") from error


def _header(path: Path, line: bytes) -> Mapping[str, Any]:
    try:
        header = json.loads(line) if len(line) <= _HEADER_MAX else None
    except ValueError:
        header = None
    if not isinstance(header, dict) or header.get("kind") != _KIND:
        raise ModelFileError(path, "is not a tagger of this program")
    if header.get("version") != _VERSION:
        raise ModelFileError(path, f"has version {header.get('version')}, not {_VERSION}")
    return header


def _arrays(model: SlotModel) -> dict[str, NDArray[Any]]:
    meta = {
        "labels": [[each.name, each.role, each.group] for each in model.labels],
        "features": sorted(model.features, key=model.features.__getitem__),
        "words": list(model.classes),
        "values": {name: dict(values) for name, values in model.values.items()},
        "facts": dict(model.facts),
    }
    text = json.dumps(meta, ensure_ascii=False, sort_keys=True)
    # Most features tell for or against few tags: only those weights are stored.
    rows, tags = np.nonzero(model.weights)
    return {
        "meta": np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8),
        "weight_rows": rows.astype(np.int32),
        "weight_tags": tags.astype(np.int16),
        "weights": model.weights[rows, tags],
        "transitions": model.transitions,
        "classes": np.array(list(model.classes.values()), dtype=np.int16),
    }


def _model(arrays: Mapping[str, NDArray[Any]]) -> SlotModel:
    meta = json.loads(arrays["meta"].tobytes().decode("utf-8", "surrogatepass"))
    labels = tuple(SlotLabel(*each) for each in meta["labels"])
    weights = np.zeros((len(meta["features"]), 1 + 2 * len(labels)), dtype=np.float32)
    weights[arrays["weight_rows"], arrays["weight_tags"]] = arrays["weights"]
    return SlotModel(
        labels=labels,
        features={name: at for at, name in enumerate(meta["features"])},
        weights=weights,
        transitions=arrays["transitions"],
        classes=dict(zip(meta["words"], map(tuple, arrays["classes"].tolist()), strict=True)),
        values=meta["values"],
        facts=meta["facts"],
    )
