"use strict";
const photo = document.getElementById("photo");
const picture = document.getElementById("map");

// The map in numbers, under the cursor: photograph and map share place and zoom.
const reader = document.getElementById("reader");
const reading = document.getElementById("reading");
const frames = [photo.parentElement, picture.parentElement];
const marks = frames.map(() => document.createElement("div"));
const grid = { width: Number(reader.dataset.gridWidth), height: Number(reader.dataset.gridHeight) };
const bytes = (name) => Uint8Array.from(atob(reader.dataset[name]), (c) => c.charCodeAt(0));
const sigmas = new DataView(bytes("sigma").buffer);
const confidences = bytes("confidence");
const unit = reader.dataset.unit;
const scale = Number(reader.dataset.scale);
const view = { left: 0, top: 0, zoom: 1 };
const place = { x: 0.5, y: 0.5 };

const within = (value, low, high) => Math.min(Math.max(value, low), high);

function cell(share, count) {
  return within(Math.floor(share * count), 0, count - 1);
}

// Cells are smaller in number than the pixels of a large map: then each is a mean of so many.
const sides = [
  Number(reader.dataset.width) / grid.width,
  Number(reader.dataset.height) / grid.height,
];
const told = sides.map((side) => Number(side.toPrecision(3))).join(" × ");
const mean = Math.max(...sides) > 1 ? `, mean of ${told} pixels` : "";

function tell() {
  const index = cell(place.y, grid.height) * grid.width + cell(place.x, grid.width);
  const x = cell(place.x, Number(reader.dataset.width));
  const y = cell(place.y, Number(reader.dataset.height));
  const where = `Column ${x}, row ${y}${mean}: `;
  const percent = confidences[index];
  const sigma = sigmas.getUint16(2 * index, true) / Number(reader.dataset.step);
  if (percent === 255) {
    return where + (mean ? "no photograph in half of them or more." : "no photograph.");
  }
  if (unit !== "px") return `${where}${Number(sigma.toPrecision(3))} ${unit}.`;
  const sure = `${mean ? "mean confidence" : "confidence"} ${percent} %`;
  if (percent === 0) return `${where}unknown (${sure}).`;
  const native = scale === 1 ? "" : ` (${(sigma / scale).toFixed(2)} px native)`;
  const blur = `blur ${sigma.toFixed(2)} px${native}, ${sure}`;
  return where + (percent < 50 ? `not measured; a guess is ${blur}.` : `${blur}.`);
}

function show() {
  const room = 1 - 1 / view.zoom;
  view.left = within(view.left, 0, room);
  view.top = within(view.top, 0, room);
  const by = (share) => `${-100 * view.zoom * share}%`;
  for (const image of [photo, picture]) {
    image.style.transformOrigin = "0 0";
    image.style.transform = `translate(${by(view.left)}, ${by(view.top)}) scale(${view.zoom})`;
  }
  for (const mark of marks) {
    mark.style.left = `${100 * view.zoom * (place.x - view.left)}%`;
    mark.style.top = `${100 * view.zoom * (place.y - view.top)}%`;
  }
  for (const frame of frames) frame.classList.toggle("closer", view.zoom > 1);
}

function point(x, y) {
  place.x = within(x, 0, 1);
  place.y = within(y, 0, 1);
  for (const mark of marks) mark.hidden = false;
  reading.textContent = tell();
  show();
}

function zoomBy(factor, x = place.x, y = place.y) {
  const zoom = within(view.zoom * factor, 1, 16);
  view.left = x - ((x - view.left) * view.zoom) / zoom;
  view.top = y - ((y - view.top) * view.zoom) / zoom;
  view.zoom = zoom;
  show();
}

function shareOf(event, frame) {
  const box = frame.getBoundingClientRect();
  return [
    view.left + (event.clientX - box.left) / box.width / view.zoom,
    view.top + (event.clientY - box.top) / box.height / view.zoom,
  ];
}

function move(event, frame) {
  if (event.buttons === 1 && view.zoom > 1) {
    const box = frame.getBoundingClientRect();
    view.left -= event.movementX / box.width / view.zoom;
    view.top -= event.movementY / box.height / view.zoom;
  }
  point(...shareOf(event, frame));
}

function press(event) {
  const far = event.shiftKey ? 10 : 1;
  const steps = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] };
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in steps) {
    const [right, down] = steps[event.key];
    point(place.x + right / grid.width, place.y + down / grid.height);
    const half = 1 / view.zoom / 2;
    if (Math.abs(place.x - view.left - half) > half) view.left = place.x - half;
    if (Math.abs(place.y - view.top - half) > half) view.top = place.y - half;
    show();
  } else if (event.key === "+" || event.key === "=") zoomBy(2);
  else if (event.key === "-") zoomBy(0.5);
  else if (event.key === "0") zoomBy(1 / 16);
  else return;
  event.preventDefault();
}

frames.forEach((frame, index) => {
  const image = frame.querySelector("img");
  image.draggable = false;
  marks[index].className = "mark";
  marks[index].hidden = true;
  frame.append(marks[index]);
  frame.classList.add("live");
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute(
    "aria-label",
    `${index ? "Map" : "Photograph"}: arrow keys read the blur, plus and minus zoom, 0 shows all`,
  );
  frame.addEventListener("pointermove", (event) => move(event, frame));
  frame.addEventListener("pointerdown", (event) => move(event, frame));
  frame.addEventListener("dblclick", (event) => zoomBy(2, ...shareOf(event, frame)));
  frame.addEventListener("keydown", press);
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoomBy(event.deltaY < 0 ? 1.25 : 0.8, ...shareOf(event, frame));
  }, { passive: false });
});
document.getElementById("closer").addEventListener("click", () => zoomBy(2));
document.getElementById("farther").addEventListener("click", () => zoomBy(0.5));
document.getElementById("whole").addEventListener("click", () => zoomBy(1 / 16));
reader.hidden = false;

// One over the other: what is left of the slider is the photograph, what is right of it the map.
const overlay = document.getElementById("overlay");
const stage = document.getElementById("stage");
const slider = document.getElementById("share");
const wipe = document.getElementById("wipe");
const upper = picture.cloneNode();

function draw() {
  const share = Number(slider.value);
  upper.style.clipPath = wipe.checked ? `inset(0 0 0 ${share}%)` : "none";
  upper.style.opacity = wipe.checked ? 1 : share / 100;
  document.getElementById("left").hidden = !wipe.checked || share < 15;
  document.getElementById("right").hidden = !wipe.checked || share > 90;
  slider.setAttribute(
    "aria-valuetext",
    wipe.checked ? `photograph up to ${share} percent, map from there` : `${share} percent map`,
  );
}

function follow(event) {
  if (event.buttons !== 1) return;
  const box = stage.getBoundingClientRect();
  slider.value = Math.round((100 * (event.clientX - box.left)) / box.width);
  draw();
}

for (const image of [photo.cloneNode(), upper]) {
  image.removeAttribute("id");
  image.style.transform = "none";
  image.draggable = false;
  stage.append(image);
}
slider.addEventListener("input", draw);
overlay.addEventListener("change", draw);
stage.addEventListener("pointerdown", follow);
stage.addEventListener("pointermove", follow);
overlay.hidden = false;
draw();
