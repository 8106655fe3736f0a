// The finding first; beside it the score, whose probability follows the reader's prior.

import { el, fill } from "./dom.js";
import { bind } from "./prior.js";
import { posterior, probability, ratioInFigures, scoreTitle } from "./words.js";

const PARTS = [
  ["where", "Where blur is"],
  ["faces", "Faces"],
  ["unusual", "How usual that is"],
  ["unknown", "Not known"],
  ["otherwise", "Other causes"],
];

/** The finding of report.json, sentence by sentence. */
export function findingSection(report) {
  const { finding } = report;
  const first = finding.score ? "score" : "where";
  const rows = PARTS.filter(([name]) => name !== first && finding[name]).map(([name, title]) =>
    el("div", {}, el("dt", {}, title), el("dd", {}, finding[name])),
  );
  return el(
    "section",
    { class: "finding", "aria-labelledby": "finding" },
    el("h3", { id: "finding" }, "Finding"),
    el("p", {}, finding[first] || finding.text),
    el("dl", { class: "parts" }, rows),
  );
}

/** Label, likelihood ratio and P(fake) for a prior that can be changed, or why there is none. */
export function scoreSection(report, prior) {
  const { score } = report;
  const title = el("h3", { id: "score" }, "Score");
  const section = el("section", { class: "score", "aria-labelledby": "score" }, title);
  section.append(el("p", { class: "label" }, scoreTitle(score)));
  if (score.likelihood_ratio === null) {
    section.append(el("p", {}, score.words || score.abstain_reason));
    return section;
  }
  const ratio = ratioInFigures(score.likelihood_ratio, score.at_bound);
  const after = el("output", { class: "posterior", for: "prior prior-range" });
  section.append(
    el("p", {}, "Likelihood ratio: ", el("b", {}, ratio), score.face ? ` (${score.face})` : ""),
    priorControl(prior, (share) => {
      fill(
        after,
        share === null
          ? "No probability: a prior lies between 0 and 100 %, without both. Until it does, no " +
              "file is sent."
          : `If the probability of a pasted or regenerated face was ${probability(share)} before ` +
              `the measurement, it is ${probability(posterior(score.likelihood_ratio, share))} ` +
                "after it.",
      );
    }),
    el("p", {}, after),
  );
  if (score.prior !== null) {
    section.append(
      el(
        "p",
        { class: "small soft" },
        "The finding and the files to download are written for a prior of " +
          `${probability(score.prior)}. The likelihood ratio depends on no prior.`,
      ),
    );
  }
  return section;
}

function priorControl(prior, tell) {
  const exact = el("input", {
    type: "number", id: "prior", min: "0", max: "100", step: "any", inputmode: "decimal",
  });
  const range = el("input", {
    type: "range", id: "prior-range", min: "1", max: "99", step: "1",
    "aria-label": "Prior probability, in percent",
  });
  range.addEventListener("input", () => prior.set(range.value));
  bind(exact, prior, () => {
    if (prior.share !== null) range.value = Math.round(100 * prior.share);
    range.setAttribute("aria-valuetext", prior.share === null ? "none" : probability(prior.share));
    tell(prior.share);
  });
  return el(
    "div",
    { class: "prior" },
    el("label", { for: "prior" }, "Probability before the measurement (prior), in percent"),
    range,
    exact,
  );
}
