// Which addresses of others may become a link or a picture.

const LINK_PROTOCOLS = new Set(["http:", "https:", "mailto:", "tel:"]);
const RASTER_DATA = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/;
// Browsers strip these before they look at the protocol, which hides "java\nscript:".
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

function parse(url, base) {
  if (typeof url !== "string" || url.length > 2000 || CONTROLS.test(url)) return null;
  const text = url.trim();
  // Only absolute addresses and paths of our own server: "//host" would borrow our protocol.
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^\/(?![/\\])/.test(text)) return null;
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}

/** Return `url` made absolute if it is safe to follow (http, https, mailto, tel), else null. */
export function safeLink(url, base) {
  const parsed = parse(url, base);
  if (!parsed || !LINK_PROTOCOLS.has(parsed.protocol)) return null;
  // "https://bank.example@evil.example" shows one name and opens another.
  if (parsed.username || parsed.password) return null;
  return parsed.href;
}

/** Return `url` made absolute if it may be shown as a picture (https, our own, raster data). */
export function safeImage(url, base) {
  if (typeof url === "string" && RASTER_DATA.test(url)) return url;
  const parsed = parse(url, base);
  if (!parsed || parsed.username || parsed.password) return null;
  if (parsed.protocol === "https:" || parsed.origin === new URL(base).origin) {
    return /^https?:$/.test(parsed.protocol) ? parsed.href : null;
  }
  return null;
}
