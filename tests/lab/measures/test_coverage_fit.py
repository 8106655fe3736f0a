from __future__ import annotations

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.measures.coverage_fit import fit_coverage
from blurprint.score.coverage import Coverage


def faces(count: int, seed: int, features: int = 60) -> np.ndarray:
    """Features that vary in a few directions, as those of a network do, each on its own scale."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(6, features))
    rows = rng.normal(size=(count, 6)) @ mixing + 0.3 * rng.normal(size=(count, features))
    return rows * np.linspace(0.1, 10, features) + 3


def test_as_many_faces_are_covered_as_is_said():
    coverage = fit_coverage(faces(2000, 0), np.arange(2000), directions=6)
    new = [coverage.covers(one) for one in faces(2000, 1)]
    assert np.mean(new) == pytest.approx(0.99, abs=0.006)
    typical = np.mean([coverage.distance(one) for one in faces(200, 2)])
    assert typical == pytest.approx(1, abs=0.1)


def test_faces_of_another_kind_are_not_covered():
    coverage = fit_coverage(faces(1000, 0), np.arange(1000), directions=6)
    rows = faces(200, 1)
    scale = np.linspace(0.1, 10, 60)
    shuffled = rows[:, np.random.default_rng(0).permutation(60)]
    noise = 3 + scale * np.random.default_rng(0).normal(size=(200, 60)) * 2.4  # as far, elsewhere
    for other in (shuffled, noise, 4 * (rows - 3) + 3):
        assert np.mean([coverage.covers(one) for one in other]) < 0.2


def test_the_distance_is_mahalanobis():
    """With all directions but one kept it is the full one; 8 bits cost 2 %."""
    rows = faces(4000, 0, features=8)
    coverage = fit_coverage(rows, np.arange(4000), directions=7)
    inverse = np.linalg.inv(np.cov(rows.T, bias=True))
    for one in faces(20, 1, features=8):
        away = one - rows.mean(axis=0)
        assert coverage.distance(one) == pytest.approx(np.sqrt(away @ inverse @ away / 8), rel=0.02)


def test_the_unit_of_a_feature_does_not_matter():
    rows = faces(500, 0)
    factors = np.geomspace(0.1, 10, 60)
    plain = fit_coverage(rows, np.arange(500))
    scaled = fit_coverage(rows * factors, np.arange(500))
    assert scaled.threshold == pytest.approx(plain.threshold, rel=2e-3)
    assert scaled.distance(rows[0] * factors) == pytest.approx(plain.distance(rows[0]), rel=2e-3)


def test_people_are_held_out_whole():
    """Ten pictures alike of each of 60 people: a new person is farther than her own pictures."""
    people = np.repeat(faces(60, 0), 10, axis=0)
    rows = people + 0.01 * np.random.default_rng(1).normal(size=people.shape)
    by_person = fit_coverage(rows, np.repeat(np.arange(60), 10), directions=16)
    by_picture = fit_coverage(rows, np.arange(600), directions=16)
    assert by_person.threshold > 1.1 * by_picture.threshold
    assert (by_person.groups, by_person.faces) == (60, 600)


def test_a_feature_that_never_varied_is_no_division_by_zero():
    rows = np.c_[faces(200, 0), np.full(200, 7.0)]
    coverage = fit_coverage(rows, np.arange(200))
    assert coverage.covers(rows[0])
    changed = rows[0].copy()
    changed[-1] = 70.0
    assert not coverage.covers(changed)


def test_a_file_gives_the_same_distances_and_is_small():
    rows = faces(300, 0, features=1280)
    coverage = fit_coverage(rows, np.arange(300))
    text = coverage.model_dump_json()
    assert len(text) < 45_000
    read = Coverage.model_validate_json(text)
    assert [read.distance(one) for one in rows[:5]] == [coverage.distance(one) for one in rows[:5]]
    assert fit_coverage(rows, np.arange(300)) == coverage


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_coverage(faces(20, 0), np.zeros(20)), "at least 5 groups"),
        (lambda: fit_coverage(faces(20, 0), np.arange(19)), "a group for each row"),
        (lambda: fit_coverage(faces(20, 0), np.arange(20), directions=16), "`directions`"),
        (lambda: fit_coverage(faces(20, 0) * np.nan, np.arange(20)), "finite features"),
    ],
)
def test_wrong_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
