// One photograph or two with their maps, and the controls and readings that belong to them.

import { el, fill } from "./dom.js";
import { shownFrame } from "./clip.js";
import { mapLegend, nativeTop } from "./legend.js";
import { Stage } from "./stage.js";
import { View } from "./view.js";
import { number } from "./words.js";

const MEASURED = 0.5;
const HINT =
  "Point at the picture to read its blur, or go to it with Tab and move with the arrow keys. " +
  "After a click on it the wheel zooms.";
const NO_DIFFERENCE = "No difference: the two maps have different units.";

/** `results`: one or two, done, with their names. `settings`: opacity and outlines, kept while
 * the page is open. Two pictures share zoom and crosshair until they are unlinked. */
export class Pictures {
  constructor(results, names, settings) {
    this.names = names;
    this.linked = true;
    // Two maps share one scale, so that their colours can be compared.
    const tops = results.map((result) => nativeTop(result.report));
    this.top = this.two && !tops.includes(null) ? Math.max(...tops) : null;
    this.stages = results.map((result) => new Stage(result, new View(), this.top));
    this.active = this.stages[0].view;
    this.reading = el("p", { class: "reading" }, HINT);
    this.spoken = el("p", { class: "unseen", "aria-live": "polite" });
    for (const { view, loaded } of this.stages) {
      loaded.then(() => this.told && this.tell(this.told.spoken));
      view.addEventListener(
        "look",
        () => this.follow(view, (other) => other.look(view.zoom, view.left, view.top)),
      );
      view.addEventListener("point", (event) => {
        this.follow(view, (other) => other.point(view.x, view.y));
        if (view === this.active) this.tell(event.detail.spoken);
      });
    }
    this.element = el(
      "section",
      { class: "pictures", "aria-labelledby": "pictures" },
      el("h3", { id: "pictures" }, "Photograph and map of blur"),
      el(
        "div",
        { class: this.two ? "stages two" : "stages" },
        results.map((result, index) => this.figure(result, index)),
      ),
      this.spoken,
      this.controls(settings),
      this.legends(results),
    );
  }

  get two() {
    return this.names.length > 1;
  }

  /** Let the linked pictures do as `view` did. */
  follow(view, move) {
    if (this.moving) return;
    this.active = view;
    if (!this.linked) return;
    this.moving = true;
    for (const stage of this.stages) if (stage.view !== view) move(stage.view);
    this.moving = false;
  }

  figure(result, index) {
    const name = el("figcaption", {}, el("b", {}, this.names[index]), `: ${result.name}`);
    const frame = shownFrame(result.report);
    return el(
      "figure",
      {},
      this.two ? name : null,
      this.stages[index].element,
      frame ? el("p", { class: "small soft" }, frame) : null,
    );
  }

  /** One legend, or two side by side where the maps have no common scale. */
  legends(results) {
    if (this.top !== null) return mapLegend(results[0].report, { shared: this.top });
    const each = results.map(({ report }, index) => {
      const place = el("div", { class: "legend-place" });
      if (!report.clip) return fill(place, mapLegend(report));
      this.stages[index].loaded.then(() => {
        const stated = this.stages[index].values?.top ?? NaN;
        if (Number.isFinite(stated)) fill(place, mapLegend(report, { stated }));
        else fill(place, el("p", { class: "soft" }, "The range of the colours is not known."));
      });
      return place;
    });
    return this.two ? el("div", { class: "stages two" }, each) : each;
  }

  controls(settings) {
    const shown = el("output", { for: "opacity" });
    const opacity = el(
      "input",
      { type: "range", id: "opacity", min: "0", max: "100", value: settings.opacity },
    );
    const outlines = el("input", { type: "checkbox", id: "outlines" });
    const linked = el("input", { type: "checkbox", id: "linked" });
    outlines.checked = settings.outlines;
    linked.checked = this.linked;
    const apply = () => {
      settings.opacity = Number(opacity.value);
      settings.outlines = outlines.checked;
      fill(shown, `${settings.opacity} %`);
      for (const stage of this.stages) {
        stage.opacity = settings.opacity / 100;
        stage.outlined = settings.outlines;
      }
    };
    opacity.addEventListener("input", apply);
    outlines.addEventListener("change", apply);
    linked.addEventListener("change", () => {
      this.linked = linked.checked;
      const { view } = this.stages[0];
      view.look(view.zoom, view.left, view.top);
    });
    apply();
    const button = (name, text, action) =>
      el(
        "button",
        { type: "button", "aria-label": name, onclick: () => action(this.active) },
        text,
      );
    const found = this.stages.some((stage) => stage.faces.childElementCount);
    return el(
      "div",
      { class: "tools" },
      this.readings(),
      el("label", { class: "wide" }, "Map over the photograph ", opacity, shown),
      found ? el("label", {}, outlines, " Outlines of faces") : null,
      this.two ? el("label", {}, linked, " Move both together") : null,
      el(
        "span",
        { class: "zoom" },
        button("Zoom in", "+", (view) => view.zoomBy(2)),
        button("Zoom out", "−", (view) => view.zoomBy(0.5)),
        button("Show the whole picture", "Whole", (view) => view.look(1, 0, 0)),
      ),
    );
  }

  /** The line of the reading, in the room of the longest one, so that nothing below it moves. */
  readings() {
    const longest = this.stages.map((stage, index) => this.named(stage.longest, index));
    if (this.two) longest.push(NO_DIFFERENCE);
    const held = [[HINT], longest].map((lines) =>
      el("p", { class: "reserve", "aria-hidden": "true" }, lines.map((line) => el("span", {}, line))),
    );
    return el("div", { class: "readings stacked" }, this.reading, held);
  }

  /** What is said of a picture, with its name where there are two. */
  named(words, index) {
    return this.two ? `${this.names[index]}: ${words}` : words;
  }

  /** What lies under the crosshairs; said again when a map has come that was being loaded. */
  tell(spoken) {
    this.told = { spoken };
    const words = this.stages.map((stage, index) => this.named(stage.tell(), index));
    const difference = this.difference();
    if (difference) words.push(difference);
    fill(this.reading, words.map((line) => el("span", {}, line)));
    if (spoken) fill(this.spoken, words.join(" "));
  }

  /** By how much the first is more blurred under the crosshairs, where both are measured. */
  difference() {
    if (!this.two) return "";
    const [one, other] = this.stages;
    if (one.unit !== other.unit) return NO_DIFFERENCE;
    if (one.unit !== "px" || !one.value || !other.value) return "";
    if (Math.min(one.value.confidence, other.value.confidence) < MEASURED) {
      return "No difference: not measured in both.";
    }
    const by = one.value.sigma / one.input.scale - other.value.sigma / other.input.scale;
    const what = one.mean || other.mean ? "Difference of the means" : "Difference";
    return `${what}: ${by < 0 ? "−" : "+"}${number(Math.abs(by))} px native.`;
  }

  /** Bring a face of the first picture into sight. */
  showFace(face) {
    const [stage] = this.stages;
    const { working_width: width, working_height: height } = stage.input;
    const { box } = face;
    stage.view.lookAt(box.left / width, box.top / height, box.width / width, box.height / height);
    stage.element.focus();
  }
}
