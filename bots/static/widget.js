// The web chat widget: wires the page's parts to the conversation.

import { Client } from "./widget/client.js";
import { Composer } from "./widget/composer.js";
import { element } from "./widget/dom.js";
import { Host } from "./widget/host.js";
import { LANGUAGES, chooseLanguage, label, languageFor } from "./widget/labels.js";
import { Log } from "./widget/log.js";
import { renderMarkdown } from "./widget/render.js";
import { openStorage } from "./widget/storage.js";

const LOCALES = { en: "en", "zh-Hans": "zh", "zh-Hant": "zh-Hant" };
const RUNGS = { stream: 1, poll: 2 };
// History arrives in this time; what comes later is news and is announced.
const HISTORY_WITHIN = 1500;

const query = new URLSearchParams(location.search);
const widgetKey = query.get("key") ?? "demo";
const storage = openStorage(`tributary:${widgetKey}:`);
const find = (id) => document.getElementById(id);
const screen = {
  isOpen: window.parent === window,
  pageLanguage: query.get("lang"),
  language: "en",
  bot: { name: "", company: "", greeting: "" },
};
const labels = (name, values) => label(screen.language, name, values);

const host = new Host(query.get("origin"), fromHost);
const client = new Client({
  base: new URL("../v1/", import.meta.url),
  widgetKey,
  storage,
  on: (name, detail) => CHANGES[name]?.(detail),
  rung: RUNGS[query.get("transport")] ?? 0,
});
const log = new Log(
  { root: find("log"), list: find("list"), more: find("more") },
  {
    labels,
    locale: () => screen.language,
    choose: ({ value, label: words }) => send({ kind: "choice", value, label: words }),
    retry: (id) => {
      client.retry(id);
      composer.focus(); // the button that was pressed is gone
    },
    seen: markRead,
    connected: () => client.link === "up" || navigator.onLine !== false,
  },
);
const composer = new Composer(
  { form: find("form"), field: find("field"), button: find("send"), counter: find("counter") },
  {
    labels,
    send: (text) => send({ kind: "text", text }),
    typing: (on) => client.typing(on),
    page: (direction) => find("log").scrollBy(0, direction * find("log").clientHeight * 0.85),
    drafts: openStorage(`tributary:${widgetKey}:`, "sessionStorage"),
  },
);

const CHANGES = {
  session: showSession,
  events(added) {
    log.add(added);
    showStart();
    markRead();
    host.tell("unread", { count: unread() });
  },
  reset() {
    log.reset();
    showStart();
  },
  outbox() {
    log.setPending(client.pending());
    showStart();
  },
  link: showLink,
  typing({ on, from, name }) {
    const words = name || (from === "staff" ? "" : screen.bot.name) || labels("assistant");
    find("typing").hidden = !on;
    find("typing").title = labels("typing", { name: words });
    if (on && log.stuck) log.toEnd();
  },
  read() {
    host.tell("unread", { count: unread() });
  },
  held({ seconds, code }) {
    countDown(code === "rate_limited" ? "held" : "busy", seconds);
  },
  refused(error) {
    notice(labels("refused", { message: error.message }));
    find("field").disabled = true;
    host.tell("error", { code: error.code, message: error.message });
  },
  failed(error) {
    if (error.code === "bad_identity") notice(labels("identity"));
    host.tell("error", { code: error.code, message: error.message ?? "" });
  },
  ended() {
    notice(labels("ended"));
  },
  forgotten() {
    composer.setDraft("");
  },
};

function send(content) {
  client.send(content);
  log.toEnd();
  host.tell("started");
}

function unread() {
  return screen.isOpen ? 0 : client.unread();
}

function markRead() {
  if (screen.isOpen && document.visibilityState === "visible") client.markRead();
}

function showSession(session) {
  screen.bot = session.bot ?? screen.bot;
  log.botName = screen.bot.name;
  composer.max = session.limits?.text_max ?? 4000;
  if (find("field").disabled) {
    find("field").disabled = false;
    notice("");
  }
  composer.refresh();
  showNames();
  showStart();
  log.setPending(client.pending());
}

function showNames() {
  const { name, company } = screen.bot;
  const title = labels("title", { company: company || name || "Tributary" });
  document.title = title;
  find("panel").setAttribute("aria-label", title);
  find("name").textContent = name || company;
  find("avatar").textContent = ([...(company || name)][0] ?? "").toUpperCase();
}

// Greeting and starters, as long as the transcript has nothing else at its beginning.
function showStart() {
  const first = client.transcript.events.find((item) => item.type === "message");
  const begun = Boolean(first) || client.pending().length > 0;
  const intro = find("intro");
  intro.hidden = !screen.bot.greeting || (first && first.from !== "visitor");
  if (intro.dataset.greeting !== screen.bot.greeting) {
    intro.dataset.greeting = screen.bot.greeting;
    find("greeting").replaceChildren(renderMarkdown(screen.bot.greeting, labels));
    find("starters").replaceChildren(...starters());
  }
  // Who pressed one would lose the place on the page with it.
  if (begun && find("starters").contains(document.activeElement)) composer.focus();
  find("starters").hidden = begun || !find("starters").childElementCount;
}

function starters() {
  const texts = Array.isArray(screen.bot.starters) ? screen.bot.starters.slice(0, 6) : [];
  return texts.map((text) => {
    const button = element("button", { type: "button", class: "option", dir: "auto" }, String(text));
    button.addEventListener("click", () => send({ kind: "text", text: String(text) }));
    return button;
  });
}

function showLink(state = client.link) {
  const offline = navigator.onLine === false;
  const name = state === "up" && !offline ? "online" : offline ? "offline" : "connecting";
  // A blink of the line is no news; only what lasts is shown.
  clearTimeout(showLink.timer);
  const show = () => {
    find("status").textContent = labels(name);
    find("status").dataset.state = name;
    log.setPending(client.pending());
  };
  if (name === "connecting" && find("status").dataset.state === "online") {
    showLink.timer = setTimeout(show, 1200);
  } else {
    show();
  }
  if (state === "up") setTimeout(() => find("log").setAttribute("aria-live", "polite"), HISTORY_WITHIN);
}

function notice(text) {
  find("notice").textContent = text;
  find("notice").hidden = !text;
}

function countDown(name, seconds) {
  if (seconds < 1.5) return; // over before it is read
  const end = Date.now() + seconds * 1000;
  clearInterval(countDown.timer);
  const show = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    // The text changes each second; spoken once is enough.
    find("notice").setAttribute("aria-live", "off");
    notice(left > 0 ? labels(name, { seconds: left }) : "");
    if (left > 0) return;
    clearInterval(countDown.timer);
    find("notice").setAttribute("aria-live", "polite");
  };
  find("said").textContent = labels(name, { seconds: Math.ceil(seconds) });
  show();
  countDown.timer = setInterval(show, 1000);
}

function showLanguage(language) {
  screen.language = language;
  document.documentElement.lang = language;
  find("language").value = language;
  for (const node of document.querySelectorAll("[data-label]")) {
    node.textContent = labels(node.dataset.label);
  }
  for (const node of document.querySelectorAll("[data-aria]")) {
    node.setAttribute("aria-label", labels(node.dataset.aria));
  }
  find("field").placeholder = labels("placeholder");
  find("send").title = labels("send");
  find("close").title = labels("close");
  composer.refresh();
  showNames();
  showLink();
  find("log").setAttribute("aria-live", "off");
  log.reset();
  log.add(client.transcript.events);
  log.setPending(client.pending());
  log.toEnd();
}

function language() {
  return chooseLanguage([storage.get("language"), screen.pageLanguage, ...navigator.languages]);
}

function opened({ draft, quiet } = {}) {
  screen.isOpen = true;
  if (typeof draft === "string") composer.setDraft(draft.slice(0, 4000));
  log.toEnd();
  markRead();
  host.tell("unread", { count: 0 });
  // Only what the visitor did may move the focus; touch screens would cover half the page.
  if (!quiet && matchMedia("(pointer: fine)").matches) composer.focus();
}

function fromHost(message) {
  const { type } = message;
  if (type === "open") opened(message);
  if (type === "closed") {
    screen.isOpen = false;
    host.tell("unread", { count: unread() });
  }
  if (type === "identify" && typeof message.token === "string") client.identify(message.token);
  if (type === "logout") client.logout();
  if (type === "language") {
    screen.pageLanguage = message.language;
    changeLanguage();
  }
  if (type === "init") {
    client.page = message.page ?? null;
    client.identity = typeof message.token === "string" ? message.token : null;
    begin();
  }
}

function changeLanguage() {
  if (screen.language === language()) return;
  showLanguage(language());
  client.setLocale(LOCALES[screen.language]);
}

function begin() {
  if (client.locale) return;
  client.locale = LOCALES[screen.language];
  client.start();
}

function listen() {
  find("close").hidden = !host.embedded;
  find("close").addEventListener("click", () => host.tell("close"));
  document.addEventListener("keydown", (press) => {
    if (press.key === "Escape" && !press.isComposing) host.tell("close");
  });
  find("language").addEventListener("change", () => {
    storage.set("language", languageFor(find("language").value));
    changeLanguage();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    client.wake();
    markRead();
  });
  window.addEventListener("offline", () => showLink());
  window.addEventListener("online", () => client.wake({ replace: true }));
  window.addEventListener("focus", markRead);
  window.addEventListener("pagehide", () => client.typing(false));
}

for (const [tag, name] of Object.entries(LANGUAGES)) {
  find("language").append(element("option", { value: tag, lang: tag }, name));
}
listen();
showLanguage(language());
if (host.embedded) host.tell("ready");
else begin();
