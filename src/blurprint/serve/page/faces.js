// The faces of a report: regions, evidence, and what the score says of each.

import { el } from "./dom.js";
import { evidenceTable } from "./evidence.js";
import { SHAPES } from "./outlines.js";
import { LABELS, errorInUnit, inUnit, percent, ratioInFigures } from "./words.js";

const REGIONS = {
  inner: "Inner face",
  oval: "Whole face",
  ring: "Surround",
  background: "Background",
};
const CAPTION =
  "By how much more (+) or less (−) the first is blurred, or noisy, than the second. ± is the " +
  "scatter of the comparison; percentiles are among ordinary portraits of like size, of which nine " +
  "tenths lie in the band. None of this tells by itself whether a face is real.";

/** The section of faces; null where none were looked for. `show` gets a face to look at, of those
 * that are `shown`. */
export function facesSection(report, shown, show) {
  if (!report.face_search) return null;
  return el(
    "section",
    { class: "faces", "aria-labelledby": "faces" },
    el("h3", { id: "faces" }, "Faces"),
    el("p", {}, report.face_search.sentence),
    report.faces.length ? legend() : null,
    report.faces.map((face) => faceBlock(face, report, shown.includes(face) ? show : null)),
  );
}

function legend() {
  const key = (name) => el("span", { class: `key face-${name}`, "aria-hidden": "true" });
  return el(
    "ul",
    { class: "legend" },
    SHAPES.map(([name, words]) => el("li", {}, key(name), words)),
  );
}

function faceBlock(face, report, show) {
  const { unit } = report.method;
  const { scale } = report.input;
  const judged = report.score.faces.find((one) => one.name === `face ${face.number}`);
  const native = scale === 1 ? "" : ` (${face.eye_distance_native.toFixed(0)} px at native size)`;
  const sure = face.probability > 0.99 && face.probability < 1
    ? "more than 0.99"
    : face.probability.toFixed(2);
  const name = `Face ${face.number}`;
  return el(
    "article",
    { class: "face", "aria-label": name },
    el(
      "h4",
      {},
      name,
      " ",
      show && el(
        "button",
        {
          type: "button",
          "aria-label": `Show ${name.toLowerCase()} in the photograph`,
          onclick: () => show(face),
        },
        "Show",
      ),
    ),
    judged ? el("p", {}, judgement(judged)) : null,
    el(
      "p",
      { class: "small" },
      `Eyes ${face.eye_distance.toFixed(0)} px${native} apart, found with a probability of ` +
        `${sure}. ${face.remarks.join(" ")}`,
    ),
    el(
      "table",
      { class: "limits" },
      el("caption", {}, `Blur of the regions of face ${face.number}`),
      el("tbody", {}, face.regions.map((region) => regionRow(region, unit))),
    ),
    evidenceTable(face.evidence, CAPTION, scale),
  );
}

/** The judgement of one face of a score, as a sentence. */
export function judgement(one) {
  const words = [LABELS[one.label]];
  if (one.likelihood_ratio !== null) {
    words.push(`, likelihood ratio ${ratioInFigures(one.likelihood_ratio, one.at_bound)}`);
  }
  return `${words.join("")}. ${one.abstain_reason ?? ""}`;
}

function regionRow(region, unit) {
  const measured = region.median !== null;
  let error = "";
  if (measured) error = region.error === null ? "error unknown" : errorInUnit(region.error, unit);
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, REGIONS[region.name] ?? region.name),
    el("td", { class: "value" }, measured ? inUnit(region.median, unit) : "not measured"),
    el("td", { class: "value soft" }, error),
    el("td", { class: "value soft" }, `${percent(region.measured_percent)} measured`),
  );
}
