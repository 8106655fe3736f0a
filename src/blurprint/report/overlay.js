"use strict";
const overlay = document.getElementById("overlay");
const stage = document.getElementById("stage");
const slider = document.getElementById("share");
const wipe = document.getElementById("wipe");
const map = document.getElementById("map").cloneNode();

function draw() {
  const share = Number(slider.value);
  map.style.clipPath = wipe.checked ? `inset(0 ${100 - share}% 0 0)` : "none";
  map.style.opacity = wipe.checked ? 1 : share / 100;
  slider.setAttribute("aria-valuetext", `${share} percent map`);
}

function follow(event) {
  if (event.buttons !== 1) return;
  const box = stage.getBoundingClientRect();
  slider.value = Math.round((100 * (event.clientX - box.left)) / box.width);
  draw();
}

for (const image of [document.getElementById("photo").cloneNode(), map]) {
  image.removeAttribute("id");
  image.draggable = false;
  stage.append(image);
}
slider.addEventListener("input", draw);
overlay.addEventListener("change", draw);
stage.addEventListener("pointerdown", follow);
stage.addEventListener("pointermove", follow);
overlay.hidden = false;
draw();
