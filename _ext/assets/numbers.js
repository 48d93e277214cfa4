/* Numbers among the results of a search: "76.9", "76.9%" or "P = 0.0039" lead to pages and into
   the ledger. Sphinx's own search drops terms of digits. */
(() => {
  "use strict";

  const asked = new URLSearchParams(window.location.search).get("q") || "";
  const place = document.querySelector("#search-results");
  const known = window.NUMBERS;
  const numbers = [...new Set(asked.match(/\d[\d.,]*\d|\d/g) || [])]
    .filter((number) => known && Object.hasOwn(known, number));
  if (!place || !numbers.length) return;

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const root = document.documentElement.dataset.content_root || "./";
  for (const number of numbers) {
    const items = known[number].map((place) => window.PAGES[place]).map(([page, title]) =>
      make("li", {}, make("a", { href: `${root}${page}.html`, textContent: title })));
    const ledger = make("a", {
      href: `${root}${window.LEDGER}?q=${encodeURIComponent(number)}`,
      textContent: `${number} in the ledger of published numbers`,
    });
    place.before(make("section", { className: "number-results" },
      make("h2", { textContent: `The number ${number}` }),
      make("ul", {}, make("li", {}, ledger), ...items)));
  }
  /* Sphinx, which looked for words alone, then says that nothing was found. */
  const hush = () => {
    const said = place.querySelector(".search-summary");
    if (said) said.hidden = said.textContent.includes("did not match");
  };
  new MutationObserver(hush).observe(place, { childList: true, subtree: true, characterData: true });
  hush();
})();
