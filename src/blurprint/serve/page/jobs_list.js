// The list of pictures: state, progress, and what can be done with each.

import { el, fill } from "./dom.js";
import { scoreTitle, when } from "./words.js";

const SIDE = 48;

/** Draws `jobs` into `list`. `open` gets a job. */
export class JobsList {
  constructor(list, jobs, open) {
    Object.assign(this, { list, jobs, open, rows: new Map(), current: null });
    jobs.addEventListener("list", () => this.draw());
    jobs.addEventListener("change", (event) => this.update(event.detail));
    setInterval(() => this.count(), 1000);
  }

  draw() {
    for (const [job, row] of this.rows) {
      if (!this.jobs.list.includes(job)) {
        row.element.remove();
        this.rows.delete(job);
      }
    }
    for (const job of this.jobs.list) {
      if (this.rows.has(job)) continue; // A row that is moved would lose the focus.
      this.rows.set(job, new Row(this, job));
      this.list.append(this.rows.get(job).element);
    }
  }

  update(job) {
    this.rows.get(job)?.draw();
  }

  /** The job whose result is shown. */
  mark(job) {
    this.current = job;
    for (const row of this.rows.values()) row.draw();
  }

  count() {
    for (const [job, row] of this.rows) if (job.retryAt > Date.now()) row.draw();
  }
}

class Row {
  constructor(owner, job) {
    Object.assign(this, { owner, job, shown: "" });
    this.picture = el("img", { alt: "", width: SIDE, height: SIDE, class: "thumb empty" });
    this.name = el("b", { class: "name" });
    this.words = el("span", { class: "small soft state" });
    this.bar = el("progress", { max: "1" });
    this.buttons = el("span", { class: "buttons" });
    const text = el("div", { class: "text" }, this.name, this.words, this.bar);
    this.element = el("li", {}, this.picture, text, this.buttons);
    this.draw();
  }

  draw() {
    const { job } = this;
    fill(this.name, job.name);
    fill(this.words, stateWords(job));
    this.bar.hidden = job.over || job.phase === "locked";
    this.bar.setAttribute("aria-label", `Progress of ${job.name}`);
    const share = progressOf(job);
    if (share === null) this.bar.removeAttribute("value");
    else this.bar.value = share;
    this.element.dataset.phase = job.phase;
    const current = this.owner.current === job;
    this.element.classList.toggle("current", current);
    this.drawButtons(current);
    if (job.phase === "done" && this.picture.classList.contains("empty")) {
      this.picture.classList.remove("empty");
      this.picture.src = job.result.links.picture;
    }
  }

  drawButtons(current) {
    const { job, owner } = this;
    const names = BUTTONS[job.phase] ?? ["Cancel"];
    const key = `${names}|${current}|${job.name}`;
    if (key === this.shown) return; // The focus stays where it is.
    this.shown = key;
    const actions = {
      Open: () => owner.open(job),
      "Try now": () => owner.jobs.retry(job),
      "Try again": () => owner.jobs.retry(job),
    };
    const drop = async () => {
      try {
        await owner.jobs.drop(job);
        (owner.list.querySelector("button") ?? document.getElementById("choose")).focus();
      } catch (error) {
        owner.jobs.note(`${job.name} is not deleted. ${error.message}`);
      }
    };
    const button = (name) =>
      el(
        "button",
        {
          type: "button", "aria-label": `${name} ${job.name}`,
          "aria-current": name === "Open" && current ? "true" : null, onclick: actions[name] ?? drop,
        },
        name,
      );
    const usableHere = names.filter((name) => name !== "Try again" || job.file);
    fill(this.buttons, usableHere.map(button));
  }
}

const BUTTONS = {
  done: ["Open", "Delete"],
  failed: ["Try again", "Remove"],
  gone: ["Remove"],
  busy: ["Try now", "Cancel"],
  offline: ["Try now", "Cancel"],
};

function progressOf(job) {
  if (job.phase === "sending") return job.sent < 1 ? job.sent : null;
  if (job.phase === "running") return job.result?.progress?.share ?? null;
  return job.phase === "waiting" || job.phase === "busy" || job.phase === "offline" ? 0 : null;
}

const framesOf = ({ frames, frames_done: done }) => frames ? `, ${done} of ${frames} frames` : "";

/** What a job does now, in words. */
export function stateWords(job) {
  const seconds = Math.max(0, Math.ceil((job.retryAt - Date.now()) / 1000));
  const progress = job.result?.progress;
  const position = job.result?.position;
  switch (job.phase) {
    case "waiting":
      return `Waiting to be sent. ${job.how}`;
    case "sending":
      return job.sent < 1
        ? `Being sent: ${Math.floor(100 * job.sent)} %. ${job.how}`
        : "Sent. The server is taking it in.";
    case "busy":
    case "offline":
      return `${job.message} Next try in ${seconds} s.`;
    case "queued":
      return position ? `In the queue, place ${position}.` : "In the queue.";
    case "running":
      return progress
        ? `${progress.step}${framesOf(progress)}, ${Math.floor(100 * progress.share)} % done.`
        : "Being measured.";
    case "done":
      return `${scoreTitle(job.result.report?.score)}. Kept until ${when(job.result.expires)} at the latest.`;
    default:
      return job.message || "Failed, and the server does not say why.";
  }
}
