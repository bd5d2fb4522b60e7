import assert from "node:assert/strict";
import test from "node:test";
import { Client } from "../widget/client.js";
import { openStorage } from "../widget/storage.js";
import { subjectOf } from "../widget/subject.js";

// A server that keeps people apart as the real one does, and sockets that only open.
class Server {
  constructor({ identity = "optional" } = {}) {
    this.identity = identity;
    this.visitors = 0;
    this.sessions = [];
    this.said = [];
    this.broken = 0;
  }

  async fetch(url, options) {
    const path = new URL(url).pathname.split("/v1/")[1];
    const body = options.body ? JSON.parse(options.body) : {};
    await pause(5);
    if (path !== "session") {
      if (path === "messages") this.said.push([JSON.parse(options.headers.authorization.slice(7)), body]);
      return reply({ client_msg_id: body.client_msg_id, seq: 1, duplicate: false, ticket: "t" });
    }
    if (this.broken-- > 0) throw new TypeError("network");
    this.sessions.push(body);
    const who = body.identity_token ?? null;
    if (this.identity === "required" && !who) {
      return reply({ error: { code: "identity_required", message: "sign in" } }, 403);
    }
    let visitor = body.visitor_token ? JSON.parse(body.visitor_token) : null;
    if (!visitor || (who && visitor.who && visitor.who !== who)) {
      visitor = { number: (this.visitors += 1), who: null };
    }
    if (who) visitor = { ...visitor, who };
    return reply({
      visitor_token: JSON.stringify(visitor),
      expires_at: "2099-01-01T00:00:00Z",
      conversation_id: `conversation ${visitor.number}`,
      cursor: 0,
      read: 0,
      ticket: "t",
    });
  }
}

class OpenSocket {
  static OPEN = 1;

  constructor() {
    this.readyState = 1;
    setTimeout(() => this.onopen?.(), 1);
  }

  send(text) {
    if (JSON.parse(text).type !== "hello") return;
    const welcome = { type: "welcome", cursor: 0, resume: true, heartbeat: 25 };
    setTimeout(() => this.onmessage?.({ data: JSON.stringify(welcome) }), 1);
  }

  close() {
    this.readyState = 3;
  }
}

function reply(body, status = 200) {
  return { ok: status < 400, status, headers: { get: () => null }, text: async () => JSON.stringify(body) };
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// One browser: its storage, its tabs, and the server they talk to.
class Browser {
  constructor(options) {
    const values = new Map();
    globalThis.localStorage = {
      getItem: (name) => values.get(name) ?? null,
      setItem: (name, value) => values.set(name, String(value)),
      removeItem: (name) => values.delete(name),
      key: (index) => [...values.keys()][index] ?? null,
      get length() {
        return values.size;
      },
    };
    Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });
    globalThis.WebSocket = OpenSocket;
    this.server = new Server(options);
    globalThis.fetch = (url, request) => this.server.fetch(url, request);
    this.storage = openStorage("tributary:demo:");
    this.tabs = [];
    this.heard = [];
  }

  tab(identity = null) {
    const on = (name) => this.heard.push(name);
    const base = new URL("http://chat.example/webchat/v1/");
    const client = new Client({ base, widgetKey: "demo", storage: this.storage, on });
    client.locale = "en";
    client.identity = identity;
    this.tabs.push(client);
    return client;
  }

  close() {
    for (const client of this.tabs) {
      client.connection?.stop();
      client.tabs.close();
      clearTimeout(client.retryTimer);
    }
  }
}

async function inBrowser(act, options) {
  const browser = new Browser(options);
  try {
    await act(browser);
  } finally {
    browser.close();
  }
}

test("a logout is not undone by a session that was being opened", () =>
  inBrowser(async (browser) => {
    browser.storage.set("token", JSON.stringify({ number: 7, who: "alice" }));
    const tab = browser.tab();
    tab.start();
    await pause(1);
    await tab.logout();
    await pause(20);
    assert.equal(browser.server.sessions.at(-1).visitor_token, undefined);
    assert.equal(JSON.parse(browser.storage.get("token")).who, null);
    assert.equal(tab.session.conversation_id, "conversation 1");
  }));

test("a logout in one tab is one in all", () =>
  inBrowser(async (browser) => {
    const [one, other] = [browser.tab("alice"), browser.tab("alice")];
    await one.start();
    await other.start();
    await one.logout();
    await pause(60);
    assert.equal(JSON.parse(browser.storage.get("token")).who, null);
    assert.equal(one.session.conversation_id, "conversation 2");
    assert.equal(other.session.conversation_id, "conversation 2");
    assert.equal(other.identity, null);
  }));

test("two tabs of two people settle on the newer one", () =>
  inBrowser(async (browser) => {
    const [one, other] = [browser.tab("alice"), browser.tab("bob")];
    await one.start();
    await other.start();
    await pause(200);
    assert.equal(browser.server.sessions.length, 2);
    assert.equal(one.session.conversation_id, other.session.conversation_id);
  }));

test("what one person left unsent is not said in another one's name", () =>
  inBrowser(async (browser) => {
    const first = browser.tab("alice");
    await first.start();
    browser.close();
    first.outbox.add({ kind: "text", text: "alice's words" });
    const next = browser.tab("bob");
    await next.start();
    await pause(40);
    assert.deepEqual([browser.server.said, next.outbox.list()], [[], []]);
    assert.ok(browser.heard.includes("forgotten"));
  }));

test("what was left unsent is said when the same person comes back", () =>
  inBrowser(async (browser) => {
    browser.storage.set("who", "alice");
    const tab = browser.tab("alice");
    tab.outbox.add({ kind: "text", text: "my words" });
    await tab.start();
    await pause(40);
    assert.deepEqual(browser.server.said.map(([, body]) => body.content.text), ["my words"]);
    assert.ok(!browser.heard.includes("forgotten"));
  }));

test("who signs in after a refusal is let in", () =>
  inBrowser(
    async (browser) => {
      const tab = browser.tab();
      await tab.start();
      assert.ok(browser.heard.includes("refused"));
      await tab.identify("alice");
      assert.equal(tab.session.conversation_id, "conversation 1");
    },
    { identity: "required" },
  ));

test("a session that cannot be renewed leaves a line that works alone", () =>
  inBrowser(async (browser) => {
    const tab = browser.tab();
    await tab.start();
    await pause(20);
    assert.equal(tab.link, "up");
    browser.server.broken = 1;
    await tab.identify("alice");
    assert.equal(tab.link, "up");
  }));

test("the subject of a token is read, and junk is its own subject", () => {
  const claims = Buffer.from(JSON.stringify({ sub: "客户-7", exp: 1 })).toString("base64url");
  assert.equal(subjectOf(`x.${Buffer.from('{"sub":"anna"}').toString("base64url")}.y`), "anna");
  assert.equal(subjectOf(`x.${claims}.y`), subjectOf(`z.${claims}.w`));
  assert.equal(subjectOf("junk"), "junk");
});
