import assert from "node:assert/strict";
import test from "node:test";
import { safeImage, safeLink } from "../widget/urls.js";

const BASE = "https://chat.example/webchat/widget";

test("web, mail, phone and paths of our own are links", () => {
  assert.equal(safeLink("https://a.example/b?c#d", BASE), "https://a.example/b?c#d");
  assert.equal(safeLink("mailto:a@b.example", BASE), "mailto:a@b.example");
  assert.equal(safeLink("tel:+86123", BASE), "tel:+86123");
  assert.equal(safeLink("/help/returns", BASE), "https://chat.example/help/returns");
});

test("everything else is not", () => {
  const bad = [
    "javascript:alert(1)", " javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)",
    "java\tscript:alert(1)", "\u0001javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
    "blob:https://a.example/1", "//evil.example", "/\\evil.example", "\\\\evil.example", "relative", "#x", "?x",
    "https://bank.example@evil.example", "view-source:https://a.example", "", "   ", null, undefined, 7, {},
    "https://", "x".repeat(3000), "filesystem:https://a.example/x", "about:blank", "intent://x",
  ];
  for (const url of bad) assert.equal(safeLink(url, BASE), null, String(url));
});

test("pictures are https, our own, or raster data", () => {
  assert.equal(safeImage("https://a.example/b.png", BASE), "https://a.example/b.png");
  assert.equal(safeImage("/site/a.svg", "http://127.0.0.1:8000/webchat/widget"), "http://127.0.0.1:8000/site/a.svg");
  assert.ok(safeImage("data:image/png;base64,AAAA", BASE));
  for (const url of ["data:image/svg+xml;base64,AAAA", "data:text/html;base64,AAAA", "http://a.example/b.png", "javascript:1", "mailto:a@b.example", null]) {
    assert.equal(safeImage(url, BASE), null, String(url));
  }
});
