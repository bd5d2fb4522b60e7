// Puts the Tributary web chat on a page:
//   <script src="https://HOST/webchat/loader.js" data-widget-key="demo" async></script>
// data-language: a language tag or "auto" (the page's, else the browser's); data-identity-token:
// who the visitor is, signed by the site; data-position: "right" or "left".
// Leaves one name, window.Tributary, and announces it with the event "tributary:ready".
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || window.Tributary) return;

  const home = new URL(script.src);
  const key = script.dataset.widgetKey || "demo";
  const position = script.dataset.position === "left" ? "left" : "right";
  const wanted = script.dataset.language || "auto";
  const mark = `tributary:${key}:`;
  const listeners = new Map();
  const late = []; // said before the widget could hear
  let token = script.dataset.identityToken || null;
  let frame = null;
  let ready = false;
  let isOpen = false;
  let draft;
  let unlock = null;

  const WORDS = {
    en: { open: "Open chat", close: "Close chat", unread: "unread messages", frame: "Chat" },
    zh: { open: "打开对话", close: "关闭对话", unread: "条未读消息", frame: "对话" },
    hant: { open: "開啟對話", close: "關閉對話", unread: "則未讀訊息", frame: "對話" },
  };
  const STYLE = `
    :host { all: initial; position: fixed; z-index: 2147483000; bottom: 20px; ${position}: 20px; color-scheme: light dark;
      --accent: #1f6b57; --ink: #fff; --ground: #fff; }
    * { box-sizing: border-box; }
    .launch { position: relative; display: grid; place-items: center; width: 56px; height: 56px; margin-${position}: auto; padding: 0;
      border: 0; border-radius: 50%; background: var(--accent); color: var(--ink); cursor: pointer;
      box-shadow: 0 2px 6px rgb(0 0 0 / 18%), 0 8px 24px rgb(0 0 0 / 16%); transition: transform .15s ease; }
    .launch:hover { transform: scale(1.05); }
    .launch:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
    svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
    .open .talk, .launch:not(.open) .shut { display: none; }
    .badge { position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; border: 2px solid #fff; border-radius: 12px;
      background: #c2342b; color: #fff; font: 650 12px/18px system-ui, sans-serif; text-align: center; }
    .badge[hidden] { display: none; }
    .box { position: absolute; bottom: 70px; ${position}: 0; width: 392px; height: min(640px, calc(100vh - 110px)); overflow: hidden;
      border-radius: 18px; background: var(--ground); box-shadow: 0 4px 12px rgb(0 0 0 / 10%), 0 18px 50px rgb(0 0 0 / 24%); visibility: hidden; opacity: 0;
      transform: translateY(10px); transition: opacity .16s ease, transform .16s ease, visibility 0s .16s; }
    .box.open { visibility: visible; opacity: 1; transform: none; transition-delay: 0s; }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    @media (max-width: 480px) {
      :host { bottom: 14px; ${position}: 14px; }
      .box { position: fixed; inset: 0; width: auto; height: 100vh; height: 100dvh; border-radius: 0; }
      .launch.open { display: none; }
    }
    @media (prefers-color-scheme: dark) { :host { --accent: #7ccfb3; --ink: #0b2a20; --ground: #151b19; } .badge { border-color: #151b19; } }
    @media (prefers-reduced-motion: reduce) { .box, .launch { transition: none; } }
    @media print { :host { display: none; } }`;

  const root = document.createElement("div");
  const shadow = root.attachShadow({ mode: "open" });
  const launch = make("button", { class: "launch", type: "button", "aria-expanded": "false" });
  const badge = make("span", { class: "badge", "aria-hidden": "true", hidden: "" });
  const box = make("div", { class: "box" });
  let unread = 0;

  function make(name, attributes, space) {
    const node = space ? document.createElementNS(space, name) : document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
    return node;
  }

  function icon(name, path) {
    const space = "http://www.w3.org/2000/svg";
    const svg = make("svg", { class: name, viewBox: "0 0 28 28", "aria-hidden": "true" }, space);
    svg.append(make("path", { d: path }, space));
    return svg;
  }

  function language() {
    return wanted !== "auto" ? wanted : document.documentElement.lang || navigator.language;
  }

  function words() {
    const tag = language().toLowerCase();
    if (!tag.startsWith("zh")) return WORDS.en;
    return /hant|tw|hk|mo/.test(tag) ? WORDS.hant : WORDS.zh;
  }

  function page() {
    // The query and fragment may hold secrets of the site; they are nobody's business.
    return { url: location.origin + location.pathname, title: document.title.slice(0, 200) };
  }

  function remembered(store, name, value) {
    try {
      if (value === undefined) return store().getItem(mark + name);
      if (value === null) store().removeItem(mark + name);
      else store().setItem(mark + name, value);
    } catch {
      // Storage is forbidden: nothing is remembered, everything else works.
    }
    return null;
  }
  const tab = () => sessionStorage;
  const browser = () => localStorage;

  function load() {
    if (frame) return;
    const address = new URL("widget", home);
    address.search = new URLSearchParams({ key, origin: location.origin, lang: language() });
    frame = make("iframe", { src: address.href, allow: "clipboard-write", title: words().frame });
    box.append(frame);
  }

  function tell(type, detail) {
    const message = { tributary: 1, type, ...detail };
    if (ready) frame.contentWindow.postMessage(message, home.origin);
    else late.push(message);
  }

  function emit(name, detail) {
    for (const listener of listeners.get(name) ?? []) {
      try {
        listener(detail);
      } catch (error) {
        setTimeout(() => {
          throw error; // the page's own fault, reported as such, without stopping the chat
        });
      }
    }
  }

  function show() {
    const text = words();
    launch.classList.toggle("open", isOpen);
    launch.setAttribute("aria-expanded", String(isOpen));
    const news = unread && !isOpen ? ` (${unread} ${text.unread})` : "";
    launch.setAttribute("aria-label", (isOpen ? text.close : text.open) + news);
    badge.hidden = !news;
    badge.textContent = unread > 99 ? "99+" : String(unread);
    box.classList.toggle("open", isOpen);
    if (frame) frame.title = text.frame;
  }

  function open(options = {}, quiet = false) {
    load();
    if (typeof options?.draft === "string") draft = options.draft;
    const was = isOpen;
    isOpen = true;
    remembered(tab, "open", "1");
    show();
    if (!was && matchMedia("(max-width: 480px)").matches) {
      const { style } = document.documentElement;
      const before = style.overflow;
      style.overflow = "hidden";
      unlock = () => (style.overflow = before);
    }
    tell("open", { draft, quiet });
    draft = undefined;
    if (!quiet) frame.focus();
    if (!was) emit("open");
  }

  function close() {
    if (!isOpen) return;
    const inside = shadow.activeElement === frame || shadow.activeElement === launch;
    isOpen = false;
    remembered(tab, "open", null);
    unlock?.();
    unlock = null;
    show();
    tell("closed");
    if (inside) launch.focus();
    emit("close");
  }

  const HEARD = {
    ready() {
      ready = true;
      frame.contentWindow.postMessage(
        { tributary: 1, type: "init", token, page: page() },
        home.origin,
      );
      for (const message of late.splice(0)) tell(message.type, message);
      emit("ready");
    },
    close,
    started: () => remembered(browser, "started", "1"),
    unread({ count }) {
      unread = Number(count) || 0;
      show();
      emit("unread", unread);
    },
    error({ code, message }) {
      emit("error", { code, message });
    },
  };

  window.addEventListener("message", (message) => {
    if (!frame || message.source !== frame.contentWindow || message.origin !== home.origin) return;
    const { data } = message;
    if (data?.tributary === 1 && Object.hasOwn(HEARD, data.type)) HEARD[data.type](data);
  });
  launch.addEventListener("click", () => (isOpen ? close() : open()));
  for (const sign of ["pointerenter", "focus"]) launch.addEventListener(sign, load, { once: true });
  document.addEventListener("keydown", (press) => {
    if (press.key === "Escape" && isOpen && shadow.activeElement) close();
  });

  window.Tributary = Object.freeze({
    /** Open the chat; `draft` is put into the text field for the visitor to send. */
    open: (options) => open(options),
    /** Close the chat. */
    close,
    /** Tell who the visitor is with a token your server signed. */
    identify(signed) {
      token = String(signed);
      if (ready) tell("identify", { token });
    },
    /** Forget the visitor and the conversation in this browser. */
    logout() {
      token = null;
      remembered(browser, "started", null);
      load();
      tell("logout");
    },
    /** Call `listener` on "ready", "open", "close", "unread" or "error"; returns how to stop. */
    on(name, listener) {
      if (!listeners.has(name)) listeners.set(name, new Set());
      listeners.get(name).add(listener);
      return () => listeners.get(name).delete(listener);
    },
  });

  function mount() {
    const sheet = new CSSStyleSheet(); // allowed under a style-src that forbids inline styles
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    launch.append(
      icon("talk", "M14 4C8 4 3.5 8 3.5 13c0 2.6 1.2 4.9 3.2 6.5L6 24l4.8-2.4c1 .3 2.1.4 3.2.4 6 0 10.5-4 10.5-9S20 4 14 4ZM9 11.5h10M9 15h6"),
      icon("shut", "m7 11 7 7 7-7"),
      badge,
    );
    shadow.append(box, launch);
    document.body.append(root);
    show();
    new MutationObserver(() => {
      show();
      if (wanted === "auto" && frame) tell("language", { language: language() });
    }).observe(document.documentElement, { attributeFilter: ["lang"] });
    if (remembered(tab, "open")) open({}, true);
    // Who has talked to us before sees at once whether there is an answer.
    else if (remembered(browser, "started")) load();
    window.dispatchEvent(new CustomEvent("tributary:ready"));
  }

  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount);
})();
