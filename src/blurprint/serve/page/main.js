// The page: pictures in, results out, and what is shown kept in the address.

import { limits, login } from "./api.js";
import { el, fill } from "./dom.js";
import { watchIntake } from "./intake.js";
import { Jobs } from "./jobs.js";
import { JobsList } from "./jobs_list.js";
import { compareChoice, compareView, failedView, resultView } from "./result_view.js";
import { scoreTitle } from "./words.js";

const find = (id) => document.getElementById(id);
const jobs = new Jobs();
/** Results that are taken up from an address. */
const MOST_KEPT = 200;
const settings = { opacity: 50, outlines: true };
const prior = { share: 0.5 };
/** Ids of the results that are shown: the one, and the one beside it. */
let shown = { one: null, beside: null };
let drawn = "";
let compared = null;
const announced = new WeakMap();

const list = new JobsList(find("list"), jobs, (job) => show(job, null, true));
const tools = {
  settings,
  prior,
  compare: (job, other) => show(job, other, true),
  remove: async (job) => {
    try {
      await jobs.drop(job);
      say(`${job.name} is deleted.`);
      find("choose").focus();
    } catch (error) {
      say(`${job.name} is not deleted. ${error.message}`);
    }
  },
};

function say(text) {
  fill(find("status"), text);
}

function take(files) {
  if (!files.length) return;
  say(
    files.length === 1
      ? `${files[0].name || "A picture"} is added.`
      : `${files.length} files are added.`,
  );
  jobs.add(files);
}

jobs.fields = () => {
  const method = find("method").value;
  return { prior: String(prior.share), ...(method ? { method } : {}) };
};

function show(job, beside, focus) {
  shown = { one: job?.id ?? null, beside: beside?.id ?? null };
  keep(true);
  draw();
  if (focus) find("shown")?.focus();
}

function draw() {
  const done = jobs.list.filter((job) => job.phase === "done");
  const one = done.find((job) => job.id === shown.one) ?? null;
  const beside = one && (done.find((job) => job.id === shown.beside) ?? null);
  list.mark(one);
  const key = one ? `${one.id} ${beside?.id ?? ""}` : "";
  if (key !== drawn) {
    drawn = key;
    compared = null;
    fill(find("result"), one && view(one, beside));
  }
  const others = done.filter((job) => job !== one);
  const choices = others.map((job) => job.id).join(" ");
  if (find("compare-slot") && choices !== compared) {
    compared = choices;
    fill(find("compare-slot"), compareChoice(one, others, tools));
  }
  document.title = one ? `${one.name} – Blurprint` : "Blurprint";
}

function view(one, beside) {
  try {
    return beside ? compareView(one, beside, tools) : resultView(one, tools);
  } catch (error) {
    console.error(error);
    return failedView(one, beside);
  }
}

/** Keep what is here in the address: `r`, the results; `show` and `beside`, what is looked at. */
function keep(step) {
  const ids = jobs.list.filter((job) => job.id && job.phase !== "gone").map((job) => job.id);
  const parts = new URLSearchParams();
  if (ids.length) parts.set("r", ids.join(","));
  if (shown.one) parts.set("show", shown.one);
  if (shown.beside) parts.set("beside", shown.beside);
  const hash = parts.size ? `#${parts}` : "";
  if (hash === location.hash) return;
  const address = hash || location.pathname + location.search;
  if (step) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

function restore() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const named = (parts.get("r") ?? "").split(",").filter((id) => /^[\w-]+$/.test(id));
  const ids = named.slice(0, MOST_KEPT);
  if (ids.length < named.length) {
    say(`Of ${named.length} results in the address ${MOST_KEPT} are shown.`);
  }
  shown = { one: parts.get("show"), beside: parts.get("beside") };
  jobs.restore(ids);
  draw();
}

jobs.addEventListener("list", () => {
  find("pictures-list").hidden = !jobs.list.length;
  keep(false);
  draw();
});
jobs.addEventListener("note", (event) => say(event.detail));
jobs.addEventListener("change", ({ detail: job }) => {
  if (job.phase === "locked") find("locked").hidden = false;
  const isShown = jobs.list.some((one) => one.id === shown.one && one.phase === "done");
  if (job.phase === "done" && !isShown) {
    const wanted = shown.one && jobs.byId(shown.one) && !jobs.byId(shown.one).over;
    if (!wanted) shown = { one: job.id, beside: null };
  }
  if (announced.get(job) !== job.phase) announce(job);
  announced.set(job, job.phase);
  draw();
});

const SAID = ["failed", "gone", "busy", "offline"];

function announce(job) {
  if (job.phase === "done") say(`${job.name}: done. ${scoreTitle(job.result.report?.score)}.`);
  else if (SAID.includes(job.phase)) say(`${job.name}: ${job.message}`);
}

find("token-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await login(find("token").value.trim());
    find("token").value = "";
    fill(find("token-note"));
    find("locked").hidden = true;
    jobs.unlock();
  } catch (error) {
    fill(find("token-note"), error.message);
  }
});

const METHODS = {
  net: "net, in pixels",
  "net-float": "net-float, in pixels: the same network, not rounded, slower",
  edge: "edge, in pixels: from the widths of edges",
  paper: "paper, not in pixels: the published map",
  "paper-release": "paper-release, not in pixels: as its published code makes it",
};

/** Say what this server takes. Where it does not answer, uploads say so. */
async function learn() {
  let known;
  try {
    known = await limits();
  } catch (error) {
    if (error.status === 401) find("locked").hidden = false;
    return;
  }
  jobs.most = known.max_file_bytes;
  find("locked").hidden = !known.token_required || known.signed_in;
  if (known.videos) fill(find("add"), "Add pictures or a video");
  const hours = Number(known.keep_hours.toPrecision(2));
  fill(find("hours"), `${hours} ${hours === 1 ? "hour" : "hours"}`);
  find("keep-hours").hidden = false;
  find("keep").classList.add("reserve"); // Its height stays, so that nothing below moves.
  const others = known.methods.filter((name) => name !== known.default_method);
  fill(
    find("method"),
    el(
      "option",
      { value: "" },
      `${METHODS[known.default_method] ?? known.default_method} (the default)`,
    ),
    others.map((name) => el("option", { value: name }, METHODS[name] ?? name)),
  );
}

// Closed details are not printed.
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("#result details")) details.open = true;
});
window.addEventListener("popstate", restore);
window.addEventListener("hashchange", restore);
watchIntake(take, say);
learn();
restore();
