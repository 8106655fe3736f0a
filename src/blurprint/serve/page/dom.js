// Elements made from text, never from markup: names and sentences come from files.

const SVG = "http://www.w3.org/2000/svg";
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text with the marks that turn its reading order as escapes, as in the reports. */
export function inOrder(text) {
  return text.replace(TURNS, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** An HTML element. `attributes`: text, true (present), false and null (absent), or, for names
 * that begin with "on", a listener. `children`: elements, text, and null for nothing. */
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same of SVG. */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** A node whose content is replaced. */
export function fill(node, ...children) {
  node.replaceChildren(...nodes(children));
  return node;
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, inOrder(String(value)));
    }
  }
  node.append(...nodes(children));
  return node;
}

function nodes(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false && child !== "")
    .map((child) => (child instanceof Node ? child : inOrder(String(child))));
}
