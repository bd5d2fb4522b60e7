// The transcript on the page: messages, days, delivery states, scrolling.

import { element, spoken } from "./dom.js";
import { renderMessage, renderOwn, retire } from "./render.js";
import { isFromVisitor } from "./transcript.js";

// Messages of one sender within this time stand under one name and time.
const GROUP_WITHIN = 5 * 60 * 1000;
const NEAR_BOTTOM = 80;

/** The message list inside the element with role "log". */
export class Log {
  /**
   * @param {{root: HTMLElement, list: HTMLElement, more: HTMLButtonElement}} parts
   * @param {{labels: Function, locale: () => string, choose: Function, retry: Function,
   *   seen: () => void}} wire
   */
  constructor({ root, list, more }, wire) {
    this.root = root;
    this.list = list;
    this.more = more;
    this.wire = wire;
    this.botName = "";
    this.stuck = true;
    this.firstNew = null;
    this.reset();
    root.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    more.addEventListener("click", () => this.#showNew());
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(list);
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(root);
  }

  /** Forget all messages. */
  reset() {
    this.list.replaceChildren();
    this.pending = new Map();
    this.previous = null;
    this.day = "";
    this.#hideMore();
  }

  /** Append `events`, which are newer than all before. */
  add(events) {
    const shown = events.filter((item) => item.type === "message");
    const followed = this.stuck;
    const nodes = shown.map((item) => this.#place(item));
    this.#markLastOwn();
    if (!followed) return;
    this.toEnd();
    // An answer taller than the view is read from its beginning.
    const first = nodes.find((node) => !node.classList.contains("own"));
    if (this.root.getAttribute("aria-live") === "polite" && first) this.#keepInView(first);
  }

  /** Show what is not in the transcript yet: `entries` of the outbox, in order. */
  setPending(entries) {
    const ids = new Set(entries.map((entry) => entry.client_msg_id));
    for (const [id, node] of this.pending) {
      if (ids.has(id)) continue;
      node.remove();
      this.pending.delete(id);
    }
    for (const entry of entries) {
      let node = this.pending.get(entry.client_msg_id);
      if (!node) {
        const at = new Date(entry.at);
        node = this.#own(entry.content, at);
        this.pending.set(entry.client_msg_id, node);
        this.list.append(node);
        this.#retireReplies();
        this.toEnd();
      }
      this.#setState(node, entry);
    }
    this.#markLastOwn();
  }

  /** Scroll to the newest message. */
  toEnd() {
    this.stuck = true;
    this.root.scrollTop = this.root.scrollHeight;
    this.#hideMore();
  }

  /** Whether the newest message can be seen. */
  get atEnd() {
    return this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < NEAR_BOTTOM;
  }

  #place(item) {
    const at = new Date(item.at);
    const known = item.client_msg_id ? this.pending.get(item.client_msg_id) : null;
    if (known) this.pending.delete(item.client_msg_id);
    const before = this.pending.values().next().value ?? null;
    this.#placeDay(at, known ?? before);
    let node = known;
    if (!node) {
      node = isFromVisitor(item) ? this.#own(item.content, at) : this.#theirs(item, at);
      this.list.insertBefore(node, before);
    } else if (before && node.compareDocumentPosition(before) & Node.DOCUMENT_POSITION_PRECEDING) {
      // Moved only when it overtook another: screen readers announce what moves.
      this.list.insertBefore(node, before);
    }
    node.dataset.seq = item.seq;
    this.#setTime(node, at);
    this.#group(node, item, at);
    if (isFromVisitor(item)) {
      this.#setState(node, { state: "sent" });
      this.#retireReplies();
    } else if (!this.stuck) {
      this.firstNew ??= node;
      this.more.hidden = false;
    }
    return node;
  }

  #keepInView(node) {
    const above = this.root.getBoundingClientRect().top + 10 - node.getBoundingClientRect().top;
    if (above <= 0) return;
    this.root.scrollTop -= above;
    this.stuck = this.atEnd;
  }

  #placeDay(at, before) {
    const { labels, locale } = this.wire;
    if (Number.isNaN(at.getTime())) return;
    const day = at.toDateString();
    if (day === this.day) return;
    this.day = day;
    this.previous = null;
    const now = new Date();
    const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
    let words = new Intl.DateTimeFormat(locale(), { dateStyle: "full" }).format(at);
    if (day === now.toDateString()) words = labels("today");
    if (day === yesterday.toDateString()) words = labels("yesterday");
    this.list.insertBefore(element("div", { class: "day" }, element("span", {}, words)), before);
  }

  #own(content, at) {
    const choice = content?.kind === "choice";
    const said = choice ? this.wire.labels("chosen", { label: "" }) : `${this.wire.labels("you")}: `;
    const time = element("time");
    const bubble = element("div", { class: "bubble" }, spoken(said), renderOwn(content));
    const node = element("div", { class: "message own" }, time, bubble, element("div", { class: "state" }));
    this.#setTime(node, at);
    return node;
  }

  #theirs(item, at) {
    const staff = item.from === "staff";
    const name = (staff && item.name) || this.botName || this.wire.labels("assistant");
    const meta = element("div", { class: "meta" }, element("span", { class: "who", dir: "auto" }, name));
    meta.append(" ", element("time"));
    const { body, options } = renderMessage(item, this.wire.labels, (option, press, box) =>
      this.#choose(option, press, box),
    );
    const bubble = element("div", { class: "bubble" }, body);
    const node = element("div", { class: `message ${staff ? "staff" : "bot"}` }, meta, bubble);
    if (options) node.append(options);
    this.#setTime(node, at);
    return node;
  }

  #choose(option, press, box) {
    this.wire.choose(option);
    if (!box.classList.contains("replies")) return;
    retire(box);
    // With the keyboard focus stays where it is until the visitor moves on; see WCAG 3.2.
    if (press.detail > 0) press.currentTarget.blur();
  }

  #retireReplies() {
    for (const box of this.list.querySelectorAll(".replies:not(.used)")) retire(box);
  }

  #group(node, item, at) {
    const sender = `${item.from}:${item.name ?? ""}`;
    const last = this.previous;
    const goesOn = last && last.sender === sender && at - last.at < GROUP_WITHIN;
    node.classList.toggle("goes-on", Boolean(goesOn));
    this.previous = { sender, at: goesOn ? last.at : at };
  }

  #setTime(node, at) {
    const time = node.querySelector("time");
    if (Number.isNaN(at.getTime())) return;
    time.dateTime = at.toISOString();
    time.textContent = new Intl.DateTimeFormat(this.wire.locale(), { timeStyle: "short" }).format(at);
  }

  #setState(node, { state, client_msg_id: id }) {
    const { labels, retry, connected } = this.wire;
    const shown = state === "waiting" ? (connected() ? "sending" : "waiting") : state;
    if (node.dataset.state === shown) return;
    node.dataset.state = shown;
    const box = node.querySelector(".state");
    box.replaceChildren(labels(shown));
    if (shown === "failed") {
      const button = element("button", { type: "button", class: "retry" }, labels("retry"));
      button.addEventListener("click", () => retry(id));
      box.append(" ", button);
    }
  }

  #markLastOwn() {
    for (const node of this.list.querySelectorAll(".last-own")) node.classList.remove("last-own");
    const all = this.list.querySelectorAll(".message");
    const last = all[all.length - 1];
    if (last?.classList.contains("own")) last.classList.add("last-own");
  }

  #scrolled() {
    this.stuck = this.atEnd;
    if (this.stuck) {
      this.#hideMore();
      this.wire.seen();
    }
  }

  #hideMore() {
    this.firstNew = null;
    this.more.hidden = true;
  }

  #showNew() {
    const node = this.firstNew;
    this.#hideMore();
    if (!node) return this.toEnd();
    node.tabIndex = -1;
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "start" });
    return undefined;
  }
}
