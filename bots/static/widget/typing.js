// Typing signals both ways: told at most every few seconds, shown until they go stale.

const TELL_EVERY = 4000;
const SHOWN_FOR = 12000;

/** Who is writing; `tell(on)` says it to the other side, `show(on, from)` to the page. */
export class Typing {
  constructor({ tell, show }) {
    this.tell = tell;
    this.show = show;
    this.toldAt = 0;
  }

  /** Note a keystroke, or the end of writing. */
  here(on) {
    clearTimeout(this.end);
    if (!on) return void this.#stop();
    this.end = setTimeout(() => this.#stop(), TELL_EVERY + 1000);
    if (Date.now() - this.toldAt < TELL_EVERY) return;
    this.toldAt = Date.now();
    this.tell(true);
  }

  /** A message was sent, which itself tells that writing ended. */
  sent() {
    clearTimeout(this.end);
    this.toldAt = 0;
  }

  /** Note that the other side writes, or no longer does. */
  heard(on, from) {
    clearTimeout(this.shown);
    if (on) this.shown = setTimeout(() => this.show(false), SHOWN_FOR);
    this.show(on, from);
  }

  #stop() {
    if (!this.toldAt) return;
    this.toldAt = 0;
    this.tell(false);
  }
}
