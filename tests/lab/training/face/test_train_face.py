"""The training of the face network: batches, settings, losses, and the whole way on a tiny set."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from skimage import data

from blurprint.errors import InputError
from blurprint.faces.mtcnn import find_landmarks
from blurprint.lab.fakes.pairs import MASK_SIDE, SEEN, SIZE
from blurprint.lab.fakes.store import read_chunk, split_people
from blurprint.lab.models.face import FaceJudgement, FaceNetwork, face_loss
from blurprint.lab.training.face.batches import PairStream, as_pictures
from blurprint.lab.training.face.calibrate import SIZES_PX, WITHOUT_SIGN
from blurprint.lab.training.face.make import make_face
from blurprint.lab.training.face.recipe import is_free
from blurprint.lab.training.face.settings import FaceTraining
from blurprint.lab.training.face.train import one_cycle
from blurprint.score.face_judge import FaceJudge
from blurprint.score.rules import rules_of
from blurprint.weights.card import FaceCard, read_card
from blurprint.weights.session import session_of


@pytest.fixture
def chunk(tmp_path: Path) -> Path:
    """Forty pairs whose fakes have a bright square in the upper left quarter, their mask there."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(60, 90, (40, 2, SIZE, SIZE, 3)).astype(np.uint8)
    masks = np.zeros((40, MASK_SIDE, MASK_SIDE), np.uint8)
    start = (SIZE - SEEN) // 2
    pictures[:, 1, start + 32 : start + 96, start + 32 : start + 96] = 200
    masks[:, 4:12, 4:12] = 255
    path = tmp_path / "00000.json"
    path.write_text(json.dumps([{"group": str(n)} for n in range(40)]))
    np.save(path.with_suffix(".pictures.npy"), pictures)
    np.save(path.with_suffix(".masks.npy"), masks)
    return path


def test_the_mask_moves_and_mirrors_with_its_picture(chunk: Path) -> None:
    stream = PairStream([chunk], pairs=8, seed=1)
    for step in range(7):
        batch = stream.batch(step)
        assert batch.faces.shape == (16, 3, SEEN, SEEN)
        assert batch.labels.tolist() == [0.0] * 8 + [1.0] * 8
        assert batch.masks[:8].max() == 0
        bright = (batch.faces[8:].mean(dim=1) > 0.6).float()
        cells = bright.reshape(8, SEEN // 16, 16, SEEN // 16, 16).mean(dim=(2, 4))
        assert (cells - batch.masks[8:]).abs().max() < 0.8  # a cell is off by half of one
        for seen, said in zip(cells, batch.masks[8:], strict=True):
            for axis in (0, 1):
                places = torch.arange(SEEN // 16, dtype=torch.float)
                where = [(one.sum(dim=1 - axis) @ places) / one.sum() for one in (seen, said)]
                assert abs(float(where[0] - where[1])) < 0.4


def test_a_pass_shows_every_pair_once_and_any_step_can_be_asked_for(chunk: Path) -> None:
    stream = PairStream([chunk], pairs=8, seed=1)
    pixels = [stream.batch(step).faces[0, 0, 5, 5].item() for step in range(5)]
    again = PairStream([chunk], pairs=8, seed=1)
    assert [again.batch(step).faces[0, 0, 5, 5].item() for step in (4, 2)] == [pixels[4], pixels[2]]
    assert (PairStream([chunk], pairs=8, seed=2).batch(0).faces != stream.batch(0).faces).any()
    with pytest.raises(InputError, match="at least 64 pairs, but got 40"):
        PairStream([chunk], pairs=64, seed=0)


def test_held_out_pairs_are_seen_in_the_middle(chunk: Path) -> None:
    real, fake = as_pictures(PairStream([chunk], pairs=1, seed=0).held_out(3, 1))
    stored = read_chunk(chunk).pictures[3]
    start = (SIZE - SEEN) // 2
    assert (real == stored[0, start : start + SEEN, start : start + SEEN]).all()
    assert (fake == stored[1, start : start + SEEN, start : start + SEEN]).all()


def test_a_loss_falls_when_fakes_are_told_from_reals() -> None:
    labels = torch.tensor([0.0, 0, 1, 1])
    masks = torch.zeros(4, 2, 2)
    masks[2:, 0] = 1

    def loss(logits: list[float], where: torch.Tensor) -> float:
        judged = FaceJudgement(torch.tensor(logits), where, torch.zeros(4, 3))
        return float(face_loss(judged, labels, masks, 0.5))

    blank = torch.zeros(4, 2, 2)
    right = loss([-3, -3, 3, 3], blank)
    assert right < loss([0, 0, 0, 0], blank) < loss([3, 3, -3, -3], blank)
    assert loss([-3, -3, 3, 3], 8 * masks - 4) < right
    # an offset of both members of a pair costs, but less than when they also change places
    assert loss([2, -3, 5, 3], blank) < loss([5, -3, 2, 3], blank)


def test_the_learning_rate_rises_and_falls() -> None:
    training = FaceTraining(steps=800, learning_rate=1.0)
    rates = [one_cycle(step, training) for step in range(800)]
    assert np.argmax(rates) == 100
    assert max(rates) == pytest.approx(1.0)
    assert rates[-1] < 0.02
    assert all(a < b for a, b in pairwise(rates[:101]))
    assert all(a > b for a, b in pairwise(rates[100:]))


@pytest.mark.parametrize(
    ("values", "message"),
    [({"steps": 0}, "steps"), ({"held_out": 1.5}, "held_out"), ({"pairs": "many"}, "pairs")],
)
def test_settings_out_of_range_are_refused(values: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        FaceTraining(**values)


def test_shares_without_a_sign_fit_the_sizes() -> None:
    assert len(WITHOUT_SIGN) == len(SIZES_PX) + 1
    assert tuple(sorted(WITHOUT_SIGN, reverse=True)) == WITHOUT_SIGN  # larger faces show more


@pytest.mark.parametrize(
    ("licence", "free"),
    [("CC0-1.0 (repository)", True), ("Public Domain", True), ("MIT", False), ("", False)],
)
def test_only_licences_that_allow_it_are_free(licence: str, free: bool) -> None:
    assert is_free(licence) is free


def test_the_network_is_blind_to_the_other_faces_of_a_batch() -> None:
    torch.manual_seed(0)
    net = FaceNetwork(pretrained=False).eval()
    faces = torch.rand(3, 3, 64, 64)
    with torch.no_grad():
        together, alone = net(faces), net(faces[1:2])
    assert together.logit[1].item() == pytest.approx(alone.logit[0].item(), abs=1e-4)
    assert together.where.shape == (3, 4, 4)
    assert together.features.shape == (3, 1280)


@pytest.fixture
def crowd(tmp_path: Path) -> Path:
    """Eighty "people": one portrait, enlarged, turned, mirrored, in other light.

    Their groups are named, since the split goes by names: a path would be another in each run.
    """
    folder = tmp_path / "crowd"
    folder.mkdir()
    rng = np.random.default_rng(0)
    base = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)[:280, 60:380]
    for number in range(80):
        turn = cv2.getRotationMatrix2D((164, 120), rng.uniform(-15, 15), rng.uniform(0.8, 1.2))
        picture = cv2.warpAffine(base, turn, (320, 280), borderMode=cv2.BORDER_REFLECT_101)
        picture = np.clip(picture * rng.uniform(0.6, 1.2, 3), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), picture[:, :: rng.choice((-1, 1))])
    rows = "".join(f"{number}.png,person {number}\n" for number in range(80))
    (folder / "manifest.csv").write_text(f"path,group\n{rows}")
    return folder


@pytest.mark.slow
def test_a_folder_of_faces_becomes_a_network_with_its_card(crowd: Path, tmp_path: Path) -> None:
    training = FaceTraining(
        pairs=48,
        remade_pairs=0,
        cloned_pairs=16,
        validation_pairs=120,
        held_out=0.5,
        autoencoder_steps=0,
        steps=4,
        batch_pairs=4,
        save_every=2,
        pretrained=False,
    )
    steps: list[int] = []
    out = tmp_path / "out"
    path = make_face(crowd, out, training, sources="tests", trained=lambda p: steps.append(p.step))
    assert steps == [1, 2, 3, 4]
    card = read_card(path, FaceCard)
    assert card.content["training"]["faces"].keys() == {"train", "validation"}
    assert sum(card.content["training"]["faces"].values()) > 70
    assert set(card.content["errors"]["recipes"]) == {"blend", "bands", "clone"}
    rules = rules_of(card)
    assert rules.thresholds.false_alarms <= 0.05
    assert (out / "weights" / "face.onnx").stat().st_size + path.stat().st_size < 6e6
    rgb = data.astronaut()
    judge = FaceJudge(session_of(card), card)
    reading = judge.read(rgb, find_landmarks(rgb)[0])
    assert np.isfinite(reading.logit)
    assert reading.where.shape == (14, 14)
    assert rules.coverage is not None
    assert np.isfinite(rules.coverage.distance(reading.features))
    # what is there is kept: the same call goes on from the end, with the same result
    before = path.read_bytes()
    make_face(crowd, out, training, sources="tests", resume=True)
    assert json.loads(path.read_bytes())["sha256"] == json.loads(before)["sha256"]
    with pytest.raises(InputError, match="learning_rate differ"):
        changed = FaceTraining(**{**card.content["training"]["settings"], "learning_rate": 1.0})
        make_face(crowd, out, changed, resume=True)


def test_no_group_is_on_both_sides() -> None:
    from types import SimpleNamespace

    people = [SimpleNamespace(group=f"person {n % 300}") for n in range(900)]
    sides = split_people(people, 0.2, seed=0)
    names = [{one.group for one in side} for side in sides.values()]
    assert not names[0] & names[1]
    assert sum(map(len, sides.values())) == 900
    assert len(names[1]) / 300 == pytest.approx(0.2, abs=0.07)
