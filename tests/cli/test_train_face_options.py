"""The options of `blurprint train face` are the settings of the training, defaults too."""

from __future__ import annotations

import inspect
from dataclasses import fields

from blurprint.cli.train_face import face
from blurprint.lab.training.face.settings import FaceTraining

NOT_OFFERED = {"held_out", "batch_pairs", "weight_decay", "comparison", "averaging"}


def test_what_is_left_out_is_as_in_the_settings() -> None:
    options = {name: one.default for name, one in inspect.signature(face).parameters.items()}
    settings = FaceTraining()
    names = {field.name for field in fields(settings)} - NOT_OFFERED
    assert names <= set(options)
    assert {name: options[name] for name in names} == {
        name: getattr(settings, name) for name in names
    }
