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

/** The legend of a report's map. */
export function mapLegend(report) {
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
  return el("div", { class: "map-legend" }, scale(report), el("ul", { class: "legend" }, kinds));
}

function scale(report) {
  const { histogram } = report.defocus;
  if (!histogram) return el("p", { class: "soft" }, "Nothing in this picture could be measured.");
  const top = histogram.edges.at(-1);
  const { unit } = report.method;
  const { scale: perNative } = report.input;
  const native = unit === "px" && perNative !== 1;
  const row = (end, by, name, y) =>
    ticks(end).flatMap((value) => [
      svg("line", { class: "axis", x1: `${(100 * value) / end}%`, x2: `${(100 * value) / end}%`, y1: y - 15, y2: y - 10 }),
      svg(
        "text",
        { x: `${(100 * value) / end}%`, y, "text-anchor": value === 0 ? "start" : value === end ? "end" : "middle" },
        value === 0 ? `0 ${name}` : String(value),
      ),
    ]);
  return el(
    "figure",
    { class: "colours" },
    el("div", { class: "ramp", "aria-hidden": "true" }),
    svg(
      "svg",
      { class: "plot", height: native ? 44 : 20, role: "img", "aria-label": `Colour scale from 0 to ${top} ${unit}.` },
      row(top, 1, unit, 15),
      native ? row(top / perNative, perNative, "px native", 38) : null,
    ),
    el(
      "figcaption",
      {},
      unit === "px" ? "Blur is its standard deviation, in pixels. " : "",
      `Colour runs from 0 to ${top} ${unit}; larger values look like the largest. Colours are exact where the map covers the photograph whole.`,
    ),
  );
}
