"""What an evaluation found, gathered from the predictions: values only, ready to be shown."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from nlu.evaluation import measures
from nlu.evaluation.measures import CalibrationBin, IntentMeasure, Refusal, SpanMeasure
from nlu.evaluation.runs import Measured, Prediction
from nlu.training_data import OUT_OF_SCOPE
from nlu.understanding import Outcome

_OUTCOMES: tuple[Outcome, ...] = ("clear", "ambiguous", "unknown")
#: Example texts kept for each pair of confused intents.
_EXAMPLES_MAX = 5
#: Pairs confused less often are chance.
_PAIR_LEAST = 2
#: Share of both intents' texts that must go to the other for the two to be one.
_MERGE_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Confused:
    """A text taken for another intent."""

    text: str
    truth: str
    predicted: str
    place: str  #: file:line, "" when it stands in no file


@dataclass(frozen=True, slots=True)
class Pair:
    """Two intents taken for each other."""

    first: str
    second: str
    first_as_second: int  #: texts of the first taken for the second
    second_as_first: int
    share: float  #: of the texts of both
    advice: str  #: "merge" or "rewrite"
    examples: tuple[Confused, ...]


@dataclass(frozen=True, slots=True)
class SeedMeasure:
    """The headline of one draw of examples."""

    seed: int
    accuracy: float
    macro_f1: float
    auroc: float | None


@dataclass(frozen=True, slots=True)
class LanguageMeasure:
    """The headline of one language."""

    language: str
    known: int  #: in-scope texts
    accuracy: float


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that is reported."""

    title: str
    languages: tuple[str, ...]
    encoder: str
    taught: int  #: examples a model was taught, the mean of all models
    intents: int  #: taught
    known: int  #: tested in-scope texts
    unknown: int  #: tested out-of-scope texts
    accuracy: float  #: of in-scope texts, by best intent whatever the outcome
    macro_f1: float  #: over intents, in-scope texts only
    acted_right: float  #: share of in-scope texts with a clear and right outcome
    acted_wrong: float  #: share of in-scope texts with a clear but wrong outcome
    outcomes_known: dict[str, float]  #: share of clear, ambiguous, unknown among in-scope texts
    outcomes_unknown: dict[str, float]  #: the same among out-of-scope texts
    auroc: float | None
    refusals: tuple[Refusal, ...]
    calibration_error: float  #: of in-scope texts
    first_stage: float | None  #: share of texts the encoder was not asked about; None: no encoder
    training_seconds: float  #: for each model
    interpret_ms: float  #: for each text, mean
    interpret_ms_95: float  #: 95th percentile
    spans: SpanMeasure | None
    by_language: tuple[LanguageMeasure, ...]
    by_seed: tuple[SeedMeasure, ...]
    by_intent: tuple[IntentMeasure, ...]
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...] = ()
    bins: tuple[CalibrationBin, ...] = ()
    scores_known: tuple[float, ...] = field(default=(), repr=False)
    scores_unknown: tuple[float, ...] = field(default=(), repr=False)
    confusions: dict[tuple[str, str], int] = field(default_factory=dict, repr=False)

    @property
    def accuracy_deviation(self) -> float:
        """The standard deviation of the accuracy over seeds; 0 of a single one."""
        found = [each.accuracy for each in self.by_seed]
        return float(np.std(found, ddof=1)) if len(found) > 1 else 0.0

    def document(self) -> dict[str, Any]:
        """Return the results for programs: all but the single scores."""
        left_out = {"scores_known", "scores_unknown", "confusions"}
        found = {name: value for name, value in asdict(self).items() if name not in left_out}
        found["confusions"] = [
            {"truth": truth, "predicted": predicted, "count": count}
            for (truth, predicted), count in sorted(self.confusions.items())
            if truth != predicted
        ]
        return found


def gather(
    measured: Measured,
    *,
    title: str,
    languages: Sequence[str],
    encoder: str,
    notes: Sequence[str] = (),
) -> Results:
    """Return the results of all predictions together.

    Args:
        measured: what `run` returned.
        title: what was evaluated, for people.
        languages: of the bot.
        encoder: its name, "none" for none.
        notes: what a reader should know about the data.
    """
    known = [each for each in measured.predictions if each.known]
    unknown = [each for each in measured.predictions if not each.known]
    table = measures.by_intent(*_names(known))
    right = np.array([each.right for each in known], dtype=bool)
    scores = np.array([each.understanding.score for each in known])
    strange = np.array([each.understanding.score for each in unknown])
    error, bins = measures.calibration(np.array([each.probability for each in known]), right)
    times = np.array(measured.interpret_ms or [0.0])
    clear = np.array([each.understanding.outcome == "clear" for each in known], dtype=bool)
    return Results(
        title=title,
        languages=tuple(languages),
        encoder=encoder,
        taught=round(float(np.mean(measured.taught))) if measured.taught else 0,
        intents=sum(name != OUT_OF_SCOPE for name in measured.intents),
        known=len(known),
        unknown=len(unknown),
        accuracy=measures.accuracy(*_names(known)),
        macro_f1=measures.macro_f1(table),
        acted_right=_share(clear & right),
        acted_wrong=_share(clear & ~right),
        outcomes_known=_outcomes(known),
        outcomes_unknown=_outcomes(unknown),
        auroc=measures.auroc(scores, strange),
        refusals=tuple(measures.refusals(scores, right, strange)),
        calibration_error=error,
        first_stage=_first_stage(measured, encoder),
        training_seconds=float(np.mean(measured.training_seconds or [0.0])),
        interpret_ms=float(times.mean()),
        interpret_ms_95=float(np.percentile(times, 95)),
        spans=_spans(measured.predictions),
        by_language=_by_language(known),
        by_seed=_by_seed(measured.predictions),
        by_intent=tuple(sorted(table, key=lambda each: (each.f1, each.name))),
        pairs=_pairs(known),
        notes=tuple([*notes, *_unknown_labels(known, measured.intents)]),
        bins=tuple(bins),
        scores_known=tuple(map(float, scores)),
        scores_unknown=tuple(map(float, strange)),
        confusions=dict(Counter((e.example.intent, e.predicted) for e in known)),
    )


def _names(predictions: Sequence[Prediction]) -> tuple[list[str], list[str]]:
    return [e.example.intent for e in predictions], [e.predicted for e in predictions]


def _share(where: measures.Bools) -> float:
    return float(where.mean()) if len(where) else 0.0


def _outcomes(predictions: Sequence[Prediction]) -> dict[str, float]:
    counts = Counter(each.understanding.outcome for each in predictions)
    return {name: counts[name] / max(1, len(predictions)) for name in _OUTCOMES}


def _first_stage(measured: Measured, encoder: str) -> float | None:
    if encoder == "none" or not measured.predictions:
        return None
    return 1.0 - measured.encoded / len(measured.predictions)


def _spans(predictions: Sequence[Prediction]) -> SpanMeasure | None:
    annotated = [
        frozenset((a.name, a.start, a.end) for a in each.example.annotations)
        for each in predictions
    ]
    found = [
        frozenset((e.name, e.start, e.end) for e in each.understanding.entities)
        for each in predictions
    ]
    return measures.spans(annotated, found)


def _by_language(known: Sequence[Prediction]) -> tuple[LanguageMeasure, ...]:
    groups: dict[str, list[Prediction]] = defaultdict(list)
    for each in known:
        groups[each.example.language].append(each)
    return tuple(
        LanguageMeasure(language, len(group), measures.accuracy(*_names(group)))
        for language, group in sorted(groups.items())
    )


def _by_seed(predictions: Sequence[Prediction]) -> tuple[SeedMeasure, ...]:
    groups: dict[int, list[Prediction]] = defaultdict(list)
    for each in predictions:
        groups[each.seed].append(each)
    found = []
    for seed, group in sorted(groups.items()):
        known = [each for each in group if each.known]
        names = _names(known)
        scores = np.array([each.understanding.score for each in known])
        strange = np.array([each.understanding.score for each in group if not each.known])
        found.append(
            SeedMeasure(
                seed,
                measures.accuracy(*names),
                measures.macro_f1(measures.by_intent(*names)),
                measures.auroc(scores, strange),
            )
        )
    return tuple(found)


def _pairs(known: Sequence[Prediction]) -> tuple[Pair, ...]:
    """Return the pairs of intents taken for each other, the most often first."""
    support = Counter(each.example.intent for each in known)
    wrong: dict[frozenset[str], list[Prediction]] = defaultdict(list)
    for each in known:
        if not each.right:
            wrong[frozenset((each.example.intent, each.predicted))].append(each)
    found = []
    for names, group in wrong.items():
        if len(group) < _PAIR_LEAST:
            continue
        first, second = sorted(names)
        forth = sum(each.example.intent == first for each in group)
        back = len(group) - forth
        both = all(
            count >= max(_PAIR_LEAST, _MERGE_SHARE * support[name])
            for name, count in ((first, forth), (second, back))
        )
        texts = support[first] + support[second]
        advice = "merge" if both and OUT_OF_SCOPE not in names else "rewrite"
        found.append(
            Pair(first, second, forth, back, len(group) / texts, advice, _examples(group))
        )
    return tuple(sorted(found, key=lambda p: (-p.first_as_second - p.second_as_first, p.first)))


def _examples(group: Sequence[Prediction]) -> tuple[Confused, ...]:
    """Return the texts of a pair that were taken for the other most surely, each once."""
    ranked = sorted(group, key=lambda each: (-each.probability, each.example.text))
    once = {each.example.text: each for each in reversed(ranked)}
    chosen = sorted(once.values(), key=lambda each: (-each.probability, each.example.text))
    return tuple(
        Confused(
            each.example.text, each.example.intent, each.predicted, str(each.example.place or "")
        )
        for each in chosen[:_EXAMPLES_MAX]
    )


def _unknown_labels(known: Sequence[Prediction], intents: Sequence[str]) -> list[str]:
    strange = Counter(e.example.intent for e in known if e.example.intent not in intents)
    return [
        f"{count} tested texts have the label {label!r}, which no example was taught with"
        for label, count in sorted(strange.items())
    ]
