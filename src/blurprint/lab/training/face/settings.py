"""Settings of the face network's training."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from blurprint.invalid import STRICT, our_errors

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


@our_errors
@dataclass(frozen=True, config=STRICT)
class FaceTraining:
    """Settings of a training; the card of the network that ships holds those that made it.

    Attributes:
        pairs: rendered for training, of degraded faces.
        remade_pairs: rendered for training, of faces that autoencoders made.
        cloned_pairs: rendered for training, of faces joined by their gradients.
        validation_pairs: rendered of people held out, of each recipe.
        held_out: share of the groups that are held out.
        autoencoder_steps: batches that each autoencoder learns from; 0 leaves them out.
        steps: batches in all.
        batch_pairs: pairs in a batch.
        learning_rate: its peak, in one cycle (Smith and Topin 2019).
        weight_decay: of AdamW.
        comparison: weight of the comparison within pairs.
        averaging: share of the old weights that the moving average keeps at every step.
        seed: of everything.
        blur_weight: what a standard deviation of blur among ordinary portraits adds to the
            network's logit, in standard deviations of the logits of real faces; 0 leaves blur out.
        save_every: steps from one checkpoint and validation to the next.
        pretrained: begin with ImageNet weights.
        free_only: use only faces whose licence allows republication (public domain, CC0).

    Raises:
        InputError: if a value is of another type or out of range.
    """

    pairs: Count = 14000
    remade_pairs: Annotated[int, Field(ge=0)] = 4000
    cloned_pairs: Annotated[int, Field(ge=0)] = 4000
    validation_pairs: Count = 400
    held_out: Share = 0.15
    autoencoder_steps: Annotated[int, Field(ge=0)] = 1200
    steps: Count = 3000
    batch_pairs: Count = 16
    learning_rate: Annotated[float, Field(gt=0)] = 6e-4
    weight_decay: Annotated[float, Field(ge=0)] = 0.02
    comparison: Annotated[float, Field(ge=0)] = 0.5
    averaging: Share = 0.995
    seed: Annotated[int, Field(ge=0)] = 0
    blur_weight: Annotated[float, Field(ge=0)] = 0.25
    save_every: Count = 200
    pretrained: bool = True
    free_only: bool = False
