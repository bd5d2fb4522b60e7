// The page that embeds the widget, spoken to by postMessage with one exact origin.

const MARK = "tributary";

/** The line to the embedding page; silent when the widget is a page of its own. */
export class Host {
  /** @param {string | null} origin as the loader states it @param {(message: object) => void} heard */
  constructor(origin, heard) {
    this.embedded = window.parent !== window;
    this.origin = this.embedded ? trusted(origin) : null;
    window.addEventListener("message", (message) => {
      if (message.source !== window.parent || message.origin !== this.origin) return;
      if (this.origin && message.data?.[MARK] === 1) heard(message.data);
    });
  }

  /** Tell the embedding page. */
  tell(type, detail = {}) {
    if (this.origin) window.parent.postMessage({ [MARK]: 1, type, ...detail }, this.origin);
  }
}

// The address can be forged by whoever frames us; where the browser knows better, it decides.
function trusted(origin) {
  const real = window.location.ancestorOrigins?.[0];
  if (real && real !== origin) return null;
  try {
    return new URL(origin).origin === origin ? origin : null;
  } catch {
    return null;
  }
}
