// Two results side by side: by how much their evidence differs, and within which error.

import { el } from "./dom.js";
import { nativeTop } from "./legend.js";
import { section } from "./sections.js";
import { errorInUnit, inUnit, ratioInFigures, rowWords, scoreTitle } from "./words.js";

const NO_NATIVE =
  "the two were reduced by different factors, and the native size of one is not known";
const [LEAST_OVERLAP, SAME_SHAPE] = [0.2, 0.01];

/** What must be known before the two are compared, as sentences. */
export function cautionsOf(one, other) {
  const [a, b] = [one.report, other.report];
  const words = [];
  if (a.input.sha256 && a.input.sha256 === b.input.sha256) {
    words.push("Both are the same file, byte for byte.");
  }
  const shape = (input) => input.native_width / input.native_height;
  const same = Math.abs(shape(a.input) / shape(b.input) - 1) < SAME_SHAPE;
  if (!same) {
    words.push(
      "The two have different shapes, so one is cropped or stretched: places that are shown " +
        "together need not be the same part of the scene.",
    );
  }
  const size = (input) => `${input.native_width} × ${input.native_height}`;
  if (size(a.input) !== size(b.input)) {
    words.push(
      `The two have different sizes (${size(a.input)} and ${size(b.input)} pixels). Blur in ` +
        "pixels grows with the size: the same picture enlarged twice has twice the blur.",
    );
  }
  if (a.method.name !== b.method.name) {
    words.push(
      `The two were measured by different methods (“${a.method.name}” and “${b.method.name}”), ` +
        "which differ by more than pictures do.",
    );
  }
  if ([a, b].some((report) => nativeTop(report) === null)) {
    words.push(
      "The colours of the two maps have no common scale: read each by its own legend.",
    );
  }
  return words;
}

/** The differences of scores, evidence and faces. `names`: of the two. */
export function differencesSection(one, other, names) {
  const [a, b] = [one.report, other.report];
  const { pairs, alone } = pairedFaces(a, b);
  const scales = [a.input.scale, b.input.scale];
  const sides = [
    [a, names[0]],
    [b, names[1]],
  ];
  return section(
    "differences",
    "What differs",
    el(
      "dl",
      { class: "doubts" },
      sides.map(([report, name]) => [el("dt", {}, name), el("dd", {}, scoreWords(report.score))]),
    ),
    table("The map", a.evidence, b.evidence, scales, names),
    pairs.map(([left, right]) =>
      table(
        `Face ${left.number} of the first, face ${right.number} of the second: each value ` +
          "compares two parts of a picture, and the difference is by how many percent the first " +
          "comparison lies above the second",
        left.evidence,
        right.evidence,
        scales,
        names,
      ),
    ),
    alone.map((text) => el("p", {}, text)),
    origins(a, b, names),
  );
}

function scoreWords(score) {
  const title = scoreTitle(score);
  if (score.likelihood_ratio === null) return `${title}. ${score.abstain_reason ?? score.words}`;
  return `${title}, likelihood ratio ${ratioInFigures(score.likelihood_ratio, score.at_bound)}.`;
}

function table(caption, first, second, scales, names) {
  const reduced = scales.some((scale) => scale !== 1);
  const rows = first.map((row) => {
    const other = second.find((one) => one.name === row.name) ?? null;
    return reduced ? [atNative(row, scales[0]), atNative(other, scales[1])] : [row, other];
  });
  const heads = ["Measurement", ...names, "Difference"];
  const value = (row) => {
    if (!row) return el("td", {}, "not in this report");
    const words = rowWords(row, 1);
    const measured = row.measured ? `${row.measured} as measured` : "";
    return el(
      "td",
      { class: "value" },
      words.value,
      [words.error, measured].map((text) => text && el("span", { class: "small soft" }, text)),
    );
  };
  return el(
    "table",
    { class: "differences" },
    el(
      "caption",
      {},
      `${caption}. ± of a difference takes the two errors as independent.`,
      reduced ? " Lengths are compared in native pixels, those of each file." : null,
    ),
    el("thead", {}, el("tr", {}, heads.map((text) => el("th", { scope: "col" }, text)))),
    el(
      "tbody",
      {},
      rows.map(([a, b]) =>
        el("tr", {}, el("th", { scope: "row" }, a.title), value(a), value(b), differenceCell(a, b)),
      ),
    ),
  );
}

/** A row whose length is in native pixels, with its error and what was measured; all else stays.
 * `scale`: pixels as measured for each native one. A length without a native size is `sizeless`. */
export function atNative(row, scale) {
  if (!row || row.value === null || !/^px(\^2)?$/.test(row.unit)) return row;
  if (row.native === null) return { ...row, sizeless: true };
  const error = row.error === null ? null : row.error / scale ** (row.unit === "px^2" ? 2 : 1);
  const measured = scale === 1 ? "" : inUnit(row.value, row.unit);
  return { ...row, value: row.native, error, unit: `${row.unit} native`, measured };
}

/** The first value less the second, with its error and whether it is beyond that. */
export function difference(a, b) {
  if (!b || a.value === null || b.value === null) {
    return { text: "unknown", verdict: "not measured in both" };
  }
  if (a.sizeless || b.sizeless) {
    return { text: "not compared", verdict: NO_NATIVE };
  }
  if (a.unit !== b.unit) return { text: "unknown", verdict: "different units" };
  const by = a.value - b.value;
  const sign = by > 0 && a.unit !== "log ratio" ? "+" : "";
  const text = `${sign}${inUnit(by, a.unit).replace(/^-/, "−")}`;
  if (a.unit === "%") {
    return { text: text.replace("%", "percentage points"), verdict: "a count: no error" };
  }
  if (a.error === null || b.error === null) return { text, verdict: "error unknown" };
  const error = Math.hypot(a.error, b.error);
  const beyond = Math.abs(by) > 2 * error;
  const verdict = beyond ? "more than twice its error" : "within twice its error";
  return { text, verdict: `${errorInUnit(error, a.unit)}: ${verdict}`, beyond };
}

function differenceCell(a, b) {
  const { text, verdict, beyond } = difference(a, b);
  return el(
    "td",
    { class: beyond ? "value beyond" : "value" },
    text,
    el("span", { class: "small soft" }, verdict),
  );
}

/** Faces at the same place, and sentences for those without a partner. */
function pairedFaces(a, b) {
  const pairs = [];
  const free = new Set(b.faces);
  const alone = [];
  for (const face of a.faces) {
    const shares = [...free].map((other) => [overlap(face, a.input, other, b.input), other]);
    const [best, partner] = shares.sort((one, other) => other[0] - one[0])[0] ?? [0, null];
    if (best < LEAST_OVERLAP) {
      alone.push(`Face ${face.number} of the first has no face at its place in the second.`);
      continue;
    }
    free.delete(partner);
    pairs.push([face, partner]);
  }
  for (const { number } of free) {
    alone.push(`Face ${number} of the second has no face at its place in the first.`);
  }
  return { pairs, alone };
}

/** Intersection over union of two boxes, in shares of their pictures. */
function overlap(face, input, other, otherInput) {
  const ends = (box, { working_width: width, working_height: height }) => [
    box.left / width,
    box.top / height,
    (box.left + box.width) / width,
    (box.top + box.height) / height,
  ];
  const [a, b] = [ends(face.box, input), ends(other.box, otherInput)];
  const length = (from, to) => Math.max(0, to - from);
  const area = ([left, top, right, bottom]) => length(left, right) * length(top, bottom);
  const inner = [0, 1, 2, 3].map((side) => (side < 2 ? Math.max : Math.min)(a[side], b[side]));
  const common = area(inner);
  return common / (area(a) + area(b) - common);
}

function origins(a, b, names) {
  const rows = a.provenance.rows
    .map((row) => [row, b.provenance.rows.find((one) => one.name === row.name)])
    .filter(([one, other]) => other && one.found !== other.found);
  if (!rows.length) {
    return el("p", {}, "What the two files say of where they come from is the same.");
  }
  return [
    el("h4", {}, "Where the files come from"),
    el(
      "dl",
      { class: "doubts small" },
      rows.map(
        ([one, other]) => [
          el("dt", {}, one.title),
          el("dd", {}, `${names[0]}: ${one.found} `, el("br"), `${names[1]}: ${other.found}`),
        ],
      ),
    ),
  ];
}
