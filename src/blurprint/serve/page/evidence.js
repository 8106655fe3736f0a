// Rows of evidence: values with errors, and a strip that shows where they lie among ordinary ones.

import { el, svg } from "./dom.js";
import { inUnit, isUnusual, rowWords } from "./words.js";

const [WIDTH, HEIGHT, MIDDLE] = [200, 22, 11];

/** A table of rows of report.json. `scale`: working over native size. */
export function evidenceTable(rows, caption, scale) {
  const heads = ["Measurement", "Value and error", "How usual", "In words"];
  return el(
    "table",
    { class: "evidence" },
    el("caption", {}, caption),
    el("thead", {}, el("tr", {}, heads.map((text) => el("th", { scope: "col" }, text)))),
    el("tbody", {}, rows.map((row) => tableRow(row, scale))),
  );
}

function tableRow(row, scale) {
  const words = rowWords(row, scale);
  const small = (text) => (text ? el("span", { class: "small soft" }, text) : null);
  return el(
    "tr",
    { "data-name": row.name },
    el("th", { scope: "row" }, row.title),
    el("td", { class: "value" }, words.value, small(words.error), small(words.native)),
    el("td", { class: "usual" }, words.usual, strip(row), small(words.like)),
    el("td", {}, row.sentence),
  );
}

/** A strip: band of nine tenths of ordinary photographs, and the value with its error; or null. */
export function strip(row) {
  if (row.value === null || !row.reference) return null;
  const { low, high } = row.reference;
  const error = row.error ?? 0;
  const [least, most] = [Math.min(low, row.value - error), Math.max(high, row.value + error)];
  const margin = 0.08 * (most - least) || 1;
  const x = (value) => (WIDTH * (value - least + margin)) / (most - least + 2 * margin);
  const at = x(row.value);
  const line = (name, from, to, y = MIDDLE) =>
    svg("line", { class: name, x1: from, x2: to, y1: y, y2: y });
  const text =
    `Nine tenths of ordinary photographs lie between ${inUnit(low, row.unit)} and ` +
    `${inUnit(high, row.unit)}; this one is at ${inUnit(row.value, row.unit)}.`;
  return svg(
    "svg",
    {
      class: isUnusual(row) ? "strip apart" : "strip",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": text,
    },
    line("axis", 0, WIDTH),
    svg(
      "rect",
      { class: "band", x: x(low), width: x(high) - x(low), y: MIDDLE - 5, height: 10, rx: 2 },
    ),
    error ? line("error", x(row.value - error), x(row.value + error)) : null,
    svg("circle", { class: "value-mark", cx: at, cy: MIDDLE, r: 5 }),
  );
}
