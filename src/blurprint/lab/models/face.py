"""The network that looks at one face: whether something was pasted over it, and where."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn

from blurprint.lab.models.backbone import create_backbone
from blurprint.lab.models.imagenet import imagenet_weights

BACKBONE: Final = "tf_efficientnet_lite0"
_MIDDLE: Final = 4
"""The last stage of blocks at a sixteenth of the picture's size."""


class FaceJudgement(NamedTuple):
    """What the network says of faces.

    Attributes:
        logit: float (N,), above 0 for a pasted face.
        where: float (N, S / 16, S / 16), a logit for each part: whether it was pasted.
        features: float (N, 1280), the mean of the last features, before the logit.
    """

    logit: Tensor
    where: Tensor
    features: Tensor


class FaceNetwork(nn.Module):
    """EfficientNet-Lite0 (Tan and Le 2019) with two heads, one for the face and one for its parts.

    Faces are float (N, 3, S, S) in [0, 1], S a multiple of 32; they are normalised to [-1, 1] here.

    Args:
        pretrained: begin with ImageNet weights.

    Raises:
        BlurprintError: if those cannot be had.
    """

    def __init__(self, *, pretrained: bool = True) -> None:
        """See the class."""
        super().__init__()
        net: Any = create_backbone(BACKBONE)  # timm's stubs know no parts of a network
        self.net = net
        self.origin: dict[str, object] = {}
        if pretrained:
            start = imagenet_weights(BACKBONE)
            net.load_state_dict(start.state, strict=False)
            self.origin = start.origin
        width = int(net.num_features)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(width, 1)
        self.parts = nn.Conv2d(int(net.blocks[_MIDDLE][-1].bn3.num_features), 1, 1)

    def forward(self, faces: Tensor) -> FaceJudgement:
        """See the class."""
        net: Any = self.net
        x = net.bn1(net.conv_stem(faces * 2 - 1))
        middle = x
        for place, stage in enumerate(net.blocks):
            x = stage(x)
            if place == _MIDDLE:
                middle = x
        x = net.bn2(net.conv_head(x))
        features = x.mean(dim=(2, 3))
        logit = self.head(self.dropout(features))[:, 0]
        return FaceJudgement(logit, self.parts(middle)[:, 0], features)


def face_loss(judged: FaceJudgement, labels: Tensor, masks: Tensor, pairs: float) -> Tensor:
    """Cross entropy of face and parts, and of which member of a pair is the fake.

    Args:
        judged: of N faces; the second half are the fakes of the first, in the same order.
        labels: float (N,), 1 for a fake.
        masks: float (N, S / 16, S / 16) in [0, 1], where something was pasted.
        pairs: weight of the comparison within a pair.
    """
    cross = nn.functional.binary_cross_entropy_with_logits
    real, fake = judged.logit.float().chunk(2)
    apart = nn.functional.softplus(real - fake).mean()
    where = cross(judged.where.float(), masks)
    return torch.as_tensor(cross(judged.logit.float(), labels) + pairs * apart + 0.5 * where)
