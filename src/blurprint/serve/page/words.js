// Numbers and labels as the reports write them: evidence/wording.py, score/words.py, report/html.py.

export const LABELS = {
  fake: "Signs of a pasted face (label “fake”)",
  real: "No sign of a pasted face (label “real”)",
  unsure: "Undecided (label “unsure”)",
};
const LEAST_ERROR = 0.01;
const UNUSUAL_TAIL = 2.5;
const MEASURED = 0.5;
const LEAST_SHARE = 1e-11;
const LOG_RATIO = "log ratio";

/** Two decimals: no value in pixels is known better. */
export function number(value) {
  return (Math.round(value * 100) / 100 + 0).toFixed(2);
}

/** Two decimals, or as many as small values need to show two digits. */
export function significant(value) {
  const size = Math.abs(value);
  if (size >= 0.1 || size < 1e-9) return value.toFixed(2);
  return value.toFixed(Math.min(1 - Math.floor(Math.log10(size)), 9));
}

/** Whole percents, with a decimal below ten; what is not all never becomes 100 %. */
export function percent(value) {
  if (value >= 99.5 && value < 100) return `${(Math.floor(10 * value) / 10).toFixed(1)} %`;
  return value >= 9.95 || value === 0 ? `${value.toFixed(0)} %` : `${value.toFixed(1)} %`;
}

/** The logarithm of a ratio as a change in percent. */
export function signedPercent(logRatio) {
  const change = Math.round(100 * (Math.exp(logRatio) - 1));
  return `${change > 0 ? "+" : change < 0 ? "−" : ""}${Math.abs(change)} %`;
}

/** A probability in percent, with as many digits as show that it is neither 0 nor 1. */
export function probability(share) {
  if (share < LEAST_SHARE) return "less than 0.000000001 %";
  if (share > 1 - LEAST_SHARE) return "more than 99.999999999 %";
  if (share < 0.01) return `${significant(100 * share)} %`;
  if (share > 0.999) {
    const decimals = Math.ceil(-Math.log10(1 - share)) - 2;
    return `${(100 * share).toFixed(decimals)} %`;
  }
  return percent(100 * share);
}

/** A likelihood ratio with two digits, which at a bound never says more than the data support. */
export function ratioInFigures(ratio, atBound) {
  if (atBound === "lower") return `at most ${twoDigits(ratio, Math.ceil, -1e-9)}`;
  if (atBound === "upper") return `at least ${twoDigits(ratio, Math.floor, 1e-9)}`;
  return twoDigits(ratio, Math.round, 0);
}

function twoDigits(ratio, rounded, slack) {
  const power = Math.floor(Math.log10(ratio)) - 1;
  const value = Number((rounded(ratio / 10 ** power + slack) * 10 ** power).toPrecision(2));
  return value >= 1000 ? value.toLocaleString("en") : String(value);
}

/** P(fake) after the measurement, by Bayes' rule in odds. */
export function posterior(ratio, prior) {
  return (ratio * prior) / (ratio * prior + (1 - prior));
}

/** The label of a score in words, or that there is none. */
export function scoreTitle(score) {
  if (!score || score.likelihood_ratio === null) return "No score";
  return LABELS[score.label];
}

/** Whether a value lies apart from those of ordinary photographs, as Evidence.is_unusual. */
export function isUnusual(row) {
  if (row.value === null || !row.reference) return false;
  const { percentile, low, high } = row.reference;
  if (percentile >= UNUSUAL_TAIL && percentile <= 100 - UNUSUAL_TAIL) return false;
  return Math.max(row.value - high, low - row.value) > (row.error ?? 0);
}

/** A value of a row of evidence in its unit. */
export function inUnit(value, unit) {
  if (unit === "%") return percent(value);
  if (unit === LOG_RATIO) return signedPercent(value);
  const tell = unit.startsWith("px") ? number : significant;
  return `${tell(value)} ${unit.replace("^2", "²")}`.replace("-", "−");
}

/** The error of a value, with its sign and unit. */
export function errorInUnit(error, unit) {
  if (unit === LOG_RATIO) return `± ${(100 * error).toFixed(0)} %`;
  return `± ${inUnit(unit === "%" ? error : Math.max(error, LEAST_ERROR), unit)}`;
}

/** A row of evidence in words: value, error, native value, how usual, and among which. */
export function rowWords(row, scale) {
  const words = { value: "not measured", error: "", native: "", usual: row.no_reference, like: "" };
  if (row.value !== null) {
    words.value = inUnit(row.value, row.unit);
    if (row.unit === "%") words.error = "a count: no error";
    else words.error = row.error === null ? "error unknown" : errorInUnit(row.error, row.unit);
  }
  if (row.native !== null && scale !== 1) words.native = `${inUnit(row.native, row.unit)} native`;
  if (row.reference) {
    const { percentile, low, high, photographs, group } = row.reference;
    words.usual = `Percentile ${Math.min(Math.max(percentile, 1), 99).toFixed(0)}`;
    if (isUnusual(row)) words.usual += ": unusual";
    const ends = `${endOf(low, row.unit)} to ${endOf(high, row.unit)}`;
    words.like = `of ${photographs} photographs ${group}; nine tenths of them: ${ends}`;
  }
  return words;
}

function endOf(value, unit) {
  if (unit === LOG_RATIO || unit === "%") return inUnit(value, unit);
  return (unit.startsWith("px") ? number : significant)(value).replace("-", "−");
}

/** What a place of a map holds, as the report words it; `mean`: of many pixels, not of one. */
export function reading(place, unit, scale, mean = false) {
  if (place === null) return mean ? "no photograph in half of them or more" : "no photograph";
  const { sigma, confidence } = place;
  if (unit !== "px") return `${Number(sigma.toPrecision(3))} ${unit}`;
  const measured = confidence >= MEASURED;
  // What is below the bound of what is measured is not rounded to it.
  const share = Math.min(Math.round(100 * confidence), measured ? 100 : 49);
  const told = `${mean ? "mean confidence" : "confidence"} ${share} %`;
  if (share === 0) return `unknown (${told})`;
  const native = scale === 1 ? "" : ` (${number(sigma / scale)} px native)`;
  const blur = `blur ${number(sigma)} px${native}, ${told}`;
  return measured ? blur : `not measured; a guess is ${blur}`;
}

/** That values are means over parts of a map, and of how many pixels; "" where each is of one.
 * `cells`, `map`: their widths and heights. */
export function meanOf(cells, map) {
  const [width, height] = [map.width / cells.width, map.height / cells.height];
  if (width <= 1 && height <= 1) return "";
  const told = (side) => Number(side.toPrecision(3));
  return `mean of ${told(width)} × ${told(height)} pixels`;
}

/** When a result is deleted, in the reader's own time. */
export function when(moment) {
  const time = new Date(moment);
  if (Number.isNaN(time.valueOf())) return "an unknown time";
  return time.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}
