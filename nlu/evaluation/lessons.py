"""What an evaluation teaches and tests: the parts, made from examples and test files."""

from collections.abc import Sequence
from dataclasses import dataclass

from nlu.evaluation.cross_validation import Part, few, folds, without_tested
from nlu.training_data import OUT_OF_SCOPE, Example

#: Draws of examples when only a few are taught: chance weighs much then.
FEW_SEEDS = (1, 2, 3, 4, 5)


class LessonsError(ValueError):
    """The data cannot be evaluated so; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to make parts of examples."""

    folds: int = 5  #: of a cross-validation
    examples: int | None = None  #: taught of each intent and language; None: all
    seeds: tuple[int, ...] = ()  #: draws of examples or of folds; default: 0, or FEW_SEEDS
    teach_out_of_scope: bool = True  #: whether examples that mean nothing known are taught
    keep_tested: bool = False  #: whether examples that are also tested stay among the taught


def lessons(
    examples: Sequence[Example],
    tested: Sequence[Example] | None,
    strange: Sequence[Example] = (),
    *,
    plan: Plan = Plan(),
) -> tuple[list[Part], list[str]]:
    """Return the parts, and notes on what was left out.

    Args:
        examples: to teach from.
        tested: to test with; None: cross-validation of `examples`.
        strange: more texts to test with that mean nothing known.
        plan: how.

    Raises:
        LessonsError: too few examples or intents.
    """
    notes: list[str] = []
    seeds = plan.seeds or (FEW_SEEDS if plan.examples is not None else (0,))
    if tested is None:
        parts = [
            Part(part.taught, (*part.tested, *strange[at :: plan.folds]), seed)
            for seed in seeds
            for at, part in enumerate(folds(examples, count=plan.folds, seed=seed))
        ]
    else:
        if len(seeds) > 1 and plan.examples is None:
            message = "several seeds make no difference when all examples are taught"
            raise LessonsError(f"{message}; say --examples too")
        whole = (*tested, *strange)
        parts = [Part(tuple(examples), whole, seed) for seed in seeds]
    made: list[Part] = []
    left_out = 0
    for part in parts:
        taught = part.taught
        if not plan.teach_out_of_scope:
            taught = tuple(each for each in taught if each.intent != OUT_OF_SCOPE)
        if not plan.keep_tested:
            taught, left_out = without_tested(taught, part.tested)
        if plan.examples is not None:
            taught = few(taught, count=plan.examples, seed=part.seed)
        made.append(Part(taught, part.tested, part.seed))
        _check(made[-1])
    if left_out:
        notes.append(f"{left_out} examples were not taught, because they are tested word for word")
    return made, notes


def _check(part: Part) -> None:
    if not part.tested:
        raise LessonsError("there are no texts to test with")
    intents = {each.intent for each in part.taught}
    if len(intents - {OUT_OF_SCOPE}) < 2:
        raise LessonsError(
            f"{len(part.taught)} examples of {len(intents)} intents are left to teach; "
            "at least two intents are needed to tell apart"
        )
