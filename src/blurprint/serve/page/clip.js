// A clip over time: what every frame says of each face, as two charts, and how it was read.

import { el, svg } from "./dom.js";
import { ticks } from "./legend.js";
import { section } from "./sections.js";
import { inUnit, number, signedPercent } from "./words.js";

// MOST faces are drawn. Places along y are in pixels, along x in percent: text keeps its size.
const [MOST, HEIGHT, FLOOR, TOP, LEAST_APART] = [6, 200, 168, 10, 16];
const LEAST_SPAN = 0.4;

/** The section of a clip; null for a picture. */
export function clipSection(report) {
  const { clip, frames } = report;
  if (!clip) return null;
  const shown = clip.tracks.slice(0, MOST);
  const rest = clip.tracks.length - shown.length;
  const charts = [
    chart(frames, shown, {
      title: "Likelihood ratio, as log10",
      caption: "Each point is a frame that could be judged; above 0 it speaks for a pasted face.",
      take: (face) => [face.log10_likelihood_ratio, null],
      tell: (value) => number(value).replace("-", "−"),
    }),
    chart(frames, shown, {
      title: "Blur of the inner face against its surround",
      caption:
        "Each point is a frame in which both could be measured, with the scatter of the " +
        "comparison; above 0 % the inner face is more blurred.",
      take: (face) => [face.difference.value, face.difference.error],
      tell: signedPercent,
    }),
  ].filter((one) => one !== null);
  return section(
    "clip",
    "Over time",
    el("p", {}, readWords(clip)),
    clip.failed.length
      ? el(
        "p",
        {},
        "Frames that could not be measured: " +
          `${clip.failed.map((one) => `${one.frame} (${one.reason})`).join(", ")}.`,
      )
      : null,
    charts.length
      ? charts
      : el(
        "p",
        {},
        "No face was measured in any frame, so that there is nothing to show over time.",
      ),
    shown.length > 1
      ? el(
        "ul",
        { class: "legend" },
        shown.map(
          (track) => el(
            "li",
            {},
            svg(
              "svg",
              {
                viewBox: "0 0 12 12",
                width: 12,
                height: 12,
                class: `track-${track.number}`,
                "aria-hidden": "true",
              },
              svg("circle", { cx: 6, cy: 6, r: 4 }),
            ),
            `face ${track.number}, in ${track.frames} frames`,
          ),
        ),
      )
      : null,
    rest > 0 ? el("p", { class: "soft" }, `${rest} more faces are not drawn.`) : null,
  );
}

/** Which frame of a clip is shown, as a sentence; "" for a picture. */
export function shownFrame(report) {
  const [first] = report.clip?.shown ?? [];
  if (!first) return "";
  return (
    `Shown is frame ${first.frame}, at ${number(first.time_s)} s (${first.why}). The outlines are ` +
    "of the faces in this frame; more frames are in the report."
  );
}

/** The faces whose landmarks belong to the frame that is shown. */
export function facesShown(report) {
  const [first] = report.clip?.shown ?? [];
  return first ? report.faces.filter((face) => face.frame === first.frame) : report.faces;
}

function readWords(clip) {
  const missing = clip.not_decoded ? ` ${clip.not_decoded} could not be decoded.` : "";
  return (
    `${clip.analysed} frames were measured.${missing} Frames of one clip are alike: many of them ` +
    "do not make a result more certain."
  );
}

function chart(frames, tracks, { title, caption, take, tell }) {
  const series = tracks.map((track) => [
    track.number,
    frames.flatMap((frame) =>
      frame.faces
        .filter((face) => face.track === track.number)
        .map((face) => [frame.time_s, ...take(face)])
        .filter(([, value]) => value !== null),
    ),
  ]);
  const values = series.flatMap(([, points]) => points.map(([, value]) => value));
  if (!values.length) return null;
  const ends = series.flatMap(
    ([, points]) => points.flatMap(
      ([, value, error]) => [value - (error ?? 0), value + (error ?? 0)],
    ),
  );
  const end = Math.max(...frames.map((frame) => frame.time_s), 0.04);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  let [low, high] = [Math.min(...ends, 0), Math.max(...ends, 0)];
  const margin = Math.max(LEAST_SPAN - (high - low), 0.1 * (high - low)) / 2;
  [low, high] = [low - margin, high + margin];
  const x = (seconds) => `${((100 * seconds) / end).toFixed(3)}%`;
  const y = (value) => FLOOR - ((FLOOR - TOP) * (value - low)) / (high - low);
  const marks = [0, least, most].filter(
    (value, index, all) => all.slice(0, index).every(
      (other) => Math.abs(y(other) - y(value)) >= LEAST_APART,
    ),
  );
  const line = (name, x1, y1, x2, y2) => svg("line", { class: name, x1, y1, x2, y2 });
  const point = ([seconds, value, error]) => [
    error === null
      ? null
      : line("error", x(seconds), y(value - error), x(seconds), y(value + error)),
    svg(
      "circle",
      { cx: x(seconds), cy: y(value), r: 3.5 },
      svg("title", {}, `${number(seconds)} s: ${tell(value)}`),
    ),
  ];
  const range = `from ${tell(least)} to ${tell(most)}`;
  return el(
    "figure",
    { class: "timeline" },
    el("figcaption", {}, el("b", {}, title), `, ${range}. ${caption}`),
    svg(
      "svg",
      { height: HEIGHT, role: "img", "aria-label": `${title} over ${inUnit(end, "s")}, ${range}.` },
      marks.map((value) => [
        line("grid", 0, y(value), "100%", y(value)),
        svg("text", { x: -8, y: y(value) + 4, "text-anchor": "end" }, tell(value)),
      ]),
      ticks(end).map(
        (value) => svg(
          "text",
          { x: x(value), y: HEIGHT - 8, "text-anchor": "middle" },
          `${value} s`,
        ),
      ),
      series.map(([number, points]) => svg("g", { class: `track-${number}` }, points.map(point))),
    ),
  );
}
