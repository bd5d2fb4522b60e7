"""What the out-of-fold predictions teach about when to believe which stage, and how far."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlu.calibration import Judged, calibration_error, gate, shares, temperature, threshold
from nlu.corpus import IndexArray, Mask
from nlu.dense_stage import Shares
from nlu.model import SURE_COSINE
from nlu.out_of_fold import OutOfFold
from nlu.probabilities import Probabilities, full_score, lexical_score, softmax
from nlu.training_data import OUT_OF_SCOPE


class Learnt:
    """Temperatures, shares, thresholds and the gate, from predictions for held-out examples."""

    def __init__(self, held_out: OutOfFold, languages: Sequence[str]) -> None:
        self._held_out = held_out
        self._corpus = held_out.corpus
        truth, read = self._corpus.truth, self._corpus.read
        self.lexical_temperature = temperature(held_out.lexical, truth)
        self._lexical = softmax(held_out.lexical / self.lexical_temperature)
        self._full = self._lexical
        self.dense_temperature = self.joint_temperature = self.network_temperature = 1.0
        self.shares = Shares(1.0, 0.0, 0.0, 0.0, 1.0)
        if read.any():
            logits = [each[read] for each in (held_out.dense, held_out.joint, held_out.network)]
            heats = [temperature(each, truth[read]) for each in logits]
            self.dense_temperature, self.joint_temperature, self.network_temperature = heats
            dense = [softmax(each / heat) for each, heat in zip(logits, heats, strict=True)]
            self.shares = shares([self._lexical[read], *dense], truth[read])
            self._full = self._lexical.copy()
            self._full[read] = self.shares.mix(self._lexical[read], *dense)
        rows = {each: self._corpus.language == each for each in languages}
        self.lexical_thresholds = {
            each: self._threshold(self._lexical, at, full=False) for each, at in rows.items()
        }
        self.full_thresholds = {
            each: self._threshold(self._full, at & read, full=True) for each, at in rows.items()
        }
        self.gate, self._fast = self._gate() if read.any() else (2.0, 0.0)
        self.facts = self._facts(rows)

    def _scores(
        self, probabilities: Probabilities, at: IndexArray, top: IndexArray, *, full: bool
    ) -> NDArray[np.float64]:
        lexical = self._held_out.lexical_cosines[at, top]
        p = probabilities[np.arange(len(at)), top]
        if not full:
            return np.array([lexical_score(*pair) for pair in zip(p, lexical, strict=True)])
        border = self._held_out.joint[at, top]
        dense = self._held_out.dense_cosines[at, top]
        return np.array([full_score(*e) for e in zip(p, border, dense, lexical, strict=True)])

    def _threshold(self, probabilities: Probabilities, mask: Mask, *, full: bool) -> float:
        """Choose by what was understood, against two kinds of negatives.

        Negatives are the out-of-scope examples, and every other example as if its own intent were
        not known to the bot: its probability mass is dealt to the rest.
        """
        at = np.flatnonzero(mask & self._corpus.scope)
        truth = self._corpus.truth
        chosen = probabilities[at].argmax(axis=1) if len(at) else np.zeros(0, dtype=np.int64)
        scores = self._scores(probabilities[at], at, chosen, full=full)
        masked = probabilities[at].copy()
        masked[np.arange(len(at)), truth[at]] = 0.0
        masked /= np.maximum(masked.sum(axis=1, keepdims=True), 1e-12)
        strangers = (
            self._scores(masked, at, masked.argmax(axis=1), full=full) if len(at) else scores
        )
        out = np.flatnonzero(mask & ~self._corpus.scope)
        if len(out):
            known = probabilities[out].copy()
            known[:, self._corpus.intents.index(OUT_OF_SCOPE)] = 0.0
            known /= np.maximum(known.sum(axis=1, keepdims=True), 1e-12)
            nonsense = self._scores(known, out, known.argmax(axis=1), full=full)
            # Both kinds weigh the same however many there are of each.
            repeat = max(1, round(len(strangers) / len(nonsense)))
            strangers = np.concatenate([strangers, np.repeat(nonsense, repeat)])
        return threshold(Judged(right=scores[chosen == truth[at]], negative=strangers))

    def _right(self, probabilities: Probabilities, at: IndexArray) -> Mask:
        return np.asarray(probabilities[at].argmax(axis=1) == self._corpus.truth[at])

    def _gate(self) -> tuple[float, float]:
        """Return the gate, and the share of held-out examples the first stage then answers."""
        at = np.flatnonzero(self._corpus.read)
        lexical = self._lexical[at]
        top = lexical.argmax(axis=1)
        scores = self._scores(lexical, at, top, full=False)
        limits = np.array([self.lexical_thresholds[x] for x in self._corpus.language[at]])
        ordered = np.sort(lexical, axis=1)
        margins = ordered[:, -1] - ordered[:, -2]
        cosines = self._held_out.lexical_cosines[at, top]
        accepted = (scores >= limits) & (cosines >= SURE_COSINE)
        found = gate(
            margins, accepted, self._right(self._lexical, at), self._right(self._full, at)
        )
        return found, float((accepted & (margins >= found)).mean())

    def _facts(self, rows: dict[str, Mask]) -> dict[str, float]:
        facts = {
            "gate": self.gate,
            "first_stage_share": self._fast,
            "share_lexical": self.shares.lexical,
            "share_dense": self.shares.dense,
            "share_joint": self.shares.joint,
            "share_network": self.shares.network,
            "calibration_error": calibration_error(self._full, self._corpus.truth),
        }
        for language, mask in rows.items():
            at = np.flatnonzero(mask)
            if len(at):
                facts[f"accuracy_lexical_{language}"] = float(
                    self._right(self._lexical, at).mean()
                )
                facts[f"accuracy_{language}"] = float(self._right(self._full, at).mean())
        return facts
