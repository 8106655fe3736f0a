// The colour scale of a map in its unit, and what its kinds of drawing mean.

import { el, svg } from "./dom.js";

const [CONFIDENT, GUESSED] = [0.5, 0.25];

/** Four to seven round numbers from 0 to at most `top`, as report/distribution.py. */
export function ticks(top) {
  const power = 10 ** Math.floor(Math.log10(top));
  const step = [0.1, 0.2, 0.25, 0.5, 1, 2].map((one) => one * power).find((one) => top / one < 6.5);
  const count = Math.floor((top / step) * (1 + 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** The end of a report's colour scale in the unit of its map; null where it states none. */
function ownTop(report) {
  return report.defocus.histogram?.edges.at(-1) ?? null;
}

/** The end of a report's colour scale in native pixels; null for a map without pixels or values. */
export function nativeTop(report) {
  const top = ownTop(report);
  return top !== null && report.method.unit === "px" ? top / report.input.scale : null;
}

/** The legend of a report's map. `shared`: end of the scale in native pixels, if not its own;
 * `stated`: what the values of the map state as its own, of a clip, whose report does not. */
export function mapLegend(report, { shared = null, stated = null } = {}) {
  const { unit } = report.method;
  const whole = report.input.photograph.share === 1;
  const patch = (kind, text) =>
    el("li", {}, el("span", { class: `patch ${kind}`, "aria-hidden": "true" }), text);
  const kinds = [];
  if (unit === "px") {
    kinds.push(
      patch("measured", "measured: dark is sharp, bright is blurred"),
      patch("unsure", `not measured: confidence below ${CONFIDENT}; a guess`),
      patch("unknown", `unknown: confidence below ${GUESSED}`),
    );
  }
  if (!whole) kinds.push(patch("absent", "no photograph: hatched crosswise, not measured"));
  return el(
    "div",
    { class: "map-legend" },
    shared === null ? scale(report, stated) : sharedScale(shared),
    el("ul", { class: "legend" }, kinds),
  );
}

function scale(report, stated) {
  const { unit } = report.method;
  const top = ownTop(report) ?? (report.defocus.percentiles ? stated : null);
  if (top === null) return el("p", { class: "soft" }, "Nothing in this picture could be measured.");
  const native = unit === "px" ? top / report.input.scale : null;
  const end = rounded(top);
  const rows = [ticksRow(top, unit, 15)];
  if (native !== null && report.input.scale !== 1) rows.push(ticksRow(native, "px native", 38));
  return ramp(
    rows,
    `Colour scale from 0 to ${end} ${unit}.`,
    unit === "px" ? "Blur is its standard deviation, in pixels. " : "",
    `Colour runs from 0 to ${end} ${unit}; larger values look like the largest. Colours are ` +
      "exact where the map covers the photograph whole.",
  );
}

const rounded = (value) => Number(value.toPrecision(3));

function sharedScale(top) {
  const end = rounded(top);
  return ramp(
    [ticksRow(top, "px native", 15)],
    `Colour scale from 0 to ${end} native pixels.`,
    "Blur is its standard deviation, here in native pixels. Both maps have the same colours, " +
      `from 0 to ${end} px native; larger values look like the largest.`,
  );
}

function ramp(rows, label, ...caption) {
  const height = rows.length > 1 ? 44 : 20;
  return el(
    "figure",
    { class: "colours" },
    el("div", { class: "ramp", "aria-hidden": "true" }),
    svg("svg", { class: "plot", height, role: "img", "aria-label": label }, rows),
    el("figcaption", {}, caption),
  );
}

function ticksRow(end, name, y) {
  const marks = ticks(end).flatMap((value) => {
    const x = `${(100 * value) / end}%`;
    return [
      svg("line", { class: "axis", x1: x, x2: x, y1: y - 15, y2: y - 10 }),
      svg("text", { x, y, "text-anchor": value === 0 ? "start" : "middle" }, String(value)),
    ];
  });
  return [...marks, svg("text", { x: "100%", y, dx: 26 }, name)];
}
