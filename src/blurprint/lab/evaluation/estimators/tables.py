"""The benchmark of the estimators as Markdown: tables, figures, and where the network loses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from blurprint.lab.evaluation.estimators.benchmark import Benchmark
from blurprint.lab.evaluation.estimators.held_out import CONDITIONS
from blurprint.lab.evaluation.estimators.held_out_errors import ALL, MILD_GROUP
from blurprint.lab.evaluation.estimators.losses import losses
from blurprint.lab.evaluation.estimators.matched_blur import EXPLAINED, Matched
from blurprint.lab.evaluation.estimators.multifocus import Ordering
from blurprint.lab.evaluation.estimators.timing import BASELINE, LARGE, Times
from blurprint.lab.pages.markdown import interval, number, percent, table
from blurprint.optics.methods import METHODS


def render_tables(benchmark: Benchmark, images: str = "") -> str:
    """The whole results section.

    Args:
        benchmark: the numbers.
        images: prefix of the figures' file names, such as ``images/``.
    """
    parts = [_setup(benchmark), _summary(benchmark), _conditions(benchmark)]
    parts += [_image("error-by-condition", "Mean error of each method by condition", images)]
    parts += [_levels(benchmark)]
    parts += [_image("error-by-blur", "Mean error of each method by true blur", images)]
    parts += [_density(benchmark), _calibration(benchmark)]
    parts += [_image("reliability", "Share of right pixels by confidence", images)]
    parts += [_stripes(benchmark)]
    if benchmark.multifocus is not None:
        parts.append(_multifocus(benchmark.multifocus))
    if benchmark.matched is not None:
        text = "What each method reads of real defocus, by the blur that was matched"
        parts += [_matched(benchmark.matched), _image("matched-blur", text, images)]
    if benchmark.times is not None:
        text = "Error on held-out renders against the time of a small picture"
        parts += [_times(benchmark.times), _image("error-by-time", text, images)]
        parts += [_memory(benchmark.times)]
    parts.append(_losses(benchmark))
    parts += ["### A photograph", _image("maps", "One photograph and its maps", images)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _setup(benchmark: Benchmark) -> str:
    setup, plan, held_out = benchmark.setup, benchmark.setup.plan, benchmark.held_out
    machine = setup.machine
    software = ", ".join(f"{name} {number}" for name, number in setup.versions.items())
    return (
        f"{plan.scenes} scenes of {plan.size} x {plan.size} px, seed {plan.seed}, each under "
        f"{len(CONDITIONS)} conditions; {held_out.pictures:,} pictures, {held_out.pixels:,} pixels "
        f"compared, from {setup.photographs} photographs that no training saw. Network "
        f"`{setup.network['sha256'][:12]}`. Machine: {machine['processor']}, "
        f"{machine['cores']} cores, {machine['system']}. Software: {software}."
    )


def _summary(benchmark: Benchmark) -> str:
    held_out = benchmark.held_out
    rows = []
    for name, by_condition in held_out.errors.items():
        mild, whole = by_condition[MILD_GROUP], by_condition[ALL]
        rows.append(
            [
                f'"{name}"',
                number(mild.mean.value),
                interval(whole.mean),
                number(whole.textured),
                number(whole.flat),
                number(whole.weighted),
                number(whole.bias, signed=True),
                number(whole.rank_correlation),
                number(whole.rank_correlation_by_picture),
            ]
        )
    mild_constant, constant = held_out.constant[MILD_GROUP], held_out.constant[ALL]
    rows.append(["a constant", number(mild_constant), number(constant), *["–"] * 6])
    header = ["method", MILD_GROUP, "all conditions", "in texture", "elsewhere"]
    header += ["weighted by confidence", "bias", "rank correlation", "within pictures"]
    return (
        "### Held-out renders\n\nMean absolute error in px of sigma, with the 95 % interval of a "
        f"bootstrap over scenes; the same in texture ({100 * held_out.share_textured:.0f} % of "
        "the pixels) and elsewhere, where all within 12 px is flat, of low contrast or strongly "
        "blurred; with each pixel weighted by the method's own confidence; "
        "mean of read minus true; Spearman's rank correlation over all pixels, and its mean over "
        f"the {held_out.pictures_ranked:,} pictures whose true blur spans at least 0.5 px. The "
        "constant is the median of the true blur: what one knows without looking. "
        + _units_note(list(held_out.errors))
        + "\n\n"
        + table(header, rows)
    )


def _conditions(benchmark: Benchmark) -> str:
    errors = benchmark.held_out.errors
    conditions = [c for c in next(iter(errors.values())) if c != MILD_GROUP]
    header = ["condition", *_quoted(errors)]
    means = [[c, *(interval(e[c].mean) for e in errors.values())] for c in conditions]
    ranks = [[c, *(number(e[c].rank_correlation) for e in errors.values())] for c in conditions]
    return (
        "### By condition\n\nMean absolute error, px:\n\n"
        + table(header, means)
        + "\n\nRank correlation over all pixels:\n\n"
        + table(header, ranks)
    )


def _levels(benchmark: Benchmark) -> str:
    held_out = benchmark.held_out
    total = sum(held_out.pixels_by_level)
    rows = []
    for place, (low, high) in enumerate(pairwise(held_out.levels_px)):
        errors = [held_out.errors[name][ALL].by_level[place] for name in held_out.errors]
        share = f"{100 * held_out.pixels_by_level[place] / max(total, 1):.0f} %"
        rows.append([f"{low:g} to {high:g} px", share, *map(number, errors)])
    header = ["true blur", "of the pixels", *_quoted(held_out.errors)]
    return "### By true blur\n\nMean absolute error in px, all conditions.\n\n" + table(
        header, rows
    )


def _density(benchmark: Benchmark) -> str:
    rows = [
        [
            third.name,
            f"{100 * third.edge_share:.1f} %",
            number(third.true_blur),
            *(number(value) for value in third.mean.values()),
        ]
        for third in benchmark.held_out.density
    ]
    header = ["scenes with", "strong gradients", "mean true blur, px"]
    header += _quoted(benchmark.held_out.errors)
    return (
        "### By density of edges\n\nMean absolute error in px, all conditions, in thirds of the "
        "scenes by the share of their pixels with a strong gradient. Blurred scenes have fewer "
        "strong gradients, so true blur differs between the thirds; `estimators.json` has each "
        "third by true blur as well.\n\n" + table(header, rows)
    )


def _calibration(benchmark: Benchmark) -> str:
    held_out = benchmark.held_out
    parts = ["### Is the confidence true?"]
    for name, by_condition in held_out.headline.items():
        whole = by_condition[ALL]
        parts.append(
            f'Of the {whole.pixels:,} pixels that "{name}" gives a confidence of 0.75 to 0.85 '
            f"(mean {number(whole.mean_confidence)}), {percent(whole.share_right)} are within "
            "0.25 px or 15 %, whichever is larger."
        )
        rows = [
            [number(b.confidence), f"{100 * b.share_right:.1f} %", f"{b.pixels:,}"]
            for b in held_out.reliability[name]
        ]
        parts.append(table(["mean confidence", "within 0.25 px or 15 %", "pixels"], rows))
        rows = [
            [condition, percent(line.share_right), f"{line.pixels:,}"]
            for condition, line in by_condition.items()
        ]
        header = ["condition", "within 0.25 px or 15 % at confidence 0.75 to 0.85", "pixels"]
        parts.append(table(header, rows))
    return "\n\n".join(parts)


def _stripes(benchmark: Benchmark) -> str:
    widths = [str(width) for width in benchmark.stripes[0].by_width_px]
    rows = []
    for line in benchmark.stripes:
        for how, values, spread in (
            ("median", line.by_width_px, line.spread),
            ("weighted mean", line.weighted_by_width_px, line.weighted_spread),
        ):
            readings = [number(value) for value in values.values()]
            rows.append([line.lens, f'"{line.method}"', how, *readings, number(spread)])
    header = ["blur", "method", "reading", *(f"{width} px" for width in widths), "largest/smallest"]
    return (
        f"### Stripes\n\nStripes of four widths, all blurred by {benchmark.stripes[0].sigma_px:g} "
        "px, through a Gaussian (of sRGB values) and through a disk (of linear light): the median "
        "of the map, and its mean weighted by confidence. A reading that depends on the blur alone "
        "is the same for all widths. No ratio is given where a reading is 0 or less.\n\n"
        + table(header, rows)
    )


def _multifocus(ordering: Ordering) -> str:
    blocks = sum(pair.blocks for pair in ordering.pairs)
    rows = [
        [f'"{name}"', percent(ordering.right[name]), percent(ordering.weighted[name])]
        for name in ordering.right
    ]
    return (
        f"### Real defocus\n\n{len(ordering.pairs)} pairs of photographs of one scene, focused "
        f"near and far. In {blocks:,} blocks of 32 px one side has more than twice the gradient "
        "energy of the other; the share of these blocks where the method's median blur is lower "
        "on that side, mean over pairs with the 95 % interval of a bootstrap over pairs. Guessing "
        "gives 50 %.\n\n" + table(["method", "ordered rightly", "weighted by confidence"], rows)
    )


def _matched(matched: Matched) -> str:
    rows = [
        [
            f'"{name}"',
            interval(error.mean),
            number(error.weighted),
            number(error.bias, signed=True),
            number(error.rank_correlation),
        ]
        for name, error in matched.errors.items()
    ]
    middle = matched.matched
    header = ["method", "mean difference", "weighted by confidence", "bias", "rank correlation"]
    return (
        f"### Real defocus, in pixels\n\nIn {matched.blocks:,} of these blocks, of "
        f"{matched.pairs} pairs, the sharper side is sharp itself, and one blur of linear light "
        f"turns it into the other, but for at most {100 * (1 - EXPLAINED):.0f} % of the variance "
        "of what they differ by. Its sigma, found by trying and with no part of any method "
        f"(quartiles {number(middle.lower)}, {number(middle.median)} and {number(middle.upper)} "
        "px), against the median that each "
        "method reads there in the blurred picture: mean absolute difference in px, with the 95 % "
        "interval of a bootstrap over pairs; the same, each block weighted by the method's "
        "confidence; mean of read minus matched; Spearman's rank correlation over the blocks.\n\n"
        + table(header, rows)
    )


def _times(times: Times) -> str:
    rows = [
        [
            f"{row.width} x {row.height}",
            str(row.threads),
            "baseline" if row.method == BASELINE else f'"{row.method}"',
            f"{row.median_ms:.1f}",
            f"{row.low_ms:.1f} to {row.high_ms:.1f}",
            f"{row.ratio:.2g}",
        ]
        for row in times.timings
    ]
    header = ["pixels", "threads", "method", "median, ms", "quartiles, ms", "baseline / it"]
    return (
        "### Times\n\nscikit-image's public-domain samples, in fresh processes bound to as many "
        "cores as threads. The baseline is a plain restatement of the paper's map with "
        "scikit-image and SciPy (one thread), timed in turn with the methods; a ratio above 1 is "
        "faster than it.\n\n" + table(header, rows)
    )


def _memory(times: Times) -> str:
    idle = times.memory[0].idle_mb
    rows = [
        [f'"{row.method}"', f"{row.peak_mb:.0f}", f"{row.peak_mb - row.idle_mb:.0f}"]
        for row in times.memory
    ]
    return (
        f"Peak memory of a process that reads one picture of {LARGE[1]} x {LARGE[0]} px (2 "
        f"megapixels), in MB, and what exceeds the {idle:.0f} MB of one that has loaded libraries "
        "and the picture:\n\n" + table(["method", "peak", "of which reading"], rows)
    )


def _losses(benchmark: Benchmark) -> str:
    found = losses(benchmark)
    if not found:
        return '### Where "net" loses\n\nNowhere in this run.'
    return '### Where "net" loses\n\n' + "\n".join(f"- {line}" for line in found)


def _units_note(methods: Sequence[str]) -> str:
    names = [f'"{name}"' for name in methods if not METHODS[name].in_pixels]
    if not names:
        return ""
    return (
        f"The maps of {' and '.join(names)} have no unit: their errors take the values for "
        "pixels, and their rank correlation is what is fair to them."
    )


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _image(name: str, text: str, images: str) -> str:
    return f"![{text}]({images}estimators-{name}.png)"
