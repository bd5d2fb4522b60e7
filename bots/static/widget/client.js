// One visitor's conversation: session, events, sending, reading; no DOM. `on(name, detail)` tells
// of: session, events, reset, outbox, link, typing, read, held, refused, failed, ended, forgotten.

import { Api, ApiError } from "./api.js";
import { Backoff } from "./backoff.js";
import { Connection } from "./connection.js";
import { keepSession, keptSession } from "./kept.js";
import { Outbox } from "./queue.js";
import { Sender } from "./sender.js";
import { subjectOf } from "./subject.js";
import { Transcript, isFromOthers } from "./transcript.js";
import { Typing } from "./typing.js";

const TICKET_FRESH = 45 * 1000;
const RENEW_EVERY = 5000;
const FOLLOW_AFTER = 3000;
const FATAL = new Set([400, 403, 404, 422]);

/** The conversation of the visitor of one widget. */
export class Client {
  /** @param {{base: URL, widgetKey: string, storage: object, on: Function, rung?: number}} options */
  constructor({ base, widgetKey, storage, on, rung = 0 }) {
    this.widgetKey = widgetKey;
    this.storage = storage;
    this.on = on;
    this.rung = rung;
    this.base = base;
    this.api = new Api(base, () => this.storage.get("token"));
    this.transcript = new Transcript();
    this.outbox = new Outbox(storage);
    this.accepted = new Map();
    this.session = null;
    this.read = 0;
    this.identity = null;
    this.page = null;
    this.link = "connecting";
    this.opening = null;
    this.epoch = 0; // +1 with each person forgotten: answers meant for the one before are dropped
    this.backoff = new Backoff();
    this.connection = null;
    this.sender = new Sender(
      {
        outbox: this.outbox,
        connection: () => this.connection,
        post: ({ client_msg_id, content }) => this.api.post("messages", { client_msg_id, content }),
        changed: () => this.on("outbox"),
        accepted: (id, seq) => this.#accept(id, seq),
        held: (seconds, code) => this.on("held", { seconds, code }),
        refused: () => this.#renew(),
        failed: (error) => this.on("failed", error),
      },
      new Backoff(),
    );
    this.writing = new Typing({
      tell: (on) => this.#signal({ type: "typing", on }),
      show: (on, from) => this.on("typing", { on, from }),
    });
    this.tabs = new BroadcastChannel(`tributary:${base.host}:${widgetKey}`);
    this.tabs.onmessage = ({ data }) => this.#fromTab(data);
  }

  /** Open the session and the line; returns once the session stands or is refused. */
  async start() {
    this.started = true;
    await this.#open();
  }

  /** Queue `content` and send it as soon as possible. */
  send(content) {
    const entry = this.outbox.add(content);
    this.writing.sent();
    this.on("outbox");
    this.tabs.postMessage({ kind: "outbox" });
    if (this.session) this.sender.flush();
    this.connection?.wake();
    return entry;
  }

  /** Send a failed message again. */
  retry(id) {
    this.outbox.retry(id);
    this.on("outbox");
    if (this.session) this.sender.flush();
  }

  /** Return what is typed and not yet in the transcript, oldest first, each with its state. */
  pending() {
    const waiting = this.outbox.list().filter((entry) => !this.accepted.has(entry.client_msg_id));
    const sent = [...this.accepted.values()].map((entry) => ({ ...entry, state: "sent" }));
    return [...sent, ...waiting];
  }

  /** Note that everything up to the cursor was seen. */
  markRead() {
    const seq = this.transcript.cursor;
    if (!this.session || seq <= this.read) return;
    this.#setRead(seq);
    this.tabs.postMessage({ kind: "read", seq });
    if (this.link === "up") this.#tellRead();
  }

  /** Return how many messages wait unread. */
  unread() {
    return this.transcript.unread(this.read);
  }

  /** Tell the other side that the visitor is writing; call on every keystroke. */
  typing(on) {
    if (this.session) this.writing.here(on);
  }

  /** Choose the visitor's language; the session is asked for texts in it. */
  async setLocale(locale) {
    if (locale === this.locale) return;
    this.locale = locale;
    if (!this.session && !this.opening) return;
    await this.#open({ fresh: true });
    this.connection?.kick(); // what is said on the line carries the language of its ticket
  }

  /** Take a signed token of the host site: who the visitor is. */
  async identify(token) {
    if (token === this.identity) return;
    this.identity = token;
    this.left = true; // a new conversation is what the host site asked for
    if (this.started) await this.#open({ fresh: true });
  }

  /** Forget the visitor and everything said; the next message starts a new conversation. */
  async logout() {
    for (const name of ["token", "session", "conversation", "read", "who"]) this.storage.remove(name);
    this.#forget();
    this.tabs.postMessage({ kind: "logout" });
    await this.#open({ fresh: true });
  }

  /** The page can be seen again, or the network is back: connect now, not later. */
  wake({ replace = false } = {}) {
    if (replace) this.connection?.kick();
    else this.connection?.wake();
    if (this.session) this.sender.flush();
    else if (this.retryTimer) this.#open();
  }

  #open({ fresh = false } = {}) {
    if (this.opening && !fresh) return this.opening;
    // One after the other: the second must carry the token the first was given.
    const mine = (this.opening ?? Promise.resolve()).then(() => this.#openSession(fresh));
    this.opening = mine;
    return mine.finally(() => {
      if (this.opening === mine) this.opening = null;
    });
  }

  async #openSession(fresh) {
    clearTimeout(this.retryTimer);
    this.retryTimer = null;
    const { epoch } = this;
    const kept = fresh || this.identity ? null : keptSession(this.storage, this.locale);
    if (kept) return this.#begin(kept);
    const body = { widget_key: this.widgetKey, locale: this.locale };
    const token = this.storage.get("token");
    if (token) body.visitor_token = token;
    if (this.identity) body.identity_token = this.identity;
    if (this.page) body.page = this.page;
    try {
      const answer = await this.api.post("session", body, { anonymous: true });
      if (epoch !== this.epoch) return undefined;
      this.backoff.reset();
      this.ticket = { value: answer.ticket, at: Date.now() };
      this.storage.set("token", answer.visitor_token);
      const { ticket, visitor_token, ...session } = answer;
      keepSession(this.storage, session, this.locale);
      if (kept === null && this.session?.conversation_id !== session.conversation_id) {
        this.tabs.postMessage({ kind: "session" });
      }
      return this.#begin(session);
    } catch (error) {
      return epoch === this.epoch ? this.#sessionFailed(error) : undefined;
    }
  }

  #sessionFailed(error) {
    if (error.code === "bad_identity") {
      this.identity = null;
      this.on("failed", error);
      return this.#openSession(true);
    }
    if (error instanceof ApiError && FATAL.has(error.status)) {
      this.on("refused", error);
      return undefined;
    }
    const wait = Math.max((error.retryAfter ?? 0) * 1000, this.backoff.next());
    if (error.retryAfter) this.on("held", { seconds: error.retryAfter, code: error.code });
    if (!this.connection?.isUp) this.#setLink("down");
    this.retryTimer = setTimeout(() => this.#open({ fresh: true }), wait);
    return undefined;
  }

  #begin(session) {
    this.#noteWho();
    const last = this.storage.get("conversation");
    if (last && last !== session.conversation_id) {
      this.#setRead(0);
      if (!this.left) this.on("ended");
    }
    if (this.session && this.session.conversation_id !== session.conversation_id) {
      this.#hangUp();
      this.#clear();
    }
    this.left = false;
    this.storage.set("conversation", session.conversation_id);
    this.session = session;
    this.readTold = session.read ?? 0;
    this.#setRead(Math.max(this.readTold, this.storage.get("read") ?? 0, this.read));
    this.on("session", session);
    this.connection ??= this.#connect();
    this.connection.start();
    this.sender.flush();
  }

  #connect() {
    return new Connection(
      {
        base: this.base,
        api: this.api,
        cursor: () => this.transcript.cursor,
        ticket: () => this.#ticket(),
        frame: (frame) => this.#frame(frame),
        state: (state) => this.#setLink(state),
      },
      { rung: this.rung },
    );
  }

  async #ticket() {
    const kept = this.ticket;
    this.ticket = null;
    if (kept && Date.now() - kept.at < TICKET_FRESH) return kept.value;
    try {
      return (await this.api.post("ticket")).ticket;
    } catch (error) {
      if (error.status === 401) this.#renew();
      throw error;
    }
  }

  // The token is expired or foreign: the server gives a new one, with a new conversation.
  #renew() {
    if (this.opening || this.retryTimer) return;
    // A server that refuses what it just issued must not be asked in a tight loop.
    const wait = Date.now() - (this.renewedAt ?? 0) < RENEW_EVERY ? this.backoff.next() : 0;
    this.renewedAt = Date.now();
    this.retryTimer = setTimeout(() => this.#open({ fresh: true }), wait);
  }

  #frame(frame) {
    switch (frame.type) {
      case "events":
        if (Array.isArray(frame.events) && this.#take(frame.events, frame.complete)) {
          this.#refetch();
        }
        break;
      case "ack":
      case "error":
        this.sender.answer(frame);
        break;
      case "typing":
        this.writing.heard(Boolean(frame.on), frame.from);
        break;
      case "reset":
        this.#clear();
        this.transcript.cursor = Number(frame.cursor) || 0;
        break;
    }
  }

  #clear() {
    this.transcript.reset();
    this.accepted.clear();
    this.on("reset");
  }

  #take(events, complete = false) {
    const { added, gap } = this.transcript.take(events, { complete });
    for (const item of added) {
      if (item.client_msg_id) {
        this.accepted.delete(item.client_msg_id);
        this.outbox.settle(item.client_msg_id);
      }
    }
    if (added.some(isFromOthers)) this.writing.heard(false);
    if (added.length) this.on("events", added);
    return gap;
  }

  async #refetch() {
    if (this.refetching) return;
    this.refetching = true;
    const whose = this.session?.conversation_id;
    try {
      for (let more = true; more; ) {
        const after = this.transcript.cursor;
        const page = await this.api.events(after);
        if (whose !== this.session?.conversation_id) return;
        // Only the whole answer to the present cursor proves that a number does not exist.
        const gap = this.#take(page.events, after === this.transcript.cursor);
        more = page.events.length > 0 && (gap || this.transcript.cursor < page.cursor);
      }
    } catch {
      this.connection?.kick(); // the next hello carries the cursor before the gap
    } finally {
      this.refetching = false;
    }
  }

  #accept(id, seq) {
    const entry = this.outbox.get(id);
    this.outbox.settle(id);
    if (entry && !(seq <= this.transcript.cursor)) this.accepted.set(id, { ...entry, seq });
    this.tabs.postMessage({ kind: "outbox" });
    this.on("outbox");
  }

  // Typing and reading are worth one attempt: newer ones follow.
  #signal({ type, ...body }) {
    if (!this.connection?.send({ type, ...body })) this.api.post(type, body).catch(() => {});
  }

  #tellRead() {
    if (this.read > this.readTold) this.#signal({ type: "read", seq: this.read });
    this.readTold = this.read;
  }

  #setLink(state) {
    if (state === "down") this.sender.lineLost();
    if (state === "up") {
      this.sender.flush();
      this.#tellRead();
    }
    this.link = state;
    this.on("link", state);
  }

  #setRead(seq) {
    this.read = seq;
    this.storage.set("read", seq);
    this.on("read", seq);
  }

  // What one person left unsent is never said in another one's name.
  #noteWho() {
    if (!this.identity) return;
    const who = subjectOf(this.identity);
    const before = this.storage.get("who");
    this.storage.set("who", who);
    if (before === null || before === who) return;
    this.outbox.clear();
    this.on("forgotten");
  }

  #hangUp() {
    this.connection?.stop();
    this.connection = null;
    this.sender.lineLost();
  }

  #forget() {
    this.epoch += 1;
    this.left = true;
    this.identity = null;
    this.outbox.clear();
    this.#hangUp();
    this.read = 0;
    this.session = null;
    this.ticket = null;
    this.#clear();
    this.on("forgotten");
  }

  #fromTab(data) {
    if (data?.kind === "read" && data.seq > this.read) this.#setRead(data.seq);
    if (data?.kind === "outbox") this.on("outbox");
    if (data?.kind === "logout") {
      this.#forget();
      // The tab that was signed out opens the next session; this one only follows.
      clearTimeout(this.retryTimer);
      this.retryTimer = setTimeout(() => this.#open(), FOLLOW_AFTER);
    }
    if (data?.kind === "session") {
      const kept = this.storage.get("session");
      if (kept && kept.conversation_id === this.session?.conversation_id) return;
      this.identity = null; // two tabs that each insist on theirs would never end
      this.left = true;
      this.#setRead(0);
      this.#open();
    }
  }
}
