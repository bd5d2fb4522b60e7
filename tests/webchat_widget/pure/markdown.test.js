import assert from "node:assert/strict";
import test from "node:test";
import { parseMarkdown } from "../widget/markdown.js";

const text = (words) => ({ type: "text", text: words });
const p = (...children) => ({ type: "p", children });

test("paragraphs and line breaks", () => {
  assert.deepEqual(parseMarkdown("a\nb\n\nc"), [p(text("a"), { type: "br" }, text("b")), p(text("c"))]);
});

test("bold, italic and code, nested, in Latin and Chinese", () => {
  assert.deepEqual(parseMarkdown("请在**30 天**内"), [
    p(text("请在"), { type: "strong", children: [text("30 天")] }, text("内")),
  ]);
  assert.deepEqual(parseMarkdown("**a *b* c** `*d*`"), [
    p(
      { type: "strong", children: [text("a "), { type: "em", children: [text("b")] }, text(" c")] },
      text(" "),
      { type: "code", text: "*d*" },
    ),
  ]);
});

test("arithmetic, lone marks and unfinished marks stay text", () => {
  for (const words of ["2*3*4", "a * b", "**", "*", "**open", "`open", "[a](", "[a] (b)", "a_b_c", "]("]) {
    assert.deepEqual(parseMarkdown(words), [p(text(words))], words);
  }
});

test("a backslash takes punctuation literally", () => {
  assert.deepEqual(parseMarkdown("\\*\\*no\\*\\* \\[a\\](b) \\<b\\> c:\\dir"), [p(text("**no** [a](b) <b> c:\\dir"))]);
  assert.deepEqual(parseMarkdown("**a\\***"), [p({ type: "strong", children: [text("a*")] })]);
});

test("lists keep their numbers, over blank lines too", () => {
  assert.deepEqual(parseMarkdown("x\n- a\n- **b**\n\n3. c\n4. d\n\n5. e"), [
    p(text("x")),
    { type: "ul", items: [[text("a")], [{ type: "strong", children: [text("b")] }]] },
    { type: "ol", start: 3, items: [[text("c")], [text("d")], [text("e")]] },
  ]);
  const [first, second] = parseMarkdown("1. a\n\n1. b");
  assert.equal(first.items.length + second.items.length, 2);
});

test("links, with parentheses, without nesting", () => {
  const link = (url, ...children) => ({ type: "link", url, children });
  assert.deepEqual(parseMarkdown("[a **b**](https://x.example/a_(b))"), [
    p(link("https://x.example/a_(b)", text("a "), { type: "strong", children: [text("b")] })),
  ]);
  assert.deepEqual(parseMarkdown("[a [b](https://y.example)](https://x.example)"), [
    p(link("https://x.example", text("a "), text("b"))),
  ]);
  assert.deepEqual(parseMarkdown("见https://x.example/a?b=c。好"), [
    p(text("见"), link("https://x.example/a?b=c", text("https://x.example/a?b=c")), text("。好")),
  ]);
});

test("no HTML: tags are words", () => {
  const source = "<img src=x onerror=alert(1)><script>alert(1)</script>";
  assert.deepEqual(parseMarkdown(source), [p(text(source))]);
});

test("any text keeps all of its letters, quickly", () => {
  const marks = ["*", "**", "[", "](", ")", "`", "\\", "\n", "- ", "1. ", "a", "茶", " ", "http://", "\u202e"];
  let state = 7;
  const next = () => (state = (state * 1103515245 + 12345) % 2147483648);
  for (let round = 0; round < 3000; round += 1) {
    let source = "";
    for (let i = 0; i < 40; i += 1) source += marks[next() % marks.length];
    // Only the address of a link inside another link's label may go.
    if (source.includes("[")) continue;
    assert.equal(JSON.stringify(parseMarkdown(source)).split("茶").length >= source.split("茶").length, true, source);
  }
  const started = Date.now();
  for (const mark of ["*", "**", "[", "[a](", "`", "*a", "**a ", "[[](", "http://a"]) {
    parseMarkdown(mark.repeat(Math.ceil(4000 / mark.length)));
  }
  assert.ok(Date.now() - started < 2000);
});
