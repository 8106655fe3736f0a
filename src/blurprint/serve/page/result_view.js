// What is shown of a result, or of two beside each other.

import { clipSection, facesShown } from "./clip.js";
import { cautionsOf, differencesSection } from "./compare.js";
import { downloadsSection } from "./downloads.js";
import { el } from "./dom.js";
import { evidenceTable } from "./evidence.js";
import { facesSection } from "./faces.js";
import { findingSection, scoreSection } from "./finding.js";
import { Pictures } from "./pictures.js";
import {
  cameraSection,
  cautionsSection,
  doubtsSection,
  factsSection,
  provenanceSection,
  section,
} from "./sections.js";

/** First number of the version of the reports that are shown here. */
const VERSION = "2";
export const NAMES = ["Suspect", "Earlier original"];
const IN_PIXELS =
  "Blur is its standard deviation, the pixel's own included, in pixels as measured. ± is the " +
  "expected error of a value; percentiles are among ordinary photographs of like size and measured " +
  "share, of which nine tenths lie in the band.";
const IN_UNITS = "Values are in the unit of the map, which is not pixels.";

/** One result. `tools`: settings, the prior, and what the buttons do. */
export function resultView(job, tools) {
  const { result } = job;
  const report = checked(result);
  const pictures = new Pictures([result], [result.name], tools.settings);
  return el(
    "div",
    { class: "result" },
    heading(result.name, subtitle(report)),
    el(
      "div",
      { class: "head" },
      findingSection(report),
      el("div", {}, scoreSection(report, tools.prior), cautionsSection(report)),
    ),
    notes(report),
    pictures.element,
    el("div", { id: "compare-slot" }),
    clipSection(report),
    facesSection(report, facesShown(report), (face) => pictures.showFace(face)),
    section(
      "evidence",
      "What the map says",
      evidenceTable(
        report.evidence,
        report.method.unit === "px" ? IN_PIXELS : IN_UNITS,
        report.input.scale,
      ),
    ),
    doubtsSection(report),
    cameraSection(report),
    provenanceSection(report),
    factsSection(report),
    downloadsSection(job, () => tools.remove(job)),
  );
}

/** Two results: the suspect and an earlier original. */
export function compareView(job, other, tools) {
  const results = [job.result, other.result];
  results.forEach(checked);
  const pictures = new Pictures(results, NAMES, tools.settings);
  const button = (text, action) => el("button", { type: "button", onclick: action }, text);
  return el(
    "div",
    { class: "result compare" },
    heading(
      `${job.name} and ${other.name}`,
      "Side by side. What is the earlier original is yours to know: it is not measured.",
    ),
    el(
      "p",
      { class: "actions" },
      button("Swap the two", () => tools.compare(other, job)),
      " ",
      button("End the comparison", () => tools.compare(job, null)),
    ),
    cautionsOf(...results).map((text) => el("p", { class: "note" }, text)),
    pictures.element,
    differencesSection(...results, NAMES),
  );
}

/** In place of what this page cannot show, as of a report of another version. */
export function failedView(job, other) {
  const report = ({ name, result }) =>
    el(
      "p",
      {},
      el(
        "a",
        { href: result.links.report_html, target: "_blank", rel: "noopener" },
        `Report of ${name}`,
      ),
    );
  return el(
    "div",
    { class: "result" },
    heading(job.name, "This page cannot show the result; the report has it."),
    el(
      "p",
      { class: "note" },
      `The result is of version ${job.result.report?.schema_version ?? "unknown"}, and this page ` +
        `reads version ${VERSION}. Reload the page; if this stays, the page and the service do ` +
        "not belong together.",
    ),
    report(job),
    other ? report(other) : null,
  );
}

function checked({ report }) {
  const version = String(report?.schema_version);
  if (version.split(".")[0] !== VERSION) throw new Error(`Version ${version} is not known.`);
  return report;
}

function heading(name, words) {
  return el(
    "header",
    {},
    el("h2", { id: "shown", tabindex: "-1" }, name),
    el("p", { class: "soft" }, words),
  );
}

function subtitle(report) {
  const { input, method, created } = report;
  const size = `${input.native_width} × ${input.native_height} pixels`;
  const measured = input.scale === 1
    ? ""
    : `, measured at ${input.working_width} × ${input.working_height}`;
  const moment = `${created.slice(0, 10)} ${created.slice(11, 16)} UTC`;
  return `${input.format || "Array"}, ${size}${measured} · method “${method.name}” · ${moment}`;
}

function notes(report) {
  const { input } = report;
  const words = [...input.notes];
  if (input.scale !== 1) {
    words.push(
      `The picture was reduced to ${input.working_width} × ${input.working_height} pixels and ` +
        "measured at that size. Lengths are given in pixels of the reduced picture and in native " +
        `pixels, ${Number((1 / input.scale).toPrecision(3))} times as many.`,
    );
  }
  return words.map((text) => el("p", { class: "note" }, text));
}

/** What the shown result can be compared with; it changes while other pictures are done. */
export function compareChoice(job, others, tools) {
  if (!others.length) {
    return el(
      "p",
      { class: "small soft" },
      "If you have an earlier original of this picture, add it above to see the two side by side.",
    );
  }
  const choice = el(
    "select",
    { id: "compare-with" },
    el("option", { value: "" }, "no other picture"),
    others.map((other) => el("option", { value: other.id }, other.name)),
  );
  choice.addEventListener("change", () => {
    const other = others.find((one) => one.id === choice.value);
    if (other) tools.compare(job, other);
  });
  return el(
    "p",
    { class: "compare-choice" },
    el("label", { for: "compare-with" }, "Show beside it, as the earlier original: "),
    choice,
  );
}
