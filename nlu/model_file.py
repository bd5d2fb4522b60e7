"""A trained Model on disk, as arrays."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from nlu.array_file import ArrayFile, ModelFileError, as_array, as_meta
from nlu.dense_stage import DenseExamples, DenseStage, Joint, Network, Projection, Shares
from nlu.features import Vocabulary
from nlu.linear import Linear
from nlu.model import LexicalExamples, Model

_FILE = ArrayFile("tributary-nlu-model", "model", version=2)
#: The arrays of the network, in their order.
_NETWORK = ("reduction", "hidden_weights", "hidden_bias", "weights", "bias")


def save(model: Model, path: Path, *, fingerprint: str) -> None:
    """Write `model` to `path`, as a whole or not at all.

    Args:
        model: what to write.
        path: the file; its folder is made.
        fingerprint: hash of all that the model was trained with.
    """
    _FILE.save(_arrays(model), path, fingerprint=fingerprint)


def load(path: Path, *, fingerprint: str | None = None) -> Model:
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
    except (ValueError, KeyError, TypeError) as error:
        raise ModelFileError(path, "is damaged") from error


def _arrays(model: Model) -> dict[str, NDArray[Any]]:
    names = sorted(model.vocabulary.ids, key=model.vocabulary.ids.__getitem__)
    meta: dict[str, Any] = {
        "intents": model.intents,
        "languages": model.languages,
        "features": names,
        "unknown_weight": model.vocabulary.unknown_weight,
        "temperature": model.lexical.temperature,
        "exact": dict(model.exact),
        "lexical_thresholds": dict(model.lexical_thresholds),
        "full_thresholds": dict(model.full_thresholds),
        "facts": dict(model.facts),
        "dense": None,
    }
    arrays: dict[str, NDArray[Any]] = {
        "feature_weights": model.vocabulary.weights,
        "lexical_weights": model.lexical.weights,
        "lexical_bias": model.lexical.bias,
        "example_starts": model.examples.starts,
        "example_ids": model.examples.ids,
        "example_values": model.examples.values,
        "example_bounds": model.examples.bounds,
    }
    if model.dense is not None:
        stage = model.dense
        meta["dense"] = {
            "temperature": stage.linear.temperature,
            "joint_temperature": stage.joint.temperature,
            "network_temperature": stage.network.temperature,
            "shares": asdict(stage.shares),
            "gate": stage.gate,
            "languages": stage.languages,
            "encoder_key": stage.encoder_key,
        }
        arrays["dense_weights"] = stage.linear.weights
        arrays["dense_bias"] = stage.linear.bias
        arrays["projection_mean"] = stage.projection.mean
        arrays["projection_axes"] = stage.projection.axes
        arrays["joint_dense_weights"] = stage.joint.dense_weights
        arrays["joint_lexical_weights"] = stage.joint.lexical_weights
        arrays["joint_bias"] = stage.joint.bias
        for part in _NETWORK:
            arrays[f"network_{part}"] = getattr(stage.network, part)
        arrays["dense_vectors"] = stage.examples.vectors
        arrays["dense_bounds"] = stage.examples.bounds
    arrays["meta"] = as_array(meta)
    return arrays


def _model(arrays: Mapping[str, NDArray[Any]]) -> Model:
    meta = as_meta(arrays["meta"])
    return Model(
        intents=tuple(meta["intents"]),
        languages=tuple(meta["languages"]),
        vocabulary=Vocabulary(
            {name: at for at, name in enumerate(meta["features"])},
            arrays["feature_weights"],
            float(meta["unknown_weight"]),
        ),
        lexical=Linear(
            arrays["lexical_weights"], arrays["lexical_bias"], float(meta["temperature"])
        ),
        examples=LexicalExamples(
            arrays["example_starts"],
            arrays["example_ids"],
            arrays["example_values"],
            arrays["example_bounds"],
            len(meta["features"]),
        ),
        dense=_dense(meta["dense"], arrays),
        exact=meta["exact"],
        lexical_thresholds=meta["lexical_thresholds"],
        full_thresholds=meta["full_thresholds"],
        facts=meta["facts"],
    )


def _dense(
    meta: Mapping[str, Any] | None, arrays: Mapping[str, NDArray[Any]]
) -> DenseStage | None:
    if meta is None:
        return None
    return DenseStage(
        linear=Linear(arrays["dense_weights"], arrays["dense_bias"], float(meta["temperature"])),
        projection=Projection(arrays["projection_mean"], arrays["projection_axes"]),
        joint=Joint(
            arrays["joint_dense_weights"],
            arrays["joint_lexical_weights"],
            arrays["joint_bias"],
            float(meta["joint_temperature"]),
        ),
        network=Network(
            **{part: arrays[f"network_{part}"] for part in _NETWORK},
            temperature=float(meta["network_temperature"]),
        ),
        examples=DenseExamples(arrays["dense_vectors"], arrays["dense_bounds"]),
        shares=Shares(**meta["shares"]),
        gate=float(meta["gate"]),
        languages=tuple(meta["languages"]),
        encoder_key=str(meta["encoder_key"]),
    )
