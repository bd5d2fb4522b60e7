"""The measures of understanding, against figures worked out by hand."""

import numpy as np
import pytest

from nlu.evaluation import measures

TRUTH = ["a", "a", "a", "b", "b", "c"]
PREDICTED = ["a", "a", "b", "b", "b", "a"]


def test_accuracy_and_f1_of_each_intent() -> None:
    """An intent that was never predicted has an F1 of 0 and counts in the mean."""
    table = {each.name: each for each in measures.by_intent(TRUTH, PREDICTED)}

    assert measures.accuracy(TRUTH, PREDICTED) == pytest.approx(4 / 6)
    assert table["a"].precision == pytest.approx(2 / 3)
    assert table["a"].recall == pytest.approx(2 / 3)
    assert table["b"].f1 == pytest.approx(0.8)
    assert (table["c"].precision, table["c"].recall, table["c"].f1) == (0, 0, 0)
    assert measures.macro_f1(list(table.values())) == pytest.approx((2 / 3 + 0.8) / 3)


def test_the_area_counts_ties_half() -> None:
    """Of four pairs three are right and one is a tie."""
    known, unknown = np.array([0.9, 0.5]), np.array([0.5, 0.1])

    assert measures.auroc(known, unknown) == pytest.approx(3.5 / 4)
    assert measures.auroc(unknown, known) == pytest.approx(0.5 / 4)
    assert measures.auroc(known, np.array([])) is None


def test_refusing_costs_no_more_than_is_allowed() -> None:
    """A wrong in-scope text is refused for nothing; each right one costs its share."""
    scores = np.linspace(0.01, 1.0, 100)  # the lowest three are wrong, so 0.04 is the first cost
    right = np.arange(100) >= 3
    unknown = np.array([0.02, 0.035, 0.045, 0.055, 0.085, 0.9])
    found = measures.refusals(scores, right, unknown, losses=(0, 1, 2, 5))

    assert [each.loss for each in found] == [0, 1, 2, 5]
    assert [each.threshold for each in found] == pytest.approx([0.04, 0.05, 0.06, 0.09])
    assert [each.recall for each in found] == pytest.approx([2 / 6, 3 / 6, 4 / 6, 5 / 6])
    for each in found:
        kept = float((right & (scores >= each.threshold)).mean())
        assert kept >= right.mean() - each.loss / 100 - 1e-9


def test_everything_may_be_refused_where_nothing_is_right() -> None:
    """There is nothing to lose."""
    (found,) = measures.refusals(np.array([0.5]), np.array([False]), np.array([0.4]), (1,))

    assert (found.threshold, found.recall) == (1.0, 1.0)
    assert measures.refusals(np.array([]), np.array([], dtype=bool), np.array([0.4])) == []


def test_the_calibration_error_weighs_bins_by_their_texts() -> None:
    """Two bins: 0.9 of which all are right, and 0.5 of which none is."""
    probabilities = np.array([0.9, 0.9, 0.9, 0.5])
    right = np.array([True, True, True, False])
    error, bins = measures.calibration(probabilities, right)

    assert error == pytest.approx((3 * 0.1 + 1 * 0.5) / 4)
    assert len(bins) == 15
    assert [each.count for each in bins if each.count] == [1, 3]
    assert measures.calibration(np.array([0.0, 1.0]), np.array([False, True]))[0] == 0.0
    assert measures.calibration(np.array([]), np.array([], dtype=bool))[0] == 0.0


def test_a_span_counts_when_name_and_both_ends_are_right() -> None:
    """Names that nobody annotated are not counted against the finder."""
    annotated = [frozenset({("city", 0, 3), ("day", 5, 9)}), frozenset({("city", 2, 4)})]
    found = [
        frozenset({("city", 0, 3), ("day", 5, 8), ("number", 0, 1)}),
        frozenset({("city", 2, 4)}),
    ]
    measured = measures.spans(annotated, found)

    assert measured is not None
    assert measured.precision == pytest.approx(2 / 3)
    assert measured.recall == pytest.approx(2 / 3)
    assert measured.f1 == pytest.approx(2 / 3)
    assert measured.support == 3
    assert measures.spans([frozenset()], [frozenset({("city", 0, 1)})]) is None
