// The playground's page: shows each phone's screen as the server tells it, and passes on what is typed and pressed.
// Words of customers and of the bot only ever become text nodes.
const TITLES = { wechat: "WeChat · 微信", telegram: "Telegram", slack: "Slack" };
const FAULTS = {
  too_many: "Too many messages: wait · 限流",
  bad_gateway: "Broken gateway, 502 · 网关故障",
  server_error: "Internal error, 500 · 内部错误",
  reset: "Sent, then the line breaks · 送达后断线",
};
const EXAMPLES = { wechat: "怎么退货？", telegram: "How do I return a product?", slack: "I want a quote for 200 Kettle Pros" };
const POLL = 700; // milliseconds

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

async function ask(path, value) {
  const answer = await fetch(path, value === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ value }),
  });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error ? data.error.message : String(answer.status));
  return data;
}

class Phone {
  constructor(told) {
    this.name = told.name;
    this.shown = "";
    this.screen = make("ol", { class: "screen", "aria-live": "polite", "aria-label": TITLES[told.name] });
    this.input = make("input", { placeholder: EXAMPLES[told.name], maxlength: "4000", "aria-label": `Write as ${told.person}`, autocomplete: "off" });
    this.note = make("output");
    const form = make("form", {}, this.input, make("button", { type: "submit" }, "Send"));
    form.addEventListener("submit", (submitted) => {
      submitted.preventDefault();
      const text = this.input.value.trim() || this.input.placeholder;
      this.input.value = "";
      this.do("say", text);
    });
    const id = `fault-${told.name}`;
    const choice = make("select", { id }, make("option", { value: "" }, "nothing · 无"),
      ...told.faults.map((fault) => make("option", { value: fault }, FAULTS[fault])));
    choice.addEventListener("change", () => {
      if (choice.value) this.do("break", choice.value, "next reply · 下一条");
      choice.value = "";
    });
    const fault = make("div", { class: "fault" }, make("label", { for: id }, "Break · 故障"), choice, this.note);
    this.element = make("article", { class: `phone ${told.name}` },
      make("header", {}, make("b", {}, TITLES[told.name] || told.name), make("span", {}, told.person)),
      this.screen, form, fault);
  }

  async do(act, value, note = "") {
    try {
      await ask(`/playground/${this.name}/${act}`, value);
      this.note.textContent = note;
    } catch (error) {
      this.note.textContent = error.message;
    }
    refresh();
  }

  show(bubbles) {
    const now = JSON.stringify(bubbles);
    if (now === this.shown) return;
    this.shown = now;
    this.screen.replaceChildren(...bubbles.map((bubble) => this.bubble(bubble)));
    this.screen.scrollTop = this.screen.scrollHeight;
  }

  bubble(told) {
    const element = make("li", { class: told.mine ? "bubble mine" : "bubble" });
    if (told.picture && /^https?:/.test(told.picture)) element.append(make("img", { src: told.picture, alt: "", loading: "lazy" }));
    for (const words of told.words) element.append(styled(words));
    const buttons = [
      ...told.buttons.map((label) => {
        const button = make("button", { type: "button" }, label);
        button.addEventListener("click", () => this.do("press", label));
        return button;
      }),
      ...told.links.filter(([, url]) => /^https?:/.test(url)).map(([label, url]) => make("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, label)),
    ];
    if (buttons.length) element.append(make("div", { class: "buttons" }, ...buttons));
    return element;
  }
}

function styled(words) {
  let node = document.createTextNode(words.text);
  for (const [style, tag] of [["code", "code"], ["italic", "em"], ["bold", "strong"]])
    if (words.styles.includes(style)) node = make(tag, {}, node);
  if (words.url && /^(https?|mailto|tel):/.test(words.url)) node = make("a", { href: words.url, rel: "noopener noreferrer", target: "_blank" }, node);
  return node;
}

const phones = new Map();
let told = "";

function showTimeline(entries) {
  const now = JSON.stringify(entries);
  if (now === told) return;
  told = now;
  document.getElementById("entries").replaceChildren(...entries.map((entry) => make("li", {},
    make("b", {}, entry.kind.replaceAll("_", " ")), " ",
    make("small", {}, `${entry.channel} · ${entry.actor} · ${new Date(entry.at).toLocaleTimeString()}`),
    ...(entry.said ? [make("br"), entry.said] : []))));
}

let asking = false;
async function refresh() {
  if (asking) return;
  asking = true;
  const opening = document.getElementById("opening");
  try {
    const state = await ask("/playground/state");
    for (const one of state.phones) {
      if (!phones.has(one.name)) {
        const phone = new Phone(one);
        phones.set(one.name, phone);
        document.getElementById("phones").append(phone.element);
      }
      phones.get(one.name).show(one.bubbles);
    }
    showTimeline(state.timeline);
    opening.hidden = true;
  } catch (error) {
    opening.hidden = false;
    opening.className = "error";
    opening.textContent = `The server does not answer: ${error.message} · 服务器没有响应`;
  } finally {
    asking = false;
  }
}

refresh();
setInterval(refresh, POLL);
