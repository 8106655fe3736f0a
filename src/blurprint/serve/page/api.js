// The service as functions. Whatever goes wrong is a Problem with a sentence for the reader.

const ADDRESS = new URL("v1/", document.baseURI);

/** Status 0: no answer at all. `retryAfter`: seconds, or null where the server names none. */
export class Problem extends Error {
  constructor(status, code, message, retryAfter = null) {
    super(message);
    Object.assign(this, { status, code, retryAfter });
  }
}

const NO_ANSWER = "The server cannot be reached.";
const SENTENCES = {
  401: "This server asks for its access token.",
  404: "This result is not kept on this server: it expired, was deleted, or never was here.",
  413: "The file is larger than this server accepts.",
  429: "The server is busy.",
  503: "The server is busy or about to stop.",
};

function problem(status, body, retryAfter) {
  let told = null;
  try {
    told = JSON.parse(body).error;
  } catch {
    told = null; // Not the service's own answer, as of a proxy in between.
  }
  const words = told?.code === "unauthorized" ? null : told?.message; // Those are for programs.
  const message = words || SENTENCES[status] || `The server answered with error ${status}.`;
  const seconds = Number.parseFloat(retryAfter);
  const wait = Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
  return new Problem(status, told?.code ?? `http_${status}`, message, wait);
}

async function asked(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { cache: "no-store", ...options });
  } catch {
    throw new Problem(0, "no_answer", NO_ANSWER);
  }
  if (answer.ok) return answer;
  throw problem(answer.status, await answer.text(), answer.headers.get("Retry-After"));
}

/** The state of a result. */
export async function state(id) {
  return (await asked(new URL(`results/${encodeURIComponent(id)}`, ADDRESS))).json();
}

/** Delete a result; that it is gone already is no problem. */
export async function remove(id) {
  const address = new URL(`results/${encodeURIComponent(id)}`, ADDRESS);
  try {
    await asked(address, { method: "DELETE" });
  } catch (error) {
    if (error.status !== 404) throw error;
  }
}

/** Whether the server answers at all. */
export async function alive() {
  try {
    await asked(new URL("healthz", ADDRESS));
  } catch (error) {
    return error.status !== 0;
  }
  return true;
}

/** What the server takes: sizes, methods, whether videos, and whether it wants a token first. */
export async function limits() {
  return (await asked(new URL("limits", ADDRESS))).json();
}

/** Sign in with the server's token; it answers with a cookie that scripts cannot read. */
export async function login(token) {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ token });
  await asked(new URL("login", ADDRESS), { method: "POST", headers, body });
}

/** A file of a result: the whole answer. */
export async function file(address) {
  return asked(new URL(address, document.baseURI));
}

/** Send a file. `onSent` hears the share that left, 0 to 1. Returns `done`, a promise of the
 * states of its results, and `cancel`. */
export function send(file, fields, onSent) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open("POST", new URL("analyze", ADDRESS));
    // The id is known as soon as the file is there, and not only with the result.
    request.setRequestHeader("Prefer", "respond-async");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable && event.total) onSent(event.loaded / event.total);
    });
    request.addEventListener("error", () => reject(new Problem(0, "no_answer", NO_ANSWER)));
    request.addEventListener("abort", () => reject(new Problem(0, "cancelled", "Cancelled.")));
    request.addEventListener("load", () => {
      if (request.status < 200 || request.status > 299) {
        const wait = request.getResponseHeader("Retry-After");
        reject(problem(request.status, request.responseText, wait));
        return;
      }
      try {
        resolve(JSON.parse(request.responseText).results);
      } catch {
        reject(new Problem(request.status, "no_sense", "The server's answer cannot be read."));
      }
    });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("files", file, file.name);
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}
