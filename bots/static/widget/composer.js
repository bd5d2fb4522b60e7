// The text field: grows, counts, and sends on Enter, but never in the middle of an IME word.

const HEIGHT_MAX = 160;
const DRAFT = "draft";

/** Return `text` without halves of surrogate pairs, which no UTF-8 can carry. */
export function wellFormed(text) {
  const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
  return text.replace(lone, "\ufffd");
}

/** The form with the visitor's message. */
export class Composer {
  /**
   * @param {{form: HTMLFormElement, field: HTMLTextAreaElement, button: HTMLButtonElement,
   *   counter: HTMLElement}} parts
   * @param {{labels: Function, send: (text: string) => void, typing: (on: boolean) => void,
   *   page: (direction: number) => void, drafts: object}} wire
   */
  constructor({ form, field, button, counter }, wire) {
    Object.assign(this, { form, field, button, counter, wire });
    this.max = 4000;
    this.field.value = wire.drafts.get(DRAFT) ?? "";
    form.addEventListener("submit", (submit) => {
      submit.preventDefault();
      this.#submit();
    });
    field.addEventListener("input", () => this.#changed(true));
    field.addEventListener("blur", () => wire.typing(false));
    field.addEventListener("keydown", (press) => this.#key(press));
    this.#changed(false);
  }

  /** Put the cursor into the field. */
  focus() {
    this.field.focus({ preventScroll: true });
  }

  /** Replace what is typed, for the host page's suggestions. */
  setDraft(text) {
    this.field.value = text;
    this.#changed(false);
  }

  /** Count again, after the limit or the language changed. */
  refresh() {
    this.#changed(false);
  }

  #key(press) {
    // While an input method composes, Enter takes the candidate (229: browsers that tell late).
    if (press.isComposing || press.keyCode === 229) return;
    if (press.key === "Enter" && !press.shiftKey && !press.altKey && !press.ctrlKey && !press.metaKey) {
      press.preventDefault();
      this.#submit();
    } else if (!this.field.value && (press.key === "PageUp" || press.key === "PageDown")) {
      press.preventDefault();
      this.wire.page(press.key === "PageUp" ? -1 : 1);
    }
  }

  #submit() {
    const text = wellFormed(this.field.value).trim();
    if (!text || [...text].length > this.max) return;
    this.field.value = "";
    this.#changed(false);
    this.wire.send(text);
  }

  #changed(typed) {
    const { field, counter, button, wire } = this;
    const text = field.value;
    if (text) wire.drafts.set(DRAFT, text);
    else wire.drafts.remove(DRAFT);
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, HEIGHT_MAX)}px`;
    const left = this.max - [...text.trim()].length;
    counter.hidden = left > this.max * 0.1;
    counter.classList.toggle("over", left < 0);
    counter.textContent =
      left < 0 ? wire.labels("tooLong", { over: -left }) : wire.labels("left", { left });
    field.setAttribute("aria-invalid", String(left < 0));
    button.disabled = !text.trim() || left < 0;
    if (typed) wire.typing(Boolean(text.trim()));
  }
}
