// The shapes by which a face is measured, laid over it by its landmarks: faces/outline.py, regions.py.

import { svg } from "./dom.js";

const OVAL = [
  [-1.0, -1.05], [-0.55, -1.45], [0.0, -1.55], [0.55, -1.45], [1.0, -1.05], [1.14, -0.5],
  [1.1, 0.05], [0.96, 0.6], [0.66, 1.1], [0.3, 1.36], [0.0, 1.42], [-0.3, 1.36], [-0.66, 1.1],
  [-0.96, 0.6], [-1.1, 0.05], [-1.14, -0.5],
];
const FACE_HULL = [
  [-0.9, -0.95], [-0.45, -1.08], [0.0, -1.02], [0.45, -1.08], [0.9, -0.95], [1.12, -0.5],
  [1.08, 0.05], [0.95, 0.58], [0.65, 1.08], [0.3, 1.34], [0.0, 1.4], [-0.3, 1.34], [-0.65, 1.08],
  [-0.95, 0.58], [-1.08, 0.05], [-1.12, -0.5],
];
const INNER = [
  [-0.82, -0.85], [-0.4, -0.98], [0.0, -0.88], [0.4, -0.98], [0.82, -0.85], [0.8, -0.2],
  [0.66, 0.4], [0.52, 0.85], [0.0, 1.0], [-0.52, 0.85], [-0.66, 0.4], [-0.8, -0.2],
];
const SURROUND = [
  [0.0, -2.03], [0.7, -1.9], [1.17, -1.45], [1.4, -0.72], [1.37, 0.17], [1.02, 0.85],
  [0.74, 1.36], [0.7, 1.79], [-0.7, 1.79], [-0.74, 1.36], [-1.02, 0.85], [-1.37, 0.17],
  [-1.4, -0.72], [-1.17, -1.45], [-0.7, -1.9],
];
const [MARGIN, FAR, NEAR_SIDE, FAR_SIDE] = [1.05, 1.6, 0.45, 0.2];
const TOP = [[0, -2.6]];

const scaled = (shape, by) => shape.map(([x, y]) => [by * x, by * y]);

/** What is drawn of each face: class of the line, its meaning, its shape in eye distances. */
export const SHAPES = [
  ["inner", "inner face: brows, eyes, nose, mouth", INNER],
  ["hull", "edge of the face; the surround begins", scaled(FACE_HULL, MARGIN)],
  ["ring", "edge of the surround: forehead, hair, neck", SURROUND],
  ["far", "the background begins, above the chin only", scaled(OVAL, FAR)],
];

/** A shape laid over a face of report.json: x and y in pixels of the picture. */
export function laid(face, shape) {
  const marks = face.landmarks;
  const between = (one, other) => one.map((value, axis) => (value + other[axis]) / 2);
  const eyes = between(marks.left_eye, marks.right_eye);
  const mouth = between(marks.left_mouth_corner, marks.right_mouth_corner);
  const centre = between(eyes, mouth);
  const tilt = (face.tilt_degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  const nose = (marks.nose[0] - eyes[0]) * cos + (marks.nose[1] - eyes[1]) * sin;
  const side = nose > 0 ? 1 : -1;
  return shape.map(([x, y]) => {
    const turned = x * side > 0 ? 1 - NEAR_SIDE * face.turn : 1 + FAR_SIDE * face.turn;
    const [across, down] = [x * turned * face.eye_distance, y * face.eye_distance];
    return [centre[0] + across * cos - down * sin, centre[1] + across * sin + down * cos];
  });
}

/** The outlines of all faces as elements of an SVG in pixels of the picture; `side`: its longer. */
export function outlines(faces, side) {
  return faces.flatMap((face) => {
    const points = (shape) => laid(face, shape).map(
      (place) => place.map((at) => at.toFixed(1)).join(","),
    );
    const [[x, y]] = laid(face, TOP);
    return [
      ...SHAPES.map(([name, , shape]) =>
        svg("polygon", { class: `face-${name}`, points: points(shape).join(" ") }),
      ),
      ...Object.values(face.landmarks).map(([cx, cy]) =>
        svg("circle", { class: "face-mark", cx, cy, r: Math.max(1.5, side / 400) }),
      ),
      svg(
        "text",
        { x, y: Math.max(y, side / 30), "font-size": side / 30, "text-anchor": "middle" },
        face.number,
      ),
    ];
  });
}
