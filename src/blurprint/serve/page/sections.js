// What else a report says: other explanations, doubts, the camera, where the file comes from, facts.

import { el } from "./dom.js";
import { number } from "./words.js";

/** What else could explain the score, and what was not looked at. */
export function cautionsSection(report) {
  const { other_explanations: all, not_looked_at: blind, notes, faces } = report.score;
  // Where no face was read there is nothing to explain.
  const others = faces.some((face) => face.likelihood_ratio !== null) ? all : [];
  const title = "What was not looked at";
  const list = (rows) => el("ul", {}, rows.map((row) => el("li", {}, row.sentence)));
  return section(
    "otherwise",
    others.length ? "What else could explain it, and what was not looked at" : title,
    notes.map((note) => el("p", { class: "note" }, note)),
    others.length ? [el("h4", {}, "What else could explain it"), list(others)] : null,
    others.length ? el("h4", {}, title) : null,
    list(blind),
  );
}

/** What may be wrong with this picture. */
export function doubtsSection(report) {
  const rows = (found) => report.doubts.filter((doubt) => doubt.found === found);
  const list = (doubts) =>
    el(
      "dl",
      { class: "doubts small" },
      doubts.map((doubt) => [el("dt", {}, doubt.title), el("dd", {}, doubt.sentence)]),
    );
  const rest = [
    ["Looked for and not found", rows(false)],
    ["Could not be checked", rows(null)],
  ].filter(([, doubts]) => doubts.length);
  return section(
    "doubts",
    "What may be wrong here",
    rows(true).length
      ? list(rows(true))
      : el("p", {}, "Nothing of what could be checked was found."),
    rest.map(([title, doubts]) => el("details", {}, el("summary", {}, title), list(doubts))),
  );
}

/** The blur that the camera allows, as far as the file names one. */
export function cameraSection(report) {
  const limits = report.camera_limits;
  const { scale } = report.input;
  const title = "Blur that the camera allows";
  if (limits.missing) return section("camera", title, el("p", {}, `Unknown. ${limits.missing}`));
  const rows = limits.infinity.map(
    (row) => [`Background at infinity, focus at ${row.focus_m} m`, row.sigma_px],
  );
  if (limits.diffraction_px !== null) {
    rows.unshift(["Sharpest that diffraction allows", limits.diffraction_px]);
  }
  const native = (sigma) => (scale === 1 ? "" : `${number(sigma / scale)} px native`);
  return section(
    "camera",
    title,
    limits.words.map((sentence) => el("p", {}, sentence)),
    limits.contradicts
      ? el("p", {}, el("b", {}, "The measured blur lies outside what the file says of its camera."))
      : null,
    table(rows.map(([label, sigma]) => [label, `${number(sigma)} px`, native(sigma)]), "limits"),
    el(
      "details",
      {},
      el("summary", {}, "This holds if"),
      el("ul", {}, limits.assumptions.map((text) => el("li", {}, text))),
    ),
  );
}

/** Where the file comes from; beside the finding. */
export function provenanceSection(report) {
  const row = (one) =>
    el(
      "div",
      { class: one.status === "found" ? "found" : "rest" },
      el("dt", {}, one.title, " ", el("span", { class: "status" }, one.status)),
      el(
        "dd",
        {},
        one.found,
        el("details", { class: "small" }, el("summary", {}, "What that means, and does not"),
          el("p", {}, one.status === "found" ? "" : "If it were found, it would mean: ", one.means),
          el("p", {}, "Does not mean: ", one.does_not_mean)),
      ),
    );
  const made = section(
    "provenance",
    "Where the file comes from",
    el(
      "p",
      {},
      el("b", {}, "This does not enter the finding or score."),
      " It is what the file says of itself, which anyone can write or remove, and traces of " +
        "how it was saved.",
    ),
    el("dl", {}, report.provenance.rows.map(row)),
  );
  made.classList.add("provenance");
  return made;
}

const EXIF = [
  ["camera", "Camera", String],
  ["lens", "Lens", String],
  ["focal_length_mm", "Focal length", (value) => `${value} mm`],
  ["focal_length_35mm_mm", "Equivalent on 35 mm film", (value) => `${value} mm`],
  ["f_number", "F-number", (value) => `f/${value}`],
  ["exposure_s", "Exposure", exposure],
  ["iso", "ISO", String],
  ["taken", "Taken", String],
  ["software", "Software", String],
];

/** A time of exposure as cameras write it, as report/facts.py. */
export function exposure(seconds) {
  const parts = seconds > 0 && seconds < 0.4 ? 1 / seconds : 0;
  const whole = Math.round(parts);
  if (whole && Math.abs(parts - whole) < 0.02 * parts) return `1/${whole} s`;
  return `${Number(seconds.toPrecision(3))} s`;
}

/** File, camera and method. */
export function factsSection(report) {
  const { input, method } = report;
  const exif = EXIF.filter(([key]) => key in input.exif).map(
    ([key, label, tell]) => [label, tell(input.exif[key])],
  );
  const rows = [
    ["Format", input.format || "unknown"],
    ["Size", `${input.native_width} × ${input.native_height} pixels`],
    ["Measured at", `${input.working_width} × ${input.working_height} pixels`],
    ["SHA-256", input.sha256 ?? "none"],
    ["Method", `${method.name}, in ${method.unit}`],
    ["Measured", `${report.created} by Blurprint ${report.blurprint_version}`],
    ...exif,
  ];
  return section(
    "facts",
    "File and camera",
    table(rows, "facts"),
    exif.length
      ? null
      : el(
        "p",
        { class: "soft" },
        "The file names no camera, lens or exposure (no EXIF of interest).",
      ),
  );
}

/** A section with its heading. */
export function section(id, title, ...content) {
  const name = `part-${id}`; // Apart from the ids of index.html.
  return el("section", { "aria-labelledby": name }, el("h3", { id: name }, title), content);
}

function table(rows, name) {
  const cells = ([label, ...values]) => [
    el("th", { scope: "row" }, label),
    values.map((text) => el("td", {}, text)),
  ];
  return el("table", { class: name }, el("tbody", {}, rows.map((row) => el("tr", {}, cells(row)))));
}
