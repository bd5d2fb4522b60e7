// One message's content as elements; everything in it is untrusted.

import { asText, element, spoken } from "./dom.js";
import { parseMarkdown } from "./markdown.js";
import { safeImage, safeLink } from "./urls.js";

/** Return `text` in the Markdown subset as elements. */
export function renderMarkdown(text, labels) {
  const box = element("div", { class: "text", dir: "auto" });
  for (const block of parseMarkdown(asText(text))) {
    if (block.type === "p") {
      box.append(element("p", {}, ...inline(block.children, labels)));
    } else {
      const start = block.start !== undefined && block.start !== 1 ? block.start : null;
      const items = block.items.map((item) => element("li", {}, ...inline(item, labels)));
      box.append(element(block.type, { start }, ...items));
    }
  }
  return box;
}

function inline(nodes, labels) {
  return nodes.map((node) => {
    if (node.type === "text") return node.text;
    if (node.type === "br") return element("br");
    if (node.type === "code") return element("code", {}, node.text);
    if (node.type !== "link") return element(node.type, {}, ...inline(node.children, labels));
    const children = inline(node.children, labels);
    return link(node.url, children, labels) ?? element("span", {}, ...children);
  });
}

/** Return a link to `url` that opens in a new tab, or null when `url` is not safe. */
export function link(url, children, labels, attributes = {}) {
  const href = safeLink(url, document.baseURI);
  if (!href) return null;
  const rel = "noopener noreferrer";
  const hint = spoken(` (${labels("newTab")})`);
  return element("a", { ...attributes, href, rel, target: "_blank" }, ...children, hint);
}

/**
 * Return the parts of a message of the bot or of staff: its bubble, and its options or null.
 *
 * @param {object} item the event
 * @param {(name: string, values?: object) => string} labels
 * @param {(option: {value: string, label: string}) => void} choose
 */
export function renderMessage(item, labels, choose) {
  const content = item.content ?? {};
  switch (content.kind) {
    case "text":
      return { body: renderMarkdown(content.text, labels), options: null };
    case "choices": {
      const quick = content.style !== "buttons";
      const options = renderOptions(content.options, { quick, labels, choose });
      return { body: renderMarkdown(content.text, labels), options };
    }
    case "card":
      return { body: renderCard(content, labels, choose), options: null };
    case "media":
      return { body: renderMedia(content, labels), options: null };
    default:
      return { body: plain(item.fallback_text), options: null };
  }
}

/** Return the visitor's own words: plain text, never Markdown. */
export function renderOwn(content) {
  return plain(content?.kind === "choice" ? content.label || content.value : content?.text);
}

function plain(text) {
  return element("div", { class: "text plain", dir: "auto" }, asText(text));
}

function renderCard(card, labels, choose) {
  const image = safeImage(card.image_url, document.baseURI);
  const parts = [];
  if (image) parts.push(picture(image, "", "card-image"));
  parts.push(element("h3", { class: "card-title", dir: "auto" }, asText(card.title)));
  if (card.text) parts.push(renderMarkdown(card.text, labels));
  if (card.link) {
    const words = [asText(card.link.label, 300) || labels("source")];
    parts.push(
      link(card.link.url, words, labels, { class: "card-link", dir: "auto" }) ??
        element("span", { class: "card-link off", dir: "auto" }, ...words),
    );
  }
  const options = renderOptions(card.options, { quick: false, labels, choose });
  if (options) parts.push(options);
  return element("article", { class: "card" }, ...parts);
}

function renderMedia(media, labels) {
  const caption = asText(media.caption);
  const image = asText(media.mime, 100).startsWith("image/")
    ? safeImage(media.url, document.baseURI)
    : null;
  const words = caption || labels(image ? "picture" : "file");
  const href = safeLink(media.url, document.baseURI);
  if (!image) return link(href, [words], labels, { class: "file" }) ?? plain(words);
  const shown = picture(image, words, "picture");
  const box = element("figure", { class: "media" }, href ? link(href, [shown], labels) : shown);
  if (caption) box.append(element("figcaption", { dir: "auto" }, caption));
  return box;
}

function picture(src, alt, name) {
  // The host of a picture need not learn which page shows it.
  return element("img", { class: name, src, alt, loading: "lazy", referrerpolicy: "no-referrer" });
}

function renderOptions(options, { quick, labels, choose }) {
  if (!Array.isArray(options) || !options.length) return null;
  const name = quick ? "replies" : "actions";
  const box = element("div", { class: `options ${name}`, role: "group", "aria-label": labels(name) });
  for (const option of options.slice(0, 13)) {
    const words = asText(option?.label, 300) || asText(option?.value, 200);
    if (!words) continue;
    const attributes = { class: "option", dir: "auto" };
    const anchor = option.url ? link(option.url, [words], labels, attributes) : null;
    if (option.url && !anchor) continue; // an address that is not safe is no option at all
    const node = anchor ?? element("button", { ...attributes, type: "button" }, words);
    if (!anchor) {
      node.addEventListener("click", (press) => {
        if (node.getAttribute("aria-disabled") === "true") return;
        choose({ value: asText(option.value, 200), label: words }, press, box);
      });
    }
    box.append(node);
  }
  if (!box.childElementCount) return null;
  rove(box);
  return box;
}

// One tab stop for the group, arrows inside it, as in a toolbar.
function rove(box) {
  const items = [...box.children];
  items.forEach((item, index) => item.setAttribute("tabindex", index ? "-1" : "0"));
  box.addEventListener("keydown", (press) => {
    const at = items.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[press.key];
    let to = step === undefined ? -1 : (at + step + items.length) % items.length;
    if (press.key === "Home") to = 0;
    if (press.key === "End") to = items.length - 1;
    if (at === -1 || to === -1) return;
    press.preventDefault();
    items[at].setAttribute("tabindex", "-1");
    items[to].setAttribute("tabindex", "0");
    items[to].focus();
  });
}

/** Retire a group of quick replies: none can be pressed, and it disappears when focus leaves. */
export function retire(box) {
  if (box.classList.contains("used")) return;
  box.classList.add("used");
  for (const item of box.children) {
    item.setAttribute("aria-disabled", "true");
    item.setAttribute("tabindex", "-1");
  }
}
