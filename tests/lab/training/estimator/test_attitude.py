"""All attitudes of a picture, each with its way back."""

from __future__ import annotations

import torch

from blurprint.lab.training.estimator.attitude import Attitude


def test_seven_attitudes_differ_from_the_picture_and_each_other_and_lead_back():
    picture = torch.arange(2 * 3 * 4 * 4.0).reshape(2, 3, 4, 4)
    seen = [Attitude.of_step(step).of(picture) for step in range(7)]
    for step, turned in enumerate(seen):
        assert not torch.equal(turned, picture)
        assert not any(torch.equal(turned, other) for other in seen[:step])
        assert torch.equal(Attitude.of_step(step).back(turned), picture)
    assert torch.equal(Attitude.of_step(7).of(picture), seen[0])
