// A photograph with its map over it, the outlines of its faces, and a crosshair.

import { facesShown } from "./clip.js";
import { paint } from "./colours.js";
import { el, svg } from "./dom.js";
import { outlines } from "./outlines.js";
import { listen } from "./gestures.js";
import { cell, Values } from "./values.js";
import { meanOf, reading } from "./words.js";

const HELP =
  "Arrow keys read the blur, with Shift in larger steps; plus and minus zoom, 0 shows all.";
/** Values with as many figures as those of maps, in pixels and in other units. */
const [WIDE_PX, WIDE] = [88.88, 0.000888];
/** Cells on the longer side at most, as of the service; larger maps are read as means. */
const CELLS = 512;
const LONG_MEAN = "mean of 8.88 × 8.88 pixels";

export class Stage {
  /** `result`: of the service, done. `view`: a View. `top`: end of the colour scale in native
   * pixels, if it is not to be that of the result's own map. */
  constructor(result, view, top = null) {
    this.view = view;
    this.input = result.report.input;
    this.unit = result.report.method.unit;
    this.values = null;
    this.fault = "";
    const { working_width: width, working_height: height } = this.input;
    const picture = (text) => el("img", { alt: text, width, height, draggable: "false" });
    this.photo = picture("");
    this.top = top;
    this.map = top === null ? picture("") : el("canvas", { width: 1, height: 1 });
    this.map.classList.add("map");
    this.faces = svg("svg", {
      class: "outlines", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none",
      "aria-hidden": "true",
    });
    this.faces.append(...outlines(facesShown(result.report), Math.max(width, height)));
    this.plane = el("div", { class: "plane" }, this.photo, this.map, this.faces);
    this.mark = el("div", { class: "mark", hidden: true });
    this.element = el(
      "div",
      {
        class: "viewer", tabindex: "0", role: "application",
        "aria-label": `${result.name}: photograph with its map of blur. ${HELP}`,
      },
      this.plane,
      this.mark,
    );
    this.element.style.setProperty("--ratio", width / height);
    listen(this.element, view, () => this.values ?? { width: 100, height: 100 });
    view.addEventListener("look", () => this.draw());
    view.addEventListener("point", () => this.draw());
    this.loaded = this.load(result.links);
  }

  async load(links) {
    const shown = async (image, address) => {
      image.src = address;
      await image.decode();
    };
    const values = Values.load(links.values).then((loaded) => (this.values = loaded));
    const painted = () => paint(this.map, this.values, this.top * this.input.scale);
    const loads = [
      shown(this.photo, links.picture),
      this.top === null ? shown(this.map, links.map_png) : values.then(painted),
      values,
    ];
    const names = ["The photograph", "The map", "The values of the map"];
    const ends = await Promise.allSettled(loads);
    const faults = names.filter((_, index) => ends[index].status === "rejected");
    if (faults.length) this.fault = `Could not be loaded: ${faults.join(", ").toLowerCase()}.`;
    this.draw();
  }

  /** The share of the map's colours over the photograph, 0 to 1. */
  set opacity(share) {
    this.map.style.opacity = share;
  }

  set outlined(shown) {
    this.faces.style.display = shown ? "" : "none";
  }

  draw() {
    const { zoom, left, top, x, y, pointed } = this.view;
    const by = (share) => `${-100 * zoom * share}%`;
    this.plane.style.transform = `translate(${by(left)}, ${by(top)}) scale(${zoom})`;
    this.element.style.setProperty("--zoom", zoom);
    this.element.classList.toggle("closer", zoom > 1);
    const shown = this.photo.naturalWidth / Math.max(this.element.clientWidth, 1);
    this.element.classList.toggle("pixels", zoom > 2 * shown);
    this.mark.hidden = !pointed;
    this.mark.style.left = `${100 * zoom * (x - left)}%`;
    this.mark.style.top = `${100 * zoom * (y - top)}%`;
  }

  /** That a value is a mean of many pixels of the picture as measured; "" where it is of one. */
  get mean() {
    const { working_width: width, working_height: height } = this.input;
    return this.values ? meanOf(this.values, { width, height }) : "";
  }

  /** What the map holds under the crosshair; null before its values are loaded. */
  get value() {
    return this.values?.at(this.view.x, this.view.y) ?? null;
  }

  /** The place and what the map holds there, as a sentence. */
  tell() {
    if (!this.values) return this.fault || "The values of the map are being loaded.";
    const column = cell(this.view.x, this.input.working_width);
    const row = cell(this.view.y, this.input.working_height);
    return this.words(column, row, this.value);
  }

  /** A sentence as long as any of this map, whatever its values will be. */
  get longest() {
    const { working_width: width, working_height: height } = this.input;
    const sigma = this.unit === "px" ? WIDE_PX : WIDE;
    const mean = this.mean || (Math.max(width, height) > CELLS ? LONG_MEAN : "");
    return this.words(width - 1, height - 1, { sigma, confidence: 0.49 }, mean);
  }

  words(column, row, value, mean = this.mean) {
    const place = `Column ${column}, row ${row}${mean && `, ${mean}`}`;
    return `${place}: ${reading(value, this.unit, this.input.scale, mean !== "")}.`;
  }
}
