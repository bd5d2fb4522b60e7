// When to try again: full-jitter exponential back-off, no timers of its own.

/** Delays whose ceiling doubles from `base` to `cap`, each drawn evenly below its ceiling. */
export class Backoff {
  /** @param {{base?: number, cap?: number, random?: () => number}} [options] milliseconds */
  constructor({ base = 1000, cap = 30000, random = Math.random } = {}) {
    this.base = base;
    this.cap = cap;
    this.random = random;
    this.attempt = 0;
  }

  /** Return the milliseconds to wait before the next attempt. */
  next() {
    const ceiling = Math.min(this.cap, this.base * 2 ** this.attempt);
    // Stop counting once capped, so that a week offline cannot overflow the exponent.
    if (ceiling < this.cap) this.attempt += 1;
    return this.random() * ceiling;
  }

  /** Start again from `base`, after a success. */
  reset() {
    this.attempt = 0;
  }
}
