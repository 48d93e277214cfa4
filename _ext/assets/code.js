/* How much code a page shows: one switch in its header, remembered from page to page. */
(() => {
  "use strict";

  const MODES = [["analysis", "The analysis"], ["all", "All code"], ["text", "Text only"]];
  const KEY = "code-shown";

  function remembered() {
    try {
      const kept = localStorage.getItem(KEY);
      return MODES.some(([mode]) => mode === kept) ? kept : MODES[0][0];
    } catch {
      return MODES[0][0];
    }
  }

  function show(mode) {
    document.documentElement.dataset.code = mode;
    for (const fold of document.querySelectorAll(".cell.tag_hide-input > details.hide")) fold.open = mode === "all";
    try {
      localStorage.setItem(KEY, mode);
    } catch {
      /* Not remembered where a page may store nothing. */
    }
  }

  const place = document.querySelector(".article-header-buttons");
  if (!place || !document.querySelector(".bd-article .cell_input")) return;
  const label = document.createElement("label");
  const choice = document.createElement("select");
  label.className = "code-switch";
  label.append("Code ", choice);
  for (const [mode, words] of MODES) choice.append(new Option(words, mode));
  choice.value = remembered();
  choice.addEventListener("change", () => show(choice.value));
  place.prepend(label);
  show(choice.value);
})();
