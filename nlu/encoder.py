"""Texts to vectors with any sentence-transformers model: int8 ONNX to serve, torch to prepare.

Serving needs `tokenizers` and ONNX Runtime alone: 0.1 GB and 0.3 s to load where torch takes
0.6 GB and seconds, and a fifth of the time for each text.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from nlu.interpreter import Encoder, Vectors

#: Messages are cut here, in word pieces; longer ones gain nothing and cost the batch.
MESSAGE_TOKENS = 32
#: Passages of articles may be longer.
PASSAGE_TOKENS = 64
#: Sentences in one run. At 1, 2, 4, 8 and 16 sentences of 14 word pieces each costs 2.6, 1.9, 1.5,
#: 1.5 and 1.8 ms of CPU: padding makes larger batches slower.
_BATCH = 4
#: Texts whose vectors are kept, 6 KB each.
_REMEMBERED = 2048
#: Share of unknown pieces above which a language is not read (English MiniLM on Chinese: 0.75).
_UNKNOWN_MAX = 0.2
#: Texts, of all there are, on which that is measured.
_LEARNT_FROM = 200
#: Pieces per character above which a byte-level vocabulary spells instead of reading.
_SPELLING_MAX = 1.2
#: No word piece is longer, so no more characters can matter.
_CHARACTERS_PER_TOKEN = 16

Progress = Callable[[str], None]


class EncoderError(Exception):
    """The sentence encoder cannot be used as configured."""


class _Embedder(Protocol):
    """Turns token ids of one length into rows of blocks of unit length, the sentence first."""

    def embed(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Vectors: ...


class SentenceEncoder:
    """An Encoder over a prepared model; thread-safe, remembers what it encoded last."""

    def __init__(
        self,
        *,
        name: str,
        key: str,
        dimension: int,
        tokenizer: Tokenizer,
        embedder: _Embedder,
        depth: int = 1,
        tokens_max: int = MESSAGE_TOKENS,
    ) -> None:
        self.name = name
        self.key = key  #: content hash of the model
        self.dimension = dimension
        self.depth = depth  #: blocks of a deep vector
        self._tokenizer = tokenizer
        self._embedder = embedder
        self._tokens_max = tokens_max
        self._remembered: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()
        self._read: dict[str, bool] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a float32 array of shape (len(texts), dimension), rows of unit norm."""
        return self.encode_deep(texts)[:, : self.dimension]

    def encode_deep(self, texts: Sequence[str]) -> Vectors:
        """Return the same with what the layers below the last say of each text.

        Returns:
            a float32 array of shape (len(texts), depth * dimension): `depth` blocks of unit norm,
            the sentence vector first, then means of lower layers and the greatest of the last.
        """
        found: dict[str, Vectors] = {}
        with self._lock:
            for text in texts:
                if text in self._remembered:
                    self._remembered.move_to_end(text)
                    found[text] = self._remembered[text]
        missing = list(dict.fromkeys(text for text in texts if text not in found))
        if missing:
            fresh = dict(zip(missing, self._encode(missing, self._tokens_max), strict=True))
            found |= fresh
            with self._lock:
                self._remembered.update(fresh)
                while len(self._remembered) > _REMEMBERED:
                    self._remembered.popitem(last=False)
        vectors = np.empty((len(texts), self.depth * self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = found[text]
        return vectors

    def encode_examples(self, texts: Sequence[str]) -> Vectors:
        """Return deep vectors to learn from; nothing is remembered, neither before nor after.

        An int8 model rounds by what else is in a batch: only the same texts in the same order give
        the same vectors to the last bit.
        """
        return self._encode(texts, self._tokens_max)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of longer texts, of which more is read and nothing remembered."""
        return self._encode(texts, PASSAGE_TOKENS)[:, : self.dimension]

    def reads(self, language: str) -> bool:
        """Tell whether the encoder knows the words of `language` well enough to be used.

        A language that was never learnt with `learn_language` is not read.
        """
        return self._read.get(language, False)

    def reads_texts(self, texts: Sequence[str]) -> bool:
        """Tell whether the vocabulary has nearly all words of `texts`."""
        return self.unknown_share(texts) <= _UNKNOWN_MAX

    def learn_language(self, language: str, texts: Sequence[str]) -> None:
        """Measure on `texts` in `language` whether the vocabulary reads it."""
        some = texts[:: max(1, len(texts) // _LEARNT_FROM)]
        self._read[language] = self.reads_texts(some)

    def unknown_share(self, texts: Sequence[str]) -> float:
        """Return the share 0..1 of word pieces the vocabulary lacks; 1 when it only spells."""
        model = json.loads(self._tokenizer.to_str())["model"]
        unknown = model.get("unk_token")
        if unknown is None and isinstance(model.get("unk_id"), int):
            unknown = model["vocab"][model["unk_id"]][0]
        pieces = [
            piece
            for text in texts
            for piece in self._tokenizer.encode(_whole(text), add_special_tokens=False).tokens
        ]
        characters = sum(len(text.replace(" ", "")) for text in texts)
        if not pieces or len(pieces) > _SPELLING_MAX * max(characters, 1):
            return 1.0
        return pieces.count(unknown) / len(pieces)

    def _encode(self, texts: Sequence[str], tokens_max: int) -> Vectors:
        ids = [self._ids(text, tokens_max) for text in texts]
        vectors = np.empty((len(texts), self.depth * self.dimension), dtype=np.float32)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        for first in range(0, len(order), _BATCH):
            rows = order[first : first + _BATCH]
            width = len(ids[rows[-1]])
            batch = np.zeros((len(rows), width), dtype=np.int64)
            mask = np.zeros((len(rows), width), dtype=np.int64)
            for at, row in enumerate(rows):
                batch[at, : len(ids[row])] = ids[row]
                mask[at, : len(ids[row])] = 1
            vectors[rows] = self._embedder.embed(batch, mask)
        return vectors

    def _ids(self, text: str, tokens_max: int) -> list[int]:
        ids = self._tokenizer.encode(_whole(text)[: tokens_max * _CHARACTERS_PER_TOKEN]).ids
        # The last id closes the sentence and must stay.
        return ids if len(ids) <= tokens_max else [*ids[: tokens_max - 1], ids[-1]]


class OnnxEmbedder:
    """An exported model in ONNX Runtime, one thread: processes scale, spinning pools do not."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    def embed(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Vectors:
        """Return the vectors of the sentences with these token ids."""
        outputs = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return np.asarray(outputs[0], dtype=np.float32)


def open_encoder(
    name: str,
    *,
    cache_dir: Path,
    texts: Mapping[str, Sequence[str]],
    progress: Progress | None = None,
) -> SentenceEncoder | None:
    """Return the encoder called `name`, exported on first use and read from the cache after.

    Args:
        name: a sentence-transformers model by name or folder; "none" for no encoder.
        cache_dir: where exported models are kept, one folder per content hash.
        texts: for each language of the bot texts in it, to measure whether it is read.
        progress: told what takes long.

    Raises:
        EncoderError: the model is not there or cannot be loaded.
    """
    if name == "none":
        return None
    from nlu import encoder_export

    folder = encoder_export.model_folder(name)
    key = encoder_export.content_hash(folder)
    exported = cache_dir / "encoders" / key
    if not (exported / "encoder.json").is_file():
        encoder_export.export(folder, exported, progress=progress)
    facts = json.loads((exported / "encoder.json").read_text(encoding="utf-8"))
    embedder: _Embedder
    if facts["runtime"] == "onnx":
        embedder = OnnxEmbedder(exported / "model.onnx")
    else:
        embedder = encoder_export.TorchEmbedder.open(folder)
    encoder = SentenceEncoder(
        name=name,
        key=key,
        dimension=int(facts["dimension"]),
        depth=int(facts["depth"]),
        tokenizer=encoder_export.read_tokenizer(exported / "tokenizer.json"),
        embedder=embedder,
    )
    for language, samples in texts.items():
        encoder.learn_language(language, samples)
    return encoder


def fitting(encoder: Encoder | None, language: str) -> Encoder | None:
    """Return `encoder` if there is one and it reads `language`."""
    return encoder if encoder is not None and encoder.reads(language) else None


def _whole(text: str) -> str:
    """Return `text` without lone surrogates, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")
