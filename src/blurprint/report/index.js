// The overview: find, order, and so many pictures at a time. Without this all are shown.
(() => {
  const list = document.querySelector(".overview");
  const tools = document.querySelector(".tools");
  const [find, order, show, count, page, back, on] = ["find", "order", "show", "count", "page", "back", "on"]
    .map((id) => document.getElementById(id));
  const length = Number(list.dataset.length);
  const words = (card, selector) => (card.querySelector(selector)?.textContent ?? "");
  const cards = Array.from(list.children, (card, given) => ({
    card, given, name: words(card, "h2"), failed: card.classList.contains("failed"),
    text: (words(card, "h2") + "\n" + words(card, ".folder") + "\n" + Array.from(card.querySelectorAll("p"), (p) => p.textContent).join("\n")).toLowerCase(),
    median: "median" in card.dataset ? Number(card.dataset.median) : null,
    measured: "measured" in card.dataset ? Number(card.dataset.measured) : null,
    ratio: "ratio" in card.dataset ? Number(card.dataset.ratio) : null,
    fake: card.querySelector(".verdict.fake") !== null,
  }));
  const collator = new Intl.Collator(undefined, { numeric: true });
  // What has no value comes last, whichever way values are ordered.
  const by = (key, sign) => (a, b) =>
    (a[key] === null) - (b[key] === null) || sign * (a[key] - b[key]) || a.given - b.given;
  const orders = {
    given: (a, b) => a.given - b.given,
    name: (a, b) => collator.compare(a.name, b.name) || a.given - b.given,
    "median-up": by("median", 1), "median-down": by("median", -1),
    "measured-up": by("measured", 1), "measured-down": by("measured", -1),
    "ratio-down": by("ratio", -1),
  };
  let first = 0;

  function update(start) {
    const wanted = find.value.trim().toLowerCase();
    const found = cards
      .filter((one) => one.text.includes(wanted) && (show.value === "all"
        || (show.value === "fake" ? one.fake : one.failed === (show.value === "failed"))))
      .sort(orders[order.value]);
    first = Math.max(0, Math.min(start, Math.floor((found.length - 1) / length) * length));
    const shown = found.slice(first, first + length);
    for (const { card } of cards) card.hidden = true;
    for (const { card } of shown) card.hidden = false;
    list.append(...shown.map(({ card }) => card));
    const pages = Math.max(1, Math.ceil(found.length / length));
    count.textContent = found.length === cards.length ? "" : `${found.length} of ${cards.length}`;
    page.textContent = `${first / length + 1} of ${pages}`;
    back.disabled = first === 0;
    on.disabled = first + length >= found.length;
    page.parentElement.hidden = pages === 1;
  }

  tools.hidden = false;
  tools.addEventListener("submit", (event) => event.preventDefault());
  for (const control of [find, order, show]) control.addEventListener("input", () => update(0));
  const turn = (step) => { update(first + step); tools.scrollIntoView(); };
  back.addEventListener("click", () => turn(-length));
  on.addEventListener("click", () => turn(length));
  update(0);
})();
