// The session that is kept from page to page.

// Pages of one site follow quickly; each would open a session of the 30 an hour allowed.
const FRESH = 10 * 60 * 1000;

/** Keep `session`, opened now for `locale`. */
export function keepSession(storage, session, locale) {
  storage.set("session", { ...session, locale, opened: Date.now() });
}

/** Return the kept session while it is fresh and in `locale`, else null. */
export function keptSession(storage, locale) {
  const kept = storage.get("session");
  if (!kept || !storage.get("token") || kept.locale !== locale) return null;
  if (Date.now() - kept.opened > FRESH) return null;
  return Date.parse(kept.expires_at) > Date.now() ? kept : null;
}
