// Keeps one line to the server open: WebSocket, else server-sent events, else long polling.

import { Backoff } from "./backoff.js";
import { openEventStream, openPolling, openSocket } from "./transports.js";

const LADDER = [
  { name: "socket", open: openSocket, ticket: true },
  { name: "stream", open: openEventStream, ticket: true },
  { name: "poll", open: openPolling, ticket: false },
];
// A transport that failed so often without ever working is given up for the next one.
const FAILURES_MAX = 2;
// While on a lower rung, the top one is tried again this often.
const CLIMB_AFTER = 120000;
const CODE_REFUSED = 4001;
const CODE_REPLACED = 4009;

/** The line of events; `wire` gives it tickets and takes its frames. */
export class Connection {
  /**
   * @param {{base: URL, api: object, cursor: () => number, ticket: () => Promise<string>,
   *   frame: (frame: object) => void, state: (state: string) => void}} wire
   */
  constructor(wire, { backoff = new Backoff(), rung = 0 } = {}) {
    this.wire = wire;
    // Tells the server which of two sockets of this page is the newer.
    this.tab = Math.random().toString(36).slice(2);
    this.backoff = backoff;
    this.rung = rung;
    this.failures = 0;
    this.isUp = false;
    this.wanted = false;
    this.line = null;
    this.turn = 0;
    this.timer = null;
    this.climb = null;
  }

  /** Whether frames can be sent right now. */
  get canSend() {
    return this.isUp && Boolean(this.line?.send);
  }

  /** Send `frame` if the line can carry it; return whether it was handed over. */
  send(frame) {
    return this.canSend && this.line.send(frame);
  }

  /** Open the line and keep it open. */
  start() {
    this.wanted = true;
    if (!this.line && !this.timer) this.#attempt();
  }

  /** Close the line for good. */
  stop() {
    this.wanted = false;
    this.#drop();
  }

  /** Try at once if the line is down: the page became visible, or the network came back. */
  wake() {
    if (!this.wanted || this.isUp || this.line) return;
    this.#drop();
    this.#attempt();
  }

  /** Replace a line that looks dead. */
  kick() {
    if (!this.wanted) return;
    this.#drop();
    this.wire.state("down");
    this.#attempt();
  }

  #drop() {
    this.turn += 1;
    clearTimeout(this.timer);
    clearTimeout(this.climb);
    this.timer = null;
    this.isUp = false;
    this.line?.close();
    this.line = null;
  }

  async #attempt() {
    const turn = (this.turn += 1);
    const step = LADDER[this.rung];
    clearTimeout(this.timer);
    this.timer = null;
    this.wire.state("connecting");
    let ticket = null;
    try {
      if (step.ticket) ticket = await this.wire.ticket();
    } catch (error) {
      // The network or the token is at fault, not this transport.
      if (turn === this.turn) this.#later(error);
      return;
    }
    if (turn !== this.turn || !this.wanted) return;
    let ever = false;
    const mine = (act) => (value) => {
      if (turn === this.turn) act(value);
    };
    const { base, api, cursor } = this.wire;
    const { tab } = this;
    const up = mine(() => {
      if (!ever) this.#up();
      ever = true;
    });
    const frame = mine((value) => this.wire.frame(value));
    const down = mine(({ code, error }) => this.#down(code, ever, error));
    try {
      this.line = step.open({ base, api, cursor, tab, ticket, up, frame, down });
    } catch {
      down({ code: 0 }); // the browser forbids this transport altogether
    }
  }

  #up() {
    this.isUp = true;
    this.failures = 0;
    this.backoff.reset();
    if (this.rung > 0) {
      this.climb = setTimeout(() => {
        this.rung = 0;
        // One more failure is enough to step down again.
        this.failures = FAILURES_MAX - 1;
        this.kick();
      }, CLIMB_AFTER);
    }
    this.wire.state("up");
  }

  #down(code, ever, error) {
    this.#drop();
    this.wire.state("down");
    if (code === CODE_REPLACED) return; // a newer line of this page took over
    // A refused ticket says nothing about the transport: the next one is fresh.
    if (!ever && code !== CODE_REFUSED && navigator.onLine !== false) {
      this.failures += 1;
      if (this.failures >= FAILURES_MAX && this.rung < LADDER.length - 1) {
        this.failures = 0;
        this.rung += 1;
        this.#attempt();
        return;
      }
    }
    this.#later(error);
  }

  #later(error) {
    if (!this.wanted) return;
    const asked = (error?.retryAfter ?? 0) * 1000;
    this.timer = setTimeout(() => this.#attempt(), Math.max(asked, this.backoff.next()));
  }
}
