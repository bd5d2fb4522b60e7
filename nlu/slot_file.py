"""A trained SlotModel on disk, as arrays."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.array_file import ArrayFile, ModelFileError, as_array, as_meta
from nlu.slot_tagger import SlotLabel, SlotModel

_FILE = ArrayFile("tributary-nlu-slots", "tagger", version=1)


def save(model: SlotModel, path: Path, *, fingerprint: str) -> None:
    """Write `model` to `path`, as a whole or not at all.

    Args:
        model: what to write.
        path: the file; its folder is made.
        fingerprint: hash of all that the model was trained with.
    """
    _FILE.save(_arrays(model), path, fingerprint=fingerprint)


def load(path: Path, *, fingerprint: str | None = None) -> SlotModel:
    """Read the model at `path`.

    Args:
        path: the file.
        fingerprint: what the model must have been trained with; None: anything.

    Raises:
        ModelFileError: foreign, tampered with, of another version, or trained with something else.
    """
    arrays = _FILE.load(path, fingerprint=fingerprint)
    try:
        return _model(arrays)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ModelFileError(path, "is damaged") from error


def _arrays(model: SlotModel) -> dict[str, NDArray[Any]]:
    meta = {
        "labels": [[each.name, each.role, each.group] for each in model.labels],
        "features": sorted(model.features, key=model.features.__getitem__),
        "words": list(model.classes),
        "values": {name: dict(values) for name, values in model.values.items()},
        "facts": dict(model.facts),
    }
    # Most features tell for or against few tags: only those weights are stored.
    rows, tags = np.nonzero(model.weights)
    return {
        "meta": as_array(meta),
        "weight_rows": rows.astype(np.int32),
        "weight_tags": tags.astype(np.int16),
        "weights": model.weights[rows, tags],
        "transitions": model.transitions,
        "classes": np.array(list(model.classes.values()), dtype=np.int16),
    }


def _model(arrays: Mapping[str, NDArray[Any]]) -> SlotModel:
    meta = as_meta(arrays["meta"])
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
