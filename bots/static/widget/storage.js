// JSON values by name in Web Storage; in memory where the browser forbids storage.

function available(kind) {
  try {
    const store = globalThis[kind];
    store.setItem("tributary:probe", "1");
    store.removeItem("tributary:probe");
    return store;
  } catch {
    return null; // blocked third-party storage, private mode, or full
  }
}

/** Return a store of JSON values whose names start with `prefix`. */
export function openStorage(prefix, kind = "localStorage") {
  const store = available(kind);
  const memory = new Map();
  return {
    get(name) {
      const text = memory.get(name) ?? store?.getItem(prefix + name) ?? null;
      try {
        return text === null ? null : JSON.parse(text);
      } catch {
        return null;
      }
    },
    set(name, value) {
      const text = JSON.stringify(value);
      try {
        if (!store) throw new Error("no storage");
        store.setItem(prefix + name, text);
        memory.delete(name);
      } catch {
        memory.set(name, text);
      }
    },
    remove(name) {
      memory.delete(name);
      store?.removeItem(prefix + name);
    },
    keys() {
      const names = new Set(memory.keys());
      for (let i = 0; store && i < store.length; i += 1) {
        const key = store.key(i);
        if (key?.startsWith(prefix)) names.add(key.slice(prefix.length));
      }
      return [...names];
    },
  };
}
