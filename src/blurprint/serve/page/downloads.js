// Files of a result, and its end.

import { el } from "./dom.js";
import { when } from "./words.js";

/** Links to the files of a result, print, a link to share, and delete. */
export function downloadsSection(job, remove) {
  const { result } = job;
  const { links } = result;
  const stem = result.name.replace(/\.[^.]*$/, "") || "picture";
  const save = (words, address, name) => el(
    "li",
    {},
    el("a", { href: address, download: `${stem}.${name}` }, words),
  );
  return el(
    "section",
    { class: "downloads", "aria-labelledby": "downloads" },
    el("h3", { id: "downloads" }, "Files and link"),
    el(
      "ul",
      { class: "actions" },
      el(
        "li",
        {},
        el("a", { href: links.report_html, target: "_blank", rel: "noopener" }, "Report (new tab)"),
      ),
      save("Report to keep (HTML)", links.report_html, "report.html"),
      save("Report as data (JSON)", links.report_json, "report.json"),
      save("Map as numbers (npz)", links.defocus_npz, "defocus.npz"),
      save("Map as a picture (PNG)", links.map_png, "map.png"),
      el(
        "li",
        {},
        el("button", { type: "button", onclick: () => window.print() }, "Print or save as PDF"),
      ),
      el(
        "li",
        {},
        el("button", { type: "button", class: "danger", onclick: remove }, "Delete this result"),
      ),
    ),
    shareLink(result),
  );
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
      " at the latest, when this server deletes both.",
    ),
  );
}
