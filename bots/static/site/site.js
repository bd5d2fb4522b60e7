// The page's own language switch, and questions that open the chat.
(() => {
  "use strict";
  const KEY = "moss-and-kettle:language";
  const buttons = document.querySelectorAll("button[data-language]");

  function remembered() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  function show(language) {
    document.documentElement.lang = language;
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      show(button.dataset.language);
      try {
        localStorage.setItem(KEY, button.dataset.language);
      } catch {
        // Not remembered, still shown.
      }
    });
  }
  show(remembered() ?? (/^zh\b/i.test(navigator.language) ? "zh-Hans" : "en"));

  document.addEventListener("click", (press) => {
    const draft = press.target.closest?.("[data-ask]")?.dataset.ask;
    if (draft !== undefined) window.Tributary?.open(draft ? { draft } : {});
  });
})();
