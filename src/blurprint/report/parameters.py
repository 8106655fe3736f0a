"""The constants behind a report, so that it can be repeated."""

from __future__ import annotations

from blurprint.evidence.centre_border import CENTRE_SIDE
from blurprint.evidence.confident import CONFIDENT, MIN_SHARE
from blurprint.evidence.variance_map import WINDOW
from blurprint.optics.tolerance import TOLERANCE_PX, TOLERANCE_SHARE

Parameters = dict[str, float | list[float]]


def evidence_parameters() -> Parameters:
    """Constants of the evidence rows."""
    return {
        "confident_from": CONFIDENT,
        "least_confident_share": MIN_SHARE,
        "centre_side_share": CENTRE_SIDE,
        "local_variance_window_px": WINDOW,
    }


def weights_of(method: str) -> str | None:
    """SHA-256 of the ONNX file behind a method; None for a method that has none or is not ours."""
    from blurprint.optics.net import NETWORKS
    from blurprint.weights.card import shipped

    return str(shipped(NETWORKS[method]).content["sha256"]) if method in NETWORKS else None


def estimator_parameters(method: str) -> Parameters:
    """Main constants of an estimator; empty for one that is not ours."""
    from blurprint.optics import edge, net, paper

    if method == "edge":
        return {
            "kernel_sigmas_px": list(edge.SCALES),
            "pyramid_levels_at_most": edge.MAX_LEVELS,
            "least_step": edge.MIN_STEP,
            "noise_gate_sigmas": edge.NOISE_GATE,
            "tolerance_px": TOLERANCE_PX,
            "tolerance_share": TOLERANCE_SHARE,
            "reach_px": edge.REACH_PX,
        }
    if method in net.NETWORKS:
        return {
            "most_pixels_at_once": net.MOST_PIXELS,
            "margin_px": net.MARGIN,
            "pyramid_levels_at_most": net.MAX_LEVELS,
            "coarser_level_from_px": net.COARSE_FROM,
            "coarser_level_fully_from_px": net.COARSE_FULL,
        }
    if method in ("paper", "paper-release"):
        return {
            "kernel_sigmas_px": list(paper.FIGURES if method == "paper" else paper.RELEASE),
            "kernel_radius_px": paper.TAP_RADIUS,
            "canny_sigma_px": paper.CANNY_SIGMA,
            "sigma_cap": paper.SIGMA_CAP,
            "guided_filter_radius_px": paper.GUIDED_RADIUS,
            "guided_filter_eps": paper.GUIDED_EPS,
        }
    return {}
