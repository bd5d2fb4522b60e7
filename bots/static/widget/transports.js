// The three ways events reach the page. Each opener takes the same `wire` and returns
// {close(), send?(frame)}; it calls wire.up(), wire.frame(frame) and, at most once, wire.down().

const HELLO_TIMEOUT = 10000;
// One missed beat is a slow network; after this share of a second one the line is dead.
const DEAD_AFTER_BEATS = 1.5;

/** Open a WebSocket; both ways, the usual case. */
export function openSocket(wire) {
  const url = new URL("stream", wire.base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  let ended = false;
  let beat = null;
  let watchdog = setTimeout(() => end(), HELLO_TIMEOUT);

  function end(code = 1006) {
    if (ended) return;
    ended = true;
    clearTimeout(watchdog);
    clearInterval(beat);
    socket.close();
    wire.down({ code });
  }

  function send(frame) {
    if (socket.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  function heard(frame) {
    if (frame.type === "welcome") {
      const period = Math.max(1, Number(frame.heartbeat) || 25) * 1000;
      clearInterval(beat);
      beat = setInterval(() => send({ type: "ping" }), period);
      wire.period = period;
      wire.up();
    }
    if (wire.period) {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => end(), wire.period * DEAD_AFTER_BEATS);
    }
  }

  socket.onopen = () => {
    send({ type: "hello", ticket: wire.ticket, cursor: wire.cursor(), tab: wire.tab });
  };
  socket.onclose = (closing) => end(closing.code);
  socket.onerror = () => end();
  socket.onmessage = (message) => {
    const frame = readJson(message.data);
    if (ended || !frame) return;
    heard(frame);
    wire.frame(frame);
  };
  return {
    send,
    close() {
      ended = true;
      clearTimeout(watchdog);
      clearInterval(beat);
      socket.close(1000);
    },
  };
}

/** Open a stream of server-sent events, where something in between breaks WebSockets. */
export function openEventStream(wire) {
  const url = new URL("events/stream", wire.base);
  url.searchParams.set("ticket", wire.ticket);
  url.searchParams.set("after", String(wire.cursor()));
  const source = new EventSource(url);
  let watchdog = setTimeout(end, HELLO_TIMEOUT);
  let ended = false;

  function end() {
    if (ended) return;
    ended = true;
    clearTimeout(watchdog);
    // Its own reconnect would repeat the spent ticket.
    source.close();
    wire.down({ code: 0 });
  }

  function alive() {
    clearTimeout(watchdog);
    if (wire.period) watchdog = setTimeout(end, wire.period * 2.5);
  }

  // Not `onopen`: what buffers lets the head through and keeps the events, and then another
  // transport is needed. The server begins with an event.
  const heard = () => {
    alive();
    wire.up();
  };
  source.onerror = end;
  source.onmessage = (message) => {
    heard();
    const data = readJson(message.data);
    if (data) wire.frame({ type: "events", events: data.events ?? [data] });
  };
  for (const type of ["typing", "reset", "ping"]) {
    source.addEventListener(type, (message) => {
      // Only a server that is known to ping can be missed.
      if (type === "ping") wire.period = 25000;
      heard();
      if (type !== "ping") wire.frame({ ...readJson(message.data), type });
    });
  }
  return {
    close() {
      ended = true;
      clearTimeout(watchdog);
      source.close();
    },
  };
}

/** Ask again and again, each question held open until there is an answer. */
export function openPolling(wire) {
  const stop = new AbortController();
  const run = async () => {
    // The first answer comes at once, so that the page learns quickly whether this works.
    for (let wait = 0; !stop.signal.aborted; wait = 25) {
      const after = wire.cursor();
      const page = await wire.api.events(after, { wait, signal: stop.signal });
      if (stop.signal.aborted) return;
      wire.up();
      if (page.reset) wire.frame({ type: "reset", cursor: page.events[0]?.seq - 1 || 0 });
      wire.frame({ type: "events", events: page.events, complete: page.reset || after === wire.cursor() });
    }
  };
  run().catch((error) => {
    if (!stop.signal.aborted) wire.down({ code: error.status === 401 ? 4001 : 0, error });
  });
  return { close: () => stop.abort() };
}

function readJson(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
