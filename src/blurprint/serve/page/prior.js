// The reader's prior: one for the whole page, wherever on it it is typed.

import { probability } from "./words.js";

/** `text`: what is typed, in percent; `share`: the probability, or null where the text is none.
 * Emits "change". */
export class Prior extends EventTarget {
  text = "50";
  share = 0.5;

  set(text) {
    const share = text.trim() === "" ? NaN : Number(text) / 100;
    this.text = text;
    this.share = share > 0 && share < 1 ? share : null;
    this.dispatchEvent(new Event("change"));
  }

  /** The probability in words, or that there is none. */
  get words() {
    if (this.share !== null) return `prior ${probability(this.share)}`;
    const typed = this.text.trim();
    return typed
      ? `a prior of ${typed} % is not above 0 and below 100 %`
      : "there is no prior above 0 and below 100 %";
  }
}

/** Let a field show and set the prior for as long as it is on the page; `tell` is called at once
 * and whenever the prior changes. */
export function bind(field, prior, tell = () => {}) {
  const draw = () => {
    if (field.value !== prior.text) field.value = prior.text;
    field.setAttribute("aria-invalid", String(prior.share === null));
    tell();
  };
  const follow = () => {
    if (field.isConnected) draw();
    else prior.removeEventListener("change", follow);
  };
  field.addEventListener("input", () => prior.set(field.value));
  prior.addEventListener("change", follow);
  draw();
}
