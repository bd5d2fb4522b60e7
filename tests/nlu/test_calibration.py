"""What held-out predictions teach: temperatures, shares, the gate and the limit of the unknown."""

import numpy as np
import pytest
from numpy.typing import NDArray

from nlu.calibration import Judged, calibration_error, gate, shares, temperature, threshold
from nlu.probabilities import Probabilities, softmax

_INTENTS = 5


def world(seed: int, count: int = 4000) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return logits of honest probabilities, and what came true by them."""
    random = np.random.default_rng(seed)
    logits = random.normal(scale=2.0, size=(count, _INTENTS)).astype(np.float32)
    truth = np.array([random.choice(_INTENTS, p=each) for each in softmax(logits)])
    return logits, truth


def seen(logits: NDArray[np.float32], noise: float, seed: int) -> Probabilities:
    """Return what a machine makes of the world that sees it through noise."""
    random = np.random.default_rng(seed)
    noisy = logits + random.normal(scale=noise, size=logits.shape).astype(np.float32)
    return softmax(noisy)


@pytest.mark.parametrize("heat", [0.3, 1.0, 4.0])
def test_a_temperature_makes_boasts_honest(heat: float) -> None:
    """Logits blown up or shrunk come back to what they are worth."""
    logits, truth = world(1)

    assert temperature(logits * np.float32(heat), truth) == pytest.approx(heat, rel=0.1)


def test_the_error_of_calibration_is_the_distance_of_claim_and_truth() -> None:
    """Nine tenths claimed and six tenths right is three tenths of error."""
    claimed = np.full((10, 2), 0.1)
    claimed[:, 0] = 0.9

    assert calibration_error(claimed, np.array([0] * 6 + [1] * 4)) == pytest.approx(0.3)
    assert calibration_error(claimed, np.array([0] * 9 + [1])) == pytest.approx(0.0)


def test_the_better_machine_counts_more_and_the_mix_is_honest() -> None:
    """An average of unlike machines is too modest; its own temperature mends that."""
    logits, truth = world(2)
    machines = [seen(logits, noise, at) for at, noise in enumerate((3.0, 3.0, 3.0, 0.5))]

    found = shares(machines, truth)
    plain = np.mean(machines, axis=0)
    mixed = found.mix(*machines)

    assert found.network >= 0.6
    assert found.lexical + found.dense + found.joint + found.network == pytest.approx(1.0)
    assert (mixed.argmax(axis=1) == truth).mean() > (plain.argmax(axis=1) == truth).mean()
    assert calibration_error(mixed, truth) < 0.03


def test_a_modest_average_is_sharpened() -> None:
    """Four machines that err apart agree where they are right: their mean claims too little."""
    logits, truth = world(3)
    sharp = logits * np.float32(4.0)
    truth = sharp.argmax(axis=1)
    machines = [seen(sharp, 4.0, at) for at in range(4)]

    found = shares(machines, truth)
    plain = np.mean(machines, axis=0)

    assert found.temperature < 0.9
    assert calibration_error(found.mix(*machines), truth) < calibration_error(plain, truth) / 2


def test_the_gate_opens_where_the_first_stage_is_as_good() -> None:
    """Below 0.9 it errs where both together do not; from there on it never does."""
    margins = np.linspace(0.5, 1.0, 501)
    accepted = np.ones(501, dtype=bool)

    assert gate(margins, accepted, margins >= 0.9, accepted) == pytest.approx(0.9)


def test_the_gate_stays_shut_on_no_evidence() -> None:
    """One mistake among few is too many; nothing accepted loses nothing."""
    margins = np.full(20, 0.999)
    accepted = np.ones(20, dtype=bool)
    right = accepted.copy()
    right[0] = False

    assert gate(margins, accepted, right, accepted) == 2.0


def test_the_limit_lies_between_what_is_known_and_what_is_not() -> None:
    """With many examples it is theirs; with none it is what live traffic taught."""
    random = np.random.default_rng(4)
    judged = Judged(random.normal(0.6, 0.03, 2000), random.normal(0.3, 0.03, 2000))

    assert 0.38 < threshold(judged) < 0.52
    assert threshold(Judged(np.zeros(0), np.zeros(0))) == 0.40
