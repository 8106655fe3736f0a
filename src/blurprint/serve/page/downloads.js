// Files of a result, and its end.

import { bytes, token } from "./api.js";
import { el, fill } from "./dom.js";
import { when } from "./words.js";

/** Links to the files of a result, print, a link to share, and delete. */
export function downloadsSection(job, remove) {
  const { result } = job;
  const stem = result.name.replace(/\.[^.]*$/, "") || "picture";
  const note = el("p", { class: "small", role: "status" });
  const link = (words, address, name, opens) => fileLink({ words, address, name, opens, note });
  const json = URL.createObjectURL(
    new Blob([`${JSON.stringify(result.report, null, 2)}\n`], { type: "application/json" }),
  );
  const { links } = result;
  return el(
    "section",
    { class: "downloads", "aria-labelledby": "downloads" },
    el("h3", { id: "downloads" }, "Files and link"),
    el(
      "ul",
      { class: "actions" },
      link("Report", links.report_html, `${stem}.report.html`, true),
      el("li", {}, el("a", { href: json, download: `${stem}.report.json` }, "JSON")),
      link("Map as numbers (npz)", links.defocus_npz, `${stem}.defocus.npz`),
      link("Map as a picture (PNG)", links.map_png, `${stem}.map.png`),
      el("li", {}, el("button", { type: "button", onclick: () => window.print() }, "Print or save as PDF")),
      el("li", {}, el("button", { type: "button", class: "danger", onclick: remove }, "Delete this result")),
    ),
    note,
    shareLink(result),
  );
}

// A token cannot travel with a link, so files are fetched first.
function fileLink({ words, address, name, opens, note }) {
  const href = new URL(address, document.baseURI).href;
  const attributes = opens ? { target: "_blank", rel: "noopener" } : { download: name };
  const anchor = el("a", { href, ...attributes }, words);
  anchor.addEventListener("click", async (event) => {
    if (!token.get()) return;
    event.preventDefault();
    try {
      const file = URL.createObjectURL(await (await bytes(address)).blob());
      el("a", { href: file, download: name }).click();
      fill(note, "");
    } catch (error) {
      fill(note, `${words}: ${error.message}`);
    }
  });
  return el("li", {}, anchor);
}

function shareLink(result) {
  const address = new URL(document.baseURI);
  address.hash = `r=${encodeURIComponent(result.id)}`;
  return el(
    "div",
    { class: "share" },
    el("label", { for: "share-link" }, "Link for others who can reach this server"),
    el("input", {
      id: "share-link", readonly: true, value: address.href,
      onfocus: (event) => event.target.select(),
    }),
    el(
      "p",
      { class: "small soft" },
      "Whoever has the link can see the picture and its result until ",
      el("time", { datetime: result.expires }, when(result.expires)),
      ", when this server deletes both.",
    ),
  );
}
