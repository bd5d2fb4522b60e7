// Messages typed but not yet acknowledged; they outlive the page.

// A message this old is not sent behind the visitor's back: it waits for "retry".
const STALE_AFTER = 24 * 3600 * 1000;
const PREFIX = "out:";

// crypto.randomUUID exists on https pages only; a first trial is often plain http.
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The visitor's unacknowledged messages, one storage key each so that tabs cannot clobber. */
export class Outbox {
  /**
   * @param storage {get, set, remove, keys} with JSON values
   * @param {{now?: () => number, makeId?: () => string}} [options]
   */
  constructor(storage, { now = Date.now, makeId = randomId } = {}) {
    this.storage = storage;
    this.now = now;
    this.makeId = makeId;
    this.count = 0;
  }

  /** Keep `content` and return its entry; its `client_msg_id` makes every resend harmless. */
  add(content) {
    this.count += 1;
    const entry = {
      client_msg_id: this.makeId(),
      content,
      at: this.now(),
      order: this.count,
      state: "waiting",
    };
    this.storage.set(PREFIX + entry.client_msg_id, entry);
    return entry;
  }

  /** Return all entries, oldest first. */
  list() {
    return this.storage
      .keys()
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => this.storage.get(key))
      .filter((entry) => entry && typeof entry.client_msg_id === "string" && entry.content)
      .sort((a, b) => a.at - b.at || a.order - b.order);
  }

  /** Return the entry to send next, or null; stale ones are marked failed on the way. */
  next() {
    for (const entry of this.list()) {
      if (entry.state === "waiting" && this.now() - entry.at > STALE_AFTER) {
        this.fail(entry.client_msg_id);
      } else if (entry.state === "waiting") {
        return entry;
      }
    }
    return null;
  }

  /** Return the entry with this id, or null. */
  get(id) {
    return this.storage.get(PREFIX + id);
  }

  /** Forget an entry the server has. */
  settle(id) {
    this.storage.remove(PREFIX + id);
  }

  /** Stop sending an entry until the visitor asks for it. */
  fail(id) {
    this.#change(id, { state: "failed" });
  }

  /** Send a failed entry again, under the same id, at the end of the line. */
  retry(id) {
    this.#change(id, { state: "waiting", at: this.now() });
  }

  /** Forget everything, when another person takes the page over. */
  clear() {
    for (const entry of this.list()) this.settle(entry.client_msg_id);
  }

  #change(id, values) {
    const entry = this.get(id);
    if (entry) this.storage.set(PREFIX + id, { ...entry, ...values });
  }
}
