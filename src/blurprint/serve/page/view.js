// Where one looks: zoom, offset and crosshair, shared by all pictures that are linked.

const CLOSEST = 16;

const within = (value, low, high) => Math.min(Math.max(value, low), high);

/** Places and offsets are shares of width and height. Emits "look" and "point". */
export class View extends EventTarget {
  zoom = 1;
  left = 0;
  top = 0;
  x = 0.5;
  y = 0.5;
  pointed = false;

  /** Take zoom and offset within their bounds. */
  look(zoom, left, top) {
    this.zoom = within(zoom, 1, CLOSEST);
    this.left = within(left, 0, 1 - 1 / this.zoom);
    this.top = within(top, 0, 1 - 1 / this.zoom);
    this.dispatchEvent(new Event("look"));
  }

  zoomBy(factor, x = this.x, y = this.y) {
    const zoom = within(this.zoom * factor, 1, CLOSEST);
    const kept = this.zoom / zoom;
    this.look(zoom, x - (x - this.left) * kept, y - (y - this.top) * kept);
  }

  pan(right, down) {
    this.look(this.zoom, this.left + right, this.top + down);
  }

  /** Show a box, in shares, with room around it. */
  lookAt(left, top, width, height) {
    const zoom = within(1 / (2.2 * Math.max(width, height)), 1, CLOSEST);
    this.look(zoom, left + width / 2 - 0.5 / zoom, top + height / 2 - 0.5 / zoom);
    this.point(left + width / 2, top + height / 2);
  }

  /** Move the crosshair. `spoken`: by keyboard, so that it is to be announced. */
  point(x, y, spoken = false) {
    this.x = within(x, 0, 1);
    this.y = within(y, 0, 1);
    this.pointed = true;
    this.dispatchEvent(new CustomEvent("point", { detail: { spoken } }));
  }

  /** Bring the crosshair into sight. */
  follow() {
    const half = 0.5 / this.zoom;
    const outside = (place, start) => Math.abs(place - start - half) > half;
    this.look(
      this.zoom,
      outside(this.x, this.left) ? this.x - half : this.left,
      outside(this.y, this.top) ? this.y - half : this.top,
    );
  }
}
