"""Attributions that add up, of models whose answer is known, and of one that has learnt a plant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from blurprint.errors import InputError
from blurprint.lab.loading.pictures import ViewMaker
from blurprint.lab.studies.alignment import untrained
from blurprint.lab.studies.attribution import WAYS, Explainer, attribute, draw_background
from pasted_detectors import Pasted
from planted_alignment import Planted


def random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


@pytest.mark.parametrize("method", WAYS)
def test_a_linear_model_is_explained_exactly(method) -> None:
    weight = torch.from_numpy(random(3, 4, 4, seed=1))
    view, background = random(3, 4, 4), random(5, 3, 4, 4, seed=2)
    found = attribute(
        lambda x: (x * weight).sum((1, 2, 3)) + 3, view, background, samples=5, method=method
    )
    np.testing.assert_allclose(
        found.values, weight.numpy() * (view - background.mean(axis=0)), atol=1e-5
    )
    assert abs(found.error) < 1e-4
    assert found.plane == pytest.approx(found.values.sum(axis=0))


def test_integrated_by_hand_on_a_product() -> None:
    # f = a b from 0 to (2, 3): the gradient (3 t, 2 t) integrates to (3, 2) / 2, so 3 and 3.
    view = np.zeros((3, 1, 1), np.float32)
    view[:2, 0, 0] = 2, 3
    found = attribute(
        lambda x: x[:, 0, 0, 0] * x[:, 1, 0, 0],
        view,
        np.zeros((1, 3, 1, 1), np.float32),
        samples=2,
    )
    assert found.values.ravel().tolist() == pytest.approx([3, 3, 0])
    assert (found.logit, found.expected) == (6, 0)


def test_gradient_shap_tends_to_the_integral_and_leaves_generators_alone() -> None:
    view, background = random(3, 4, 4), random(2, 3, 4, 4, seed=2)
    model = lambda x: (x**3).sum((1, 2, 3))  # noqa: E731
    before = np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
    one, same, other = (
        attribute(model, view, background, samples=2000, method="gradient-shap", seed=seed)
        for seed in (1, 1, 2)
    )
    assert np.array_equal(before[0], np.random.get_state()[1])  # noqa: NPY002
    assert torch.equal(before[1], torch.get_rng_state())
    assert np.array_equal(one.values, same.values)
    assert not np.array_equal(one.values, other.values)
    exact = attribute(model, view, background, samples=8)
    assert abs(exact.error) < 1e-5
    np.testing.assert_allclose(one.values, exact.values, atol=0.06)


@pytest.mark.parametrize(
    ("background", "more", "message"),
    [
        (np.zeros((0, 3, 4, 4), "f4"), {}, "background"),
        (np.zeros((2, 3, 5, 4), "f4"), {}, "background"),
        (np.zeros((2, 3, 4, 4), "f4"), {"samples": 0}, "samples"),
        (np.zeros((2, 3, 4, 4), "f4"), {"method": "lime"}, "method"),
    ],
)
def test_what_cannot_be_explained(background, more, message) -> None:
    with pytest.raises(InputError, match=message):
        attribute(lambda x: x.sum((1, 2, 3)), random(3, 4, 4), background, **more)


@pytest.mark.slow
def test_background_takes_reals_of_all_groups_first(pasted: Pasted) -> None:
    base = draw_background(pasted.defocus, pasted.test, count=12, cache=pasted.cache)
    assert base.shape == (12, 3, 96, 96)
    assert len({one.tobytes() for one in base}) == 12
    again = draw_background(pasted.defocus, pasted.test, count=12, cache=pasted.cache)
    assert np.array_equal(base, again)


def test_attributions_lie_where_a_detector_looks(planted: Planted) -> None:
    fakes = planted.table[planted.table["label"] == 1]["path"].tolist()
    shares = []
    for detector in (planted.detector, untrained(planted.detector, 0)):
        base = draw_background(detector, planted.table, cache=planted.cache)
        explainer = Explainer(detector, base, samples=20)
        maker = ViewMaker(detector.config.views, planted.cache)
        planes = [
            np.abs(explainer.explain(maker.from_file(Path(path))["defocus"]).plane)
            for path in fakes
        ]
        regions = [planted.forged[path] for path in fakes]
        inside = [plane[region].sum() for plane, region in zip(planes, regions, strict=True)]
        shares.append(np.array(inside) / np.maximum([plane.sum() for plane in planes], 1e-9))
    looking, nothing = shares
    assert np.median(looking) > 0.8
    # Even one that has learnt nothing seems to look at what is unusual, but not as much.
    assert (looking > nothing).mean() > 0.9


@pytest.mark.slow
def test_a_trained_detector_adds_up_and_what_was_explained_is_kept(
    pasted: Pasted, tmp_path: Path
) -> None:
    base = draw_background(pasted.defocus, pasted.test, cache=pasted.cache)
    maker = ViewMaker(pasted.defocus.config.views, pasted.cache)
    fakes = pasted.test[pasted.test["label"] == 1]["path"].tolist()[:12]
    explainer = Explainer(pasted.defocus, base, samples=100, kept=tmp_path)
    planes = []
    for path in fakes:
        one = explainer.explain(maker.from_file(Path(path))["defocus"])
        assert abs(one.error) <= 0.1 + 0.1 * abs(one.logit - one.expected)
        planes.append(one.plane)
    kept = list(tmp_path.glob("*/*.npz"))
    assert len(kept) == len(fakes)
    times = [file.stat().st_mtime_ns for file in kept]
    again = Explainer(pasted.defocus, base, samples=100, kept=tmp_path)
    plane = again.explain(maker.from_file(Path(fakes[0]))["defocus"]).plane
    assert np.array_equal(plane, planes[0])
    assert [file.stat().st_mtime_ns for file in kept] == times
    other = Explainer(pasted.shuffled, base, samples=100, kept=tmp_path)
    assert not np.array_equal(
        other.explain(maker.from_file(Path(fakes[0]))["defocus"]).plane, plane
    )
