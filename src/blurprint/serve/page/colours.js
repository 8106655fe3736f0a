// A map drawn by the page itself, so that two maps can share one scale: optics/map_picture.py.

const [MEASURED, GUESSED, HATCHES] = [0.5, 0.25, 80];
const [LINES, GROUND] = [150, 232];
const [ABSENT_LINES, ABSENT_GROUND] = [124, 222];
/** Viridis at every twentieth; between them it is straight to within 3 of 255. */
export const VIRIDIS = [
  [68, 1, 84], [72, 20, 103], [72, 37, 118], [70, 52, 128], [65, 68, 135], [59, 82, 139], [52, 96, 141],
  [47, 108, 142], [42, 120, 142], [37, 132, 142], [33, 145, 140], [30, 156, 137], [34, 168, 132], [47, 180, 124],
  [68, 191, 112], [92, 200, 99], [122, 209, 81], [155, 217, 60], [189, 223, 38], [221, 227, 24], [253, 231, 37],
];

/** The colour of a share of the scale, 0 to 1. */
export function viridis(share) {
  const place = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1);
  const index = Math.min(Math.floor(place), VIRIDIS.length - 2);
  return VIRIDIS[index].map((from, channel) => from + (place - index) * (VIRIDIS[index + 1][channel] - from));
}

/** Draw `values` on a canvas: from 0 to `top`, hatched where little or nothing is known. */
export function paint(canvas, values, top) {
  const { width, height } = values;
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const period = Math.max(6, Math.round(Math.round(Math.sqrt(width * height)) / HATCHES));
  const line = (across) => across % period < Math.max(1, Math.floor(period / 6));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = values.at((x + 0.5) / width, (y + 0.5) / height);
      const colour = value
        ? hatched(value.sigma / top, value.confidence, line(x + y))
        : Array(3).fill(line(x + y) || line(width - 1 - x + y) ? ABSENT_LINES : ABSENT_GROUND);
      image.data.set([...colour, 255], 4 * (y * width + x));
    }
  }
  context.putImageData(image, 0, 0);
}

function hatched(share, confidence, line) {
  const colour = viridis(share);
  if (confidence >= MEASURED) return colour;
  if (line) return [LINES, LINES, LINES];
  const weight = Math.min(Math.max((confidence - GUESSED) / (MEASURED - GUESSED), 0), 1);
  return colour.map((channel) => channel * weight + GROUND * (1 - weight));
}
