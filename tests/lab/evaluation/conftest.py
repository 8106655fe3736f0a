from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Card of a small network of random weights."""
    torch = pytest.importorskip("torch")
    from blurprint.lab.models.estimator import EstimatorConfig, EstimatorNet
    from blurprint.lab.training.estimator.export import write_weights

    torch.manual_seed(0)
    config = EstimatorConfig(
        channels=(4, 4, 4),
        encoder_blocks=(0, 0, 0),
        decoder_blocks=(0,),
        encoder_depthwise=(0, 0, 0),
        decoder_depthwise=(0,),
    )
    content = {
        "confidence": {"log_scale": [-3.0, 1.0], "probability": [1.0, 0.0], "tolerance_px": 0.25}
    }
    folder = tmp_path_factory.mktemp("weights")
    return write_weights(EstimatorNet(config), folder, "tiny", content)
