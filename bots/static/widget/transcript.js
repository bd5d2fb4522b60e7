// The conversation as far as this page knows it: order, duplicates and gaps by `seq`.

/** Events of one conversation in order, without duplicates, and the cursor behind the last. */
export class Transcript {
  constructor() {
    this.reset();
  }

  /** Forget everything. */
  reset() {
    this.cursor = 0;
    this.events = [];
    this.waiting = new Map();
  }

  /**
   * Take events in any order, any number of times.
   *
   * @param {Array<{seq: number}>} events
   * @param {{complete?: boolean}} [options] complete: the server's whole answer to "after the
   *   cursor", so numbers missing from it do not exist and are not waited for
   * @returns {{added: Array<object>, gap: boolean}} what is new, in order; gap: fetch after `cursor`
   */
  take(events, { complete = false } = {}) {
    const known = events.filter((item) => Number.isSafeInteger(item?.seq) && item.seq > 0);
    const added = [];
    if (complete) {
      for (const item of [...known].sort((a, b) => a.seq - b.seq)) {
        if (item.seq > this.cursor) added.push(this.#append(item));
      }
    } else {
      for (const item of known) if (item.seq > this.cursor) this.waiting.set(item.seq, item);
    }
    for (const seq of this.waiting.keys()) if (seq <= this.cursor) this.waiting.delete(seq);
    while (this.waiting.has(this.cursor + 1)) {
      const item = this.waiting.get(this.cursor + 1);
      this.waiting.delete(item.seq);
      added.push(this.#append(item));
    }
    return { added, gap: this.waiting.size > 0 };
  }

  #append(item) {
    this.events.push(item);
    this.cursor = item.seq;
    return item;
  }

  /** Return how many messages of others are newer than `read`. */
  unread(read) {
    return this.events.filter((item) => item.seq > read && isFromOthers(item)).length;
  }

  /** Return whether the visitor wrote anything after `seq`. */
  answeredAfter(seq) {
    return this.events.some((item) => item.seq > seq && isFromVisitor(item));
  }
}

/** Tell whether `item` is a message of the bot or of staff. */
export function isFromOthers(item) {
  return item.type === "message" && item.from !== "visitor";
}

/** Tell whether `item` is a message of the visitor. */
export function isFromVisitor(item) {
  return item.type === "message" && item.from === "visitor";
}
