// Files on their way to results: sent one after the other, then asked for until they are done.

import { alive, remove, send, state } from "./api.js";

const [FIRST_ASK, LAST_ASK] = [500, 3000];
const [FIRST_WAIT, LAST_WAIT] = [3, 60];
const MOST_OPEN = 4;
const LEAST_LEFT = 60_000;
const LONGEST_TIMER = 2 ** 31 - 1;
const REFUSED =
  "The server ended the connection while the file was sent, as it does with files that are " +
  "too large.";

const megabytes = (bytes) => `${(bytes / 1e6).toPrecision(3)} MB`;

/** One file or one kept result. `phase`: "waiting", "sending", "busy", "offline", "locked",
 * "queued", "running", "done", "failed", "gone". "busy" and "offline" end at `retryAt`. */
class Job {
  constructor(name, file = null, id = null) {
    Object.assign(this, { name, file, id, phase: file ? "waiting" : "queued", sent: 0 });
    Object.assign(this, { result: null, message: "", upload: null, dropped: false });
    Object.assign(this, { retryAt: 0, tries: 0, timer: 0, fields: {}, how: "" });
  }

  /** Whether it is to be sent now: also where its timer is late, so that none overtakes it. */
  get due() {
    if (this.phase === "waiting") return true;
    return !this.id && ["busy", "offline"].includes(this.phase) && this.retryAt <= Date.now();
  }

  get over() {
    return ["done", "failed", "gone"].includes(this.phase);
  }
}

/** Emits "list" when a job comes or goes, "change", with its job, when one changes, and "note". */
export class Jobs extends EventTarget {
  list = [];
  /** With which fields a file that is added now is sent, and these in words; throws an error with
   * a sentence where they are not valid. */
  wanted = () => ({ fields: {}, how: "" });
  /** Bytes of a file at most; null while that is not known. */
  most = null;
  #open = new Set();
  /** Ids of what was deleted here, which an earlier address of the page may still name. */
  #removed = new Set();
  #heldUntil = 0;

  add(files) {
    const added = [...files].map((file) => new Job(file.name || "picture", file));
    this.list.push(...added);
    this.#tell("list");
    for (const job of added) this.#check(job);
    this.#next();
  }

  /** Take up results of this server by their ids. */
  restore(ids) {
    for (const id of ids) {
      if (this.byId(id) || this.#removed.has(id)) continue;
      const job = new Job("A kept result", null, id);
      this.list.push(job);
      this.#ask(job);
    }
    this.#tell("list");
  }

  byId(id) {
    return this.list.find((job) => job.id === id) ?? null;
  }

  /** Whether the page holds files that would be lost with it, or whose ids are not known yet. */
  get unsettled() {
    return this.#open.size > 0 || this.list.some((job) => job.file && !job.id && !job.over);
  }

  /** Stop a job or delete its result, on the server as well. */
  async drop(job) {
    clearTimeout(job.timer);
    // What was sent whole is deleted when the server has said under which id it keeps it.
    job.dropped = true;
    if (job.sent < 1) job.upload?.cancel();
    if (job.id && job.phase !== "gone") {
      try {
        await remove(job.id);
      } catch (error) {
        job.dropped = false;
        if (!job.over) this.#ask(job); // Its timer is gone.
        throw error;
      }
      this.#removed.add(job.id);
    }
    this.list = this.list.filter((other) => other !== job);
    this.#tell("list");
  }

  /** Try again at once. */
  retry(job) {
    clearTimeout(job.timer);
    this.#heldUntil = 0;
    const anew = job.phase === "failed";
    if (anew) job.id = null; // What failed is sent anew.
    if (job.id) this.#ask(job);
    else if (job.file) {
      this.#change(job, { phase: "waiting", message: "", retryAt: 0 });
      if (anew) this.#check(job);
      this.#next();
    }
  }

  /** Try again whatever waits for the access token. */
  unlock() {
    for (const job of this.list.filter((one) => one.phase === "locked")) this.retry(job);
  }

  // The fields are those at this moment, whatever is changed on the page before the file leaves.
  #check(job) {
    if (job.file.size === 0) this.#change(job, { phase: "failed", message: "The file is empty." });
    else if (this.most !== null && job.file.size > this.most) {
      const [size, most] = [job.file.size, this.most].map(megabytes);
      const message = `The file has ${size}; this server accepts ${most} at most.`;
      this.#change(job, { phase: "failed", message });
    } else {
      try {
        this.#change(job, this.wanted());
      } catch (error) {
        this.#change(job, { phase: "failed", message: error.message });
      }
    }
  }

  // One file leaves at a time; meanwhile the server may still measure those before it.
  async #next() {
    const job = this.list.find((one) => one.due);
    const busy = this.#open.size >= MOST_OPEN || [...this.#open].some((one) => one.sent < 1);
    if (!job || busy) return;
    const held = this.#heldUntil - Date.now();
    if (held > 0) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#next(), held);
      return;
    }
    clearTimeout(job.timer);
    this.#open.add(job);
    this.#change(job, { phase: "sending", sent: 0, message: "" });
    job.upload = send(job.file, job.fields, (sent) => {
      this.#change(job, { sent });
      if (sent >= 1) this.#next();
    });
    try {
      const results = await job.upload.done;
      if (job.dropped) await Promise.all(results.map((result) => remove(result.id)));
      else results.forEach((result, index) => this.#take(index ? this.#join(result) : job, result));
    } catch (error) {
      if (!job.dropped) await this.#unsent(job, error);
      else if (error.code !== "cancelled") this.note(`${job.name} may be kept: ${error.message}`);
    }
    job.upload = null;
    this.#open.delete(job);
    this.#next();
  }

  #join(result) {
    const job = new Job(result.name, null, result.id);
    this.list.push(job);
    this.#tell("list");
    return job;
  }

  async #unsent(job, error) {
    if (error.status === 429 || error.status === 503) this.#wait(job, "busy", error);
    else if (error.status === 401) this.#change(job, { phase: "locked", message: error.message });
    else if (error.status !== 0) this.#change(job, { phase: "failed", message: error.message });
    else if (await alive()) this.#change(job, { phase: "failed", message: REFUSED });
    else this.#wait(job, "offline", error);
  }

  #wait(job, phase, error) {
    const own = Math.min(FIRST_WAIT * 2 ** job.tries, LAST_WAIT);
    const seconds = Math.max(error.retryAfter ?? own, 1);
    job.timer = setTimeout(() => this.retry(job), 1000 * seconds);
    const retryAt = Date.now() + 1000 * seconds;
    if (!job.id) this.#heldUntil = retryAt;
    this.#change(job, { phase, message: error.message, retryAt, tries: job.tries + 1 });
  }

  #take(job, result, wait = FIRST_ASK) {
    const isNew = job.id !== result.id;
    job.id = result.id;
    const message = result.error?.message ?? "";
    this.#change(job, { phase: result.state, name: result.name, result, message, tries: 0 });
    if (isNew) this.#tell("list");
    if (!job.over) {
      job.timer = setTimeout(() => this.#ask(job, Math.min(1.4 * wait, LAST_ASK)), wait);
    } else if (job.phase === "done") {
      // When it expires, the server is asked whether it is gone.
      const left = Math.max(Date.parse(result.expires) - Date.now(), LEAST_LEFT);
      job.timer = setTimeout(() => this.#ask(job), Math.min(left, LONGEST_TIMER));
    }
  }

  async #ask(job, wait = FIRST_ASK) {
    try {
      const result = await state(job.id);
      if (this.list.includes(job)) this.#take(job, result, wait);
    } catch (error) {
      if (!this.list.includes(job)) return;
      if (error.status === 404) this.#change(job, { phase: "gone", message: error.message });
      else if (error.status === 401) this.#change(job, { phase: "locked", message: error.message });
      else this.#wait(job, error.status === 429 ? "busy" : "offline", error);
    }
  }

  #change(job, facts) {
    Object.assign(job, facts);
    this.dispatchEvent(new CustomEvent("change", { detail: job }));
  }

  /** Say what has no place in a row that is drawn again and again. */
  note(text) {
    this.dispatchEvent(new CustomEvent("note", { detail: text }));
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
