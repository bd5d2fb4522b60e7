// Brings the outbox to the server, one message at a time so that order holds.

const ACK_TIMEOUT = 10000;
const HOLD_DEFAULT = 2;

/** Sends what the outbox holds, over the line when it is up and by POST when not. */
export class Sender {
  /**
   * @param {{outbox: object, connection: () => object, post: (entry: object) => Promise<object>,
   *   changed: () => void, accepted: (id: string, seq: number) => void,
   *   held: (seconds: number, code: string) => void, refused: () => void,
   *   failed: (error: object) => void}} wire
   */
  constructor(wire, backoff) {
    this.wire = wire;
    this.backoff = backoff;
    this.busy = false;
    this.waiting = null;
    this.timer = null;
    this.heldUntil = 0;
  }

  /** Send all that waits; calls while it runs are harmless. */
  async flush() {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    try {
      let entry;
      while ((entry = this.wire.outbox.next())) {
        const hold = this.heldUntil - Date.now();
        if (hold > 0) return this.#again(hold);
        const outcome = await this.#deliver(entry);
        if (!this.#settle(entry, outcome)) return;
      }
    } finally {
      this.busy = false;
      this.wire.changed();
    }
  }

  /** Take an `ack` or `error` frame of the line. */
  answer(frame) {
    if (frame.type === "error" && !frame.client_msg_id) {
      if (frame.retry_after) this.#hold(frame.retry_after, frame.code);
      return;
    }
    if (frame.type === "ack") this.wire.accepted(frame.client_msg_id, frame.seq);
    if (this.waiting?.id === frame.client_msg_id) {
      this.#resolve(frame.type === "ack" ? { kind: "sent" } : { kind: "refused", ...frame });
    }
  }

  /** The line broke: an answer it owed will not come, so the message goes out again. */
  lineLost() {
    if (this.waiting) this.#resolve({ kind: "lost" });
  }

  async #deliver(entry) {
    const connection = this.wire.connection();
    const { client_msg_id, content } = entry;
    if (connection?.send({ type: "message", client_msg_id, content })) {
      return this.#answerTo(client_msg_id, connection);
    }
    try {
      const { seq } = await this.wire.post(entry);
      this.wire.accepted(client_msg_id, seq);
      return { kind: "sent" };
    } catch (error) {
      if (error.status === undefined) return { kind: "unreachable" };
      if (error.status === 401) return { kind: "unknown" };
      return { kind: "refused", code: error.code, retry_after: error.retryAfter, error };
    }
  }

  #answerTo(id, connection) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        connection.kick(); // which loses the line, and with it this wait
        if (this.waiting?.id === id) this.#resolve({ kind: "lost" });
      }, ACK_TIMEOUT);
      this.waiting = { id, resolve, timer };
    });
  }

  #resolve(outcome) {
    const { resolve, timer } = this.waiting;
    clearTimeout(timer);
    this.waiting = null;
    resolve(outcome);
  }

  // Returns whether to go on with the next message.
  #settle(entry, outcome) {
    const passing = outcome.retry_after || outcome.error?.passing;
    if (outcome.kind === "sent") {
      this.backoff.reset();
      return true;
    }
    if (outcome.kind === "lost") return true;
    if (outcome.kind === "unknown") {
      this.wire.refused();
      return false;
    }
    if (outcome.kind === "unreachable") {
      this.#again(this.backoff.next());
      return false;
    }
    if (passing || outcome.code === "rate_limited" || outcome.code === "unavailable") {
      this.#hold(outcome.retry_after ?? HOLD_DEFAULT, outcome.code);
      return true;
    }
    this.wire.outbox.fail(entry.client_msg_id);
    this.wire.failed(outcome);
    this.wire.changed();
    return true;
  }

  #hold(seconds, code) {
    this.heldUntil = Math.max(this.heldUntil, Date.now() + seconds * 1000);
    this.wire.held(seconds, code);
    if (!this.busy) this.#again(seconds * 1000);
  }

  #again(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), milliseconds);
  }
}
