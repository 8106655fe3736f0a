// Wheel, drag, pinch and keys of a picture, to a View.

const STEP = 1.25;

/** `grid`: width and height of the values, whose cells are the steps of the arrow keys. */
export function listen(stage, view, grid) {
  const fingers = new Map();

  const shares = (event) => {
    const box = stage.getBoundingClientRect();
    return [
      view.left + (event.clientX - box.left) / box.width / view.zoom,
      view.top + (event.clientY - box.top) / box.height / view.zoom,
    ];
  };
  const spread = () => {
    const [one, other] = fingers.values();
    return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  };
  const middle = () => {
    const [one, other] = fingers.values();
    return {
      clientX: (one.clientX + other.clientX) / 2,
      clientY: (one.clientY + other.clientY) / 2,
    };
  };

  stage.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    stage.setPointerCapture(event.pointerId);
    if (fingers.size === 1) view.point(...shares(event));
  });
  stage.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (fingers.size === 2 && before) {
      const [width, at] = [spread(), middle()];
      fingers.set(event.pointerId, event);
      const box = stage.getBoundingClientRect();
      const now = middle();
      view.pan(
        (at.clientX - now.clientX) / box.width / view.zoom,
        (at.clientY - now.clientY) / box.height / view.zoom,
      );
      if (width > 0) view.zoomBy(spread() / width, ...shares(now));
      return;
    }
    if (before && view.zoom > 1) {
      const box = stage.getBoundingClientRect();
      view.pan(
        (before.clientX - event.clientX) / box.width / view.zoom,
        (before.clientY - event.clientY) / box.height / view.zoom,
      );
    }
    if (before) fingers.set(event.pointerId, event);
    view.point(...shares(event));
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    stage.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }

  // A wheel over a picture that is not in use goes on scrolling the page.
  stage.addEventListener(
    "wheel",
    (event) => {
      const inUse = event.ctrlKey || event.metaKey || document.activeElement === stage;
      if (!inUse || (event.deltaY > 0 && view.zoom === 1 && !event.ctrlKey)) return;
      event.preventDefault();
      view.zoomBy(event.deltaY < 0 ? STEP : 1 / STEP, ...shares(event));
    },
    { passive: false },
  );
  stage.addEventListener("dblclick", (event) => view.zoomBy(2, ...shares(event)));

  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = event.shiftKey ? 10 : 1;
    const arrows = {
      ArrowLeft: [-far, 0],
      ArrowRight: [far, 0],
      ArrowUp: [0, -far],
      ArrowDown: [0, far],
    };
    if (event.key in arrows) {
      const [right, down] = arrows[event.key];
      const { width, height } = grid();
      view.point(view.x + right / width, view.y + down / height, true);
      view.follow();
    } else if (event.key === "+" || event.key === "=") view.zoomBy(2);
    else if (event.key === "-") view.zoomBy(0.5);
    else if (event.key === "0") view.look(1, 0, 0);
    else return;
    event.preventDefault();
  });
}
