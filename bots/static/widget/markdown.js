// The Markdown subset of docs/webchat-protocol.md as a tree; makes no DOM and knows no HTML.
//
// Blocks:  {type: "p", children} | {type: "ul" | "ol", start?, items: [children]}
// Inlines: {type: "text" | "code", text} | {type: "strong" | "em", children}
//          {type: "link", url, children} | {type: "br"}

const BULLET = /^\s{0,3}[-*•]\s+(.*)$/;
const NUMBER = /^\s{0,3}(\d{1,4})[.)]\s+(.*)$/;
const ESCAPABLE = /[!-/:-@[-`{-~]/;
const BARE_URL = /^https?:\/\/[^\s<>"'`\\^{}|()\[\]*\u3000-\u303f\uff00-\uffef\u4e00-\u9fff]+/i;
// Deeper nesting than this is an attack on the parser, not emphasis.
const DEPTH_MAX = 4;

/** Parse `source` into blocks; total: any string gives a tree that holds all of its words. */
export function parseMarkdown(source) {
  const blocks = [];
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) blocks.push({ type: "p", children: parseInline(paragraph.join("\n")) });
    paragraph = [];
  };
  for (const line of String(source).replace(/\r\n?/g, "\n").split("\n")) {
    const bullet = BULLET.exec(line);
    const number = bullet ? null : NUMBER.exec(line);
    if (bullet || number) {
      flush();
      addItem(blocks, bullet ? "ul" : "ol", bullet ? bullet[1] : number[2], number?.[1]);
    } else if (!line.trim()) {
      flush();
      blocks.push(null);
    } else if (/^\s{2,}\S/.test(line) && !paragraph.length && blocks.at(-1)?.items) {
      blocks.at(-1).items.at(-1).push({ type: "br" }, ...parseInline(line.trim()));
    } else {
      paragraph.push(line.trim());
    }
  }
  flush();
  return joinLists(blocks);
}

function addItem(blocks, type, text, start) {
  const last = blocks.at(-1);
  if (last?.type === type) {
    last.items.push(parseInline(text));
  } else {
    const list = { type, items: [parseInline(text)] };
    if (type === "ol") list.start = Number(start);
    blocks.push(list);
  }
}

// A blank line between two numbered items does not start the count again.
function joinLists(blocks) {
  const joined = [];
  let blank = false;
  for (const block of blocks) {
    const last = joined.at(-1);
    if (block === null) {
      blank = true;
      continue;
    }
    const goesOn = block.type === "ul" || block.start === (last?.start ?? 1) + (last?.items?.length ?? 0);
    if (blank && block.items && last?.type === block.type && goesOn) last.items.push(...block.items);
    else joined.push(block);
    blank = false;
  }
  return joined;
}

/** Parse the inside of one block. */
export function parseInline(text, depth = 0) {
  const out = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) out.push({ type: "text", text: plain });
    plain = "";
  };
  while (at < text.length) {
    const found = depth < DEPTH_MAX ? inlineAt(text, at, depth) : null;
    if (found) {
      flush();
      out.push(found.node);
      at = found.end;
    } else if (text[at] === "\\" && ESCAPABLE.test(text[at + 1] ?? "")) {
      plain += text[at + 1];
      at += 2;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return out;
}

function inlineAt(text, at, depth) {
  switch (text[at]) {
    case "\n":
      return { node: { type: "br" }, end: at + 1 };
    case "`":
      return codeAt(text, at);
    case "*":
      return text[at + 1] === "*"
        ? emphasisAt(text, at, "**", "strong", depth)
        : emphasisAt(text, at, "*", "em", depth);
    case "[":
      return linkAt(text, at, depth);
    case "h":
    case "H":
      return bareUrlAt(text, at);
    default:
      return null;
  }
}

function codeAt(text, at) {
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1) return null;
  return { node: { type: "code", text: text.slice(at + 1, end) }, end: end + 1 };
}

function emphasisAt(text, at, mark, type, depth) {
  const start = at + mark.length;
  // "2*3*4" is arithmetic; Chinese has no spaces, so only Latin letters and digits count.
  if (!text[start] || /\s/.test(text[start]) || /[A-Za-z0-9]/.test(text[at - 1] ?? "")) return null;
  let end = start;
  while ((end = text.indexOf(mark, end)) !== -1) {
    const single = mark === "*";
    const isDouble = single && (text[end + 1] === "*" || text[end - 1] === "*");
    if (end > start && !isDouble && !/[\s\\]/.test(text[end - 1])) break;
    end += isDouble && text[end + 1] === "*" ? 2 : 1;
  }
  if (end === -1) return null;
  const children = parseInline(text.slice(start, end), depth + 1);
  return { node: { type, children }, end: end + mark.length };
}

function linkAt(text, at, depth) {
  const middle = closing(text, at, "[", "]");
  if (middle === -1 || text[middle + 1] !== "(") return null;
  const end = closing(text, middle + 1, "(", ")");
  if (end === -1) return null;
  const url = text.slice(middle + 2, end).trim();
  if (!url || /\s/.test(url)) return null;
  const children = parseInline(text.slice(at + 1, middle), depth + 1);
  return { node: { type: "link", url, children: withoutLinks(children) }, end: end + 1 };
}

function closing(text, at, open, close) {
  let level = 0;
  for (let i = at; i < text.length && i < at + 2100; i += 1) {
    if (text[i] === "\\") i += 1;
    else if (text[i] === open) level += 1;
    else if (text[i] === close && (level -= 1) === 0) return i;
  }
  return -1;
}

// A link inside a link's label cannot be shown: the label stays, the inner address goes.
function withoutLinks(nodes) {
  return nodes.flatMap((node) => {
    if (node.type === "link") return withoutLinks(node.children);
    return node.children ? [{ ...node, children: withoutLinks(node.children) }] : [node];
  });
}

function bareUrlAt(text, at) {
  if (/[A-Za-z0-9]/.test(text[at - 1] ?? "")) return null;
  const url = BARE_URL.exec(text.slice(at, at + 2000))?.[0].replace(/[.,;:!?]+$/, "");
  if (!url || url.length < 11) return null;
  return { node: { type: "link", url, children: [{ type: "text", text: url }] }, end: at + url.length };
}
