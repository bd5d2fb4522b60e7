"""The interpreter that runs in the process: a cascade of a lexical and a sentence-embedding stage.

The first stage costs 0.1 ms and answers what it is sure of; the rest, in languages the encoder
reads, is encoded in one batch and judged by both. What neither knows is honestly unknown.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from nlu.dense_stage import DenseStage
from nlu.encoder import SentenceEncoder
from nlu.entity_finder import EntityFinder
from nlu.features import FloatArray, Sparse
from nlu.feeling import feel
from nlu.language import identify, written_in
from nlu.model import SURE_COSINE, Model
from nlu.probabilities import Probabilities, lexical_score, margin
from nlu.text import NormalText, comparable_folded, matter, normalise
from nlu.training_data import OUT_OF_SCOPE
from nlu.understanding import IntentScore, Outcome, Understanding

#: Two intents are too close to choose when they differ by less and both are above the least.
_AMBIGUOUS_MARGIN = 0.10
_AMBIGUOUS_LEAST = 0.35
#: A text that is an example, word for word, means what its author said; typing errors remain.
_EXACT_CONFIDENCE = 0.98
#: A text without one known word must look at least this much like an example.
_STRANGE_COSINE = 0.30
_INTENTS_MAX = 5
#: What a customer means stands in the first so many characters.
_READ_MAX = 2000
#: Texts whose understanding is kept.
_REMEMBERED = 8192
#: What a message of nothing but one of these says, in a word.
_SIGNS = {
    "👍": "yes",
    "👌": "ok",
    "✅": "yes",
    "👎": "no",
    "❌": "no",
    "🙏": "thanks",
    "👋": "hello",
}


@dataclass(slots=True)
class _Case:
    """A text on its way through the stages."""

    normal: NormalText
    language: str  #: to answer in
    written: str  #: whose script it shows, hence whose models apply
    vector: Sparse
    probabilities: Probabilities
    top: int
    lexical_cosine: float
    exact: bool
    score: float
    threshold: float


class EmbeddingInterpreter:
    """An Interpreter over a trained Model; thread-safe."""

    def __init__(
        self, model: Model, *, encoder: SentenceEncoder | None, entities: EntityFinder
    ) -> None:
        """Put the parts together.

        Raises:
            ValueError: the model was trained with another encoder than `encoder`.
        """
        if model.dense is not None and (encoder is None or encoder.key != model.dense.encoder_key):
            raise ValueError("the model was trained with another encoder")
        _use_one_thread()
        self.model = model
        self.encoder = encoder
        self._entities = entities
        self._out_of_scope = (
            model.intents.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in model.intents else -1
        )
        self._remembered: OrderedDict[tuple[str, str | None], Understanding] = OrderedDict()
        self._lock = threading.Lock()

    def interpret(
        self,
        texts: Sequence[str],
        *,
        languages: Sequence[str | None],
        nows: Sequence[datetime] | None = None,
    ) -> list[Understanding]:
        """Return one Understanding per text, in order; never raises on any text.

        Of a longer text than the Protocol promises only the beginning is read.
        """
        keys = [
            (text[:_READ_MAX], language) for text, language in zip(texts, languages, strict=True)
        ]
        found: dict[tuple[str, str | None], Understanding] = {}
        with self._lock:
            for key in keys:
                if key in self._remembered:
                    self._remembered.move_to_end(key)
                    found[key] = self._remembered[key]
        missing = list(dict.fromkeys(key for key in keys if key not in found))
        if missing:
            fresh = dict(zip(missing, self._understand(missing), strict=True))
            found |= fresh
            with self._lock:
                self._remembered.update(fresh)
                while len(self._remembered) > _REMEMBERED:
                    self._remembered.popitem(last=False)
        times = nows if nows is not None else (None,) * len(keys)
        return [
            self._with_entities(found[key], text, now)
            for key, text, now in zip(keys, texts, times, strict=True)
        ]

    def _with_entities(
        self, understanding: Understanding, text: str, now: datetime | None
    ) -> Understanding:
        """Return `understanding` with its entities: only they depend on when it was said."""
        entities = self._entities.find(understanding.text, understanding.language, now=now)
        if not entities and len(text) == len(understanding.text):
            return understanding
        return replace(understanding, text=text, entities=entities)

    def _understand(self, keys: Sequence[tuple[str, str | None]]) -> list[Understanding]:
        cases = [self._first_stage(text, hint) for text, hint in keys]
        stage = self.model.dense
        if stage is not None and self.encoder is not None:
            doubtful = [case for case in cases if _is_doubtful(case, stage)]
            if doubtful:
                vectors = self.encoder.encode_deep(
                    [matter(case.normal.folded) for case in doubtful]
                )
                for case, vector in zip(doubtful, vectors, strict=True):
                    self._second_stage(case, vector, stage)
        return [self._conclude(case) for case in cases]

    def _first_stage(self, text: str, hint: str | None) -> _Case:
        model = self.model
        normal = normalise(text)
        language = identify(normal, languages=model.languages, hint=hint)
        written = written_in(normal, languages=model.languages) if hint else language
        words = comparable_folded(normal.folded)
        folded = normal.folded if words else _SIGNS.get(normal.folded.strip()[:1], "")
        vector = model.vocabulary.vector(folded)
        probabilities = model.lexical.sparse(vector)
        known = model.exact.get(words or folded)
        if known is not None:
            probabilities = _with_certainty(probabilities, known)
        top = int(probabilities.argmax())
        cosine = model.examples.nearest(vector, top)
        return _Case(
            normal=normal,
            language=language,
            written=written,
            vector=vector,
            probabilities=probabilities,
            top=top,
            lexical_cosine=cosine,
            exact=known is not None,
            score=1.0 if known is not None else lexical_score(probabilities[top], cosine),
            threshold=model.lexical_thresholds[written],
        )

    def _second_stage(self, case: _Case, deep: FloatArray, stage: DenseStage) -> None:
        seen = stage.see(deep, case.vector, case.probabilities)
        case.probabilities = seen.probabilities
        top = int(seen.probabilities.argmax())
        if top != case.top:
            case.top = top
            case.lexical_cosine = self.model.examples.nearest(case.vector, top)
        case.score = stage.score(seen, top, case.lexical_cosine)
        case.threshold = self.model.full_thresholds[case.written]

    def _conclude(self, case: _Case) -> Understanding:
        order = np.argsort(-case.probabilities, kind="stable")[:_INTENTS_MAX]
        ranked: tuple[IntentScore, ...] = ()
        if case.vector.words:
            ranked = tuple(
                IntentScore(self.model.intents[at], float(case.probabilities[at])) for at in order
            )
        feeling = feel(case.normal)
        return Understanding(
            text=case.normal.original,
            language=case.language,
            intents=ranked,
            sentiment=feeling.sentiment,
            frustration=feeling.frustration,
            abuse=feeling.abuse,
            outcome=self._outcome(case, order),
            score=self._known_score(case),
        )

    def _known_score(self, case: _Case) -> float:
        """Return how sure it is that a text means anything known, 0..1."""
        if not case.vector.words:
            return 0.0
        if case.top == self._out_of_scope:  # being sure of that is being unsure of all else
            return float(case.score * (1.0 - case.probabilities[case.top]))
        return float(case.score)

    def _outcome(
        self, case: _Case, order: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    ) -> Outcome:
        if not case.vector.words or case.top == self._out_of_scope:
            return "unknown"
        if case.exact:
            return "clear"
        strange = case.vector.known_words == 0 and case.lexical_cosine < _STRANGE_COSINE
        if strange or case.score < case.threshold:
            return "unknown"
        if len(order) > 1 and int(order[1]) != self._out_of_scope:
            first, second = (float(case.probabilities[at]) for at in order[:2])
            if second > _AMBIGUOUS_LEAST and first - second < _AMBIGUOUS_MARGIN:
                return "ambiguous"
        return "clear"


def _use_one_thread() -> None:
    """Keep numpy's products on the thread that asks for them, from now on.

    Products are small here: pools of threads that wait for each other on a busy machine make one
    cost 5 ms instead of 0.1 ms.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # has no types

    threadpool_limits(limits=1)


def _is_doubtful(case: _Case, stage: DenseStage) -> bool:
    """Tell whether the second stage is asked: it reads the text, and the first is not sure."""
    if case.exact or not case.vector.words or case.written not in stage.languages:
        return False
    if case.lexical_cosine < SURE_COSINE or case.score < case.threshold:
        return True
    return margin(case.probabilities) < stage.gate


def _with_certainty(probabilities: Probabilities, intent: int) -> Probabilities:
    """Return `probabilities` with `intent` at the confidence of a literal example at least."""
    if probabilities[intent] >= _EXACT_CONFIDENCE:
        return probabilities
    others = probabilities.copy()
    others[intent] = 0.0
    total = others.sum()
    if total > 0:
        others *= (1.0 - _EXACT_CONFIDENCE) / total
    others[intent] = _EXACT_CONFIDENCE
    return others
