// REST calls of docs/webchat-protocol.md; knows no state but the visitor token it is given.

const TIMEOUT = 15000;

/** The server's refusal: status, its code and message, and when to come back (seconds). */
export class ApiError extends Error {
  constructor(status, body, retryAfter) {
    super(body?.message ?? `HTTP ${status}`);
    this.status = status;
    this.code = body?.code ?? "unknown";
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return this.status === 429 || this.status === 408 || this.status >= 500;
  }
}

/** The endpoints below `base`, called with the token that `token()` returns. */
export class Api {
  constructor(base, token) {
    this.base = base;
    this.token = token;
  }

  /** Post `body` to `path`; return the answer's JSON, or null when it has none. */
  post(path, body = {}, { anonymous = false, signal } = {}) {
    return this.#call(path, { method: "POST", body: JSON.stringify(body), anonymous, signal });
  }

  /** Return the events after `seq`, waiting up to `wait` seconds for the first. */
  events(seq, { wait = 0, signal } = {}) {
    const timeout = TIMEOUT + wait * 1000;
    return this.#call(`events?after=${seq}&wait=${wait}`, { method: "GET", signal, timeout });
  }

  async #call(path, { method, body, anonymous, signal, timeout = TIMEOUT }) {
    const headers = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    const token = this.token();
    if (token && !anonymous) headers.authorization = `Bearer ${token}`;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), timeout);
    const abort = () => stop.abort();
    signal?.addEventListener("abort", abort);
    try {
      const options = { method, headers, body, signal: stop.signal, credentials: "omit" };
      const answer = await fetch(new URL(path, this.base), options);
      const text = await answer.text();
      const json = text ? JSON.parse(text) : null;
      if (!answer.ok) throw new ApiError(answer.status, json?.error, retryAfter(answer, json));
      return json;
    } catch (error) {
      if (error instanceof SyntaxError) throw new ApiError(502, { message: "not JSON" });
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}

function retryAfter(answer, json) {
  const seconds = Number(json?.error?.retry_after ?? answer.headers.get("retry-after"));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
