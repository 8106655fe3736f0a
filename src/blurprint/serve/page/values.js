// The map as numbers: little-endian float16, sigma and then confidence, row by row.

import { file } from "./api.js";

/** A float16 from its 16 bits. */
export function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Values of a map by place; `top`, the end of the colours of its picture. */
export class Values {
  constructor(buffer, width, height, top = NaN) {
    if (!(width > 0 && height > 0) || buffer.byteLength !== 4 * width * height) {
      throw new RangeError("The values of the map do not have the size that the server states.");
    }
    Object.assign(this, { width, height, top, view: new DataView(buffer) });
  }

  static async load(address) {
    const answer = await file(address);
    const facts = ["X-Width", "X-Height", "X-Top"].map((name) => Number(answer.headers.get(name)));
    return new Values(await answer.arrayBuffer(), ...facts);
  }

  /** Sigma and confidence at shares of width and height; null where there is no photograph. */
  at(x, y) {
    const index = cell(y, this.height) * this.width + cell(x, this.width);
    const sigma = half(this.view.getUint16(2 * index, true));
    const confidence = half(this.view.getUint16(2 * (index + this.width * this.height), true));
    return Number.isFinite(sigma) && Number.isFinite(confidence) ? { sigma, confidence } : null;
  }
}

/** The cell, of `count`, in which a share of a length lies. */
export function cell(share, count) {
  return Math.min(Math.max(Math.floor(share * count), 0), count - 1);
}
