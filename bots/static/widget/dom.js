// Building elements without HTML text.

/** Return a new element with attributes and children; strings become text nodes. */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") node.className = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Return text that only screen readers say. */
export function spoken(text) {
  return element("span", { class: "sr-only" }, text);
}

/** Return `text` as a string of `max` characters at most, whatever it was. */
export function asText(text, max = 8000) {
  return typeof text === "string" ? text.slice(0, max) : "";
}
