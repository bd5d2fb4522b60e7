"""What training leaves behind: values and the arithmetic to score a text with them, numpy only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from nlu.dense_stage import DenseStage
from nlu.features import FloatArray, IntArray, Sparse, Vocabulary
from nlu.linear import Linear

#: The first stage is not believed alone about a text less like every example of its choice.
SURE_COSINE = 0.6


@dataclass(frozen=True, slots=True)
class _Postings:
    """The examples of one intent by feature."""

    features: IntArray  #: that any example has, ascending
    starts: IntArray  #: feature at place i is in rows[starts[i]] .. rows[starts[i + 1]]
    rows: IntArray
    values: FloatArray


@dataclass(frozen=True, slots=True)
class LexicalExamples:
    """The lexical vectors of all examples, grouped by intent, as compressed rows."""

    starts: IntArray
    ids: IntArray
    values: FloatArray
    bounds: IntArray  #: intent i has the rows bounds[i] .. bounds[i + 1]
    features: int  #: size of the vocabulary
    _postings: dict[int, "_Postings"] = field(default_factory=dict, repr=False, compare=False)

    def nearest(self, vector: Sparse, intent: int) -> float:
        """Return the cosine of `vector` with the nearest example of `intent`."""
        low, high = int(self.bounds[intent]), int(self.bounds[intent + 1])
        postings = self._postings.get(intent)
        if postings is None:
            postings = self._postings[intent] = self._invert(low, high)
        if not len(postings.features) or not len(vector.ids):
            return 0.0
        places = postings.features[:-1].searchsorted(vector.ids)
        has = postings.features[places] == vector.ids
        places = places[has]
        firsts = postings.starts[places]
        counts = postings.starts[places + 1] - firsts
        ends = counts.cumsum()
        if not len(ends):
            return 0.0
        at = np.arange(int(ends[-1])) + (firsts - ends + counts).repeat(counts)
        products = postings.values.take(at)
        products *= vector.values[has].repeat(counts)
        return float(np.bincount(postings.rows.take(at), weights=products).max())

    def _invert(self, low: int, high: int) -> "_Postings":
        """Return by feature which of the rows low .. high have it: few have any one."""
        first, last = int(self.starts[low]), int(self.starts[high])
        ids = self.ids[first:last]
        order = np.argsort(ids, kind="stable")
        rows = np.repeat(np.arange(high - low), np.diff(self.starts[low : high + 1]))
        features, starts = np.unique(ids[order], return_index=True)
        return _Postings(
            features, np.append(starts, last - first), rows[order], self.values[first:last][order]
        )


@dataclass(frozen=True, slots=True)
class Model:
    """Everything the embedded interpreter knows about intents."""

    intents: tuple[str, ...]
    languages: tuple[str, ...]
    vocabulary: Vocabulary
    lexical: Linear
    examples: LexicalExamples
    dense: DenseStage | None
    exact: Mapping[str, int]  #: comparable text of every example -> its intent
    lexical_thresholds: Mapping[str, float]  #: language -> least score of the first stage alone
    full_thresholds: Mapping[str, float]  #: language -> least score of both stages together
    facts: Mapping[str, float]  #: what training measured, for reports
