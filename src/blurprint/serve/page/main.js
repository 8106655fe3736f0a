// The page: pictures in, results out, and what is shown kept in the address.

import { limits, login } from "./api.js";
import { el, fill } from "./dom.js";
import { watchIntake } from "./intake.js";
import { Jobs } from "./jobs.js";
import { JobsList } from "./jobs_list.js";
import { Prior, bind } from "./prior.js";
import { compareChoice, compareView, failedView, resultView } from "./result_view.js";
import { scoreTitle } from "./words.js";

const find = (id) => document.getElementById(id);
const jobs = new Jobs();
/** Results that are taken up from an address. */
const MOST_KEPT = 200;
const settings = { opacity: 50, outlines: true };
const prior = new Prior();
/** Results in the address beyond those that are shown; they stay in it. */
let beyond = [];
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
      find("trouble").hidden = true;
      find("choose").focus();
    } catch (error) {
      warn(`${job.name} is not deleted. ${error.message}`);
    }
  },
};

function say(text) {
  fill(find("status"), text);
}

/** Say what is to be seen as well. */
function warn(text) {
  say(text);
  fill(find("trouble"), text).hidden = false;
}

function take(files) {
  if (!files.length) return;
  find("trouble").hidden = true;
  say(
    files.length === 1
      ? `${files[0].name || "A picture"} is added.`
      : `${files.length} files are added.`,
  );
  jobs.add(files);
}

jobs.wanted = () => {
  if (prior.share === null) {
    throw new Error(`Not sent: ${prior.words}. Correct it, then try again.`);
  }
  const method = find("method").value;
  const fields = { prior: String(prior.share), ...(method ? { method } : {}) };
  return { fields, how: `Method ${methodName()}, ${prior.words}.` };
};

const methodName = () => find("method").value || find("method").options[0].dataset.name;

/** What files that are added now are measured with. */
function tellChosen() {
  const what = `method ${methodName()}, ${prior.words}`;
  const invalid = prior.share === null;
  fill(find("chosen"), invalid ? `${what}: no file is sent` : what);
  find("chosen").classList.toggle("invalid", invalid);
}

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
  const kept = jobs.list.filter((job) => job.id && job.phase !== "gone").map((job) => job.id);
  const ids = [...beyond, ...kept];
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
  shown = { one: parts.get("show"), beside: parts.get("beside") };
  // The newest, which are the last, and what is looked at.
  const looked = named.filter((id) => id === shown.one || id === shown.beside);
  const newest = named.filter((id) => !looked.includes(id)).slice(looked.length - MOST_KEPT);
  const ids = named.filter((id) => looked.includes(id) || newest.includes(id));
  beyond = named.filter((id) => !ids.includes(id));
  if (beyond.length) warn(`Of ${named.length} results in the address ${MOST_KEPT} are shown.`);
  jobs.restore(ids);
  draw();
}

jobs.addEventListener("list", () => {
  find("pictures-list").hidden = !jobs.list.length;
  keep(false);
  draw();
});
jobs.addEventListener("note", (event) => warn(event.detail));
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
      { value: "", "data-name": known.default_method },
      `${METHODS[known.default_method] ?? known.default_method} (the default)`,
    ),
    others.map((name) => el("option", { value: name }, METHODS[name] ?? name)),
  );
  tellChosen();
}

// Closed details are not printed.
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("#result details")) details.open = true;
});
window.addEventListener("popstate", restore);
window.addEventListener("hashchange", restore);
// What is not sent yet, or is being sent, would be lost with the page, or its result never found.
window.addEventListener("beforeunload", (event) => {
  if (jobs.unsettled) event.preventDefault();
});
find("method").addEventListener("change", tellChosen);
bind(find("prior-next"), prior, tellChosen);
watchIntake(take, warn);
learn();
restore();
