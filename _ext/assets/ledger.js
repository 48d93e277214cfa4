/* Makes every <table class="ledger"> sortable and filterable; without this the table is complete.

   Sorting: a button in each column header. Filtering: a text box for all columns, and a list for
   each column whose <th> has the attribute data-filter. What is chosen stands in the address
   (#q=...&status=...&sort=-published), so that a view can be linked to; links from other pages ask
   with ?location=... or ?fact=..., with which facts begin, in place of #. */
"use strict";

{
  const slug = (text) => text.trim().toLowerCase().replace(/[^a-z0-9]+/g, "-");

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  /* What is typed and what stands in a row, made comparable: any minus, and no percent sign. */
  const plain = (text) => text.toLowerCase().replaceAll("−", "-").replace(/(\d)\s?%/g, "$1");
  /* Is the word in the text, a number as a whole number: 3.6 is not in 83.6? */
  const whole = (text, word) => {
    const at = text.indexOf(word);
    if (at < 0) return false;
    const before = /[\d.]/.test(text[at - 1] ?? "");
    const after = /^(?:\d|[.,]\d)/.test(text.slice(at + word.length));
    return (!before && !after) || whole(text.slice(at + word.length), word);
  };

  /* Numbers by value ("< 0.01", "83.3 %", "−3.6"), then words, then what is empty or a dash. */
  const sortKey = (text) => {
    if (!text || /^[-–—]$/.test(text)) return [2, 0, ""];
    const number = /^[<>≤≥=~]?\s*([-−+]?\d+(?:\.\d+)?)/.exec(text);
    if (number) return [0, parseFloat(number[1].replace("−", "-")), text];
    return [1, 0, text];
  };

  const compare = (a, b, direction) => {
    if ((a[0] === 2 || b[0] === 2) && a[0] !== b[0]) return a[0] - b[0];
    return direction * (a[0] - b[0] || a[1] - b[1] || a[2].localeCompare(b[2], "en", { numeric: true }));
  };

  const enhance = (table) => {
    const body = table.tBodies[0];
    const headers = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    const names = headers.map((header) => slug(header.textContent));
    const rows = [...body.rows].map((element) => {
      const cells = [...element.cells].map((cell) => cell.textContent.trim());
      return { element, cells, keys: cells.map(sortKey), text: plain(cells.join(" ")) };
    });
    let sort = ""; // a column's name, with "-" before it when descending

    const words = make("input", { type: "search", autocomplete: "off" });
    const lists = new Map();
    headers.forEach((header, column) => {
      if (!header.hasAttribute("data-filter")) return;
      const values = [...new Set(rows.map((row) => row.cells[column]))].filter(Boolean);
      values.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
      const list = make("select", {}, make("option", { value: "", textContent: "all" }));
      list.append(...values.map((value) => make("option", { value, textContent: value })));
      lists.set(column, list);
    });
    const reset = make("button", { type: "button", textContent: "Show all" });
    const count = make("p", { className: "ledger-count" });
    count.setAttribute("role", "status");

    const controls = make("div", { className: "ledger-controls" }, make("label", {}, "Find ", words));
    lists.forEach((list, column) => controls.append(make("label", {}, `${headers[column].textContent} `, list)));
    controls.append(reset, count);
    (table.closest(".table-wrap") || table).before(controls);

    headers.forEach((header, column) => {
      const button = make("button", { type: "button", className: "ledger-sort" }, ...header.childNodes);
      button.addEventListener("click", () => {
        sort = sort === names[column] ? `-${sort}` : names[column];
        show();
      });
      header.append(button);
    });

    const order = () => {
      const column = names.indexOf(sort.replace(/^-/, ""));
      const direction = sort.startsWith("-") ? -1 : 1;
      headers.forEach((header, i) => {
        if (i === column) header.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        else header.removeAttribute("aria-sort");
      });
      const sorted = column < 0 ? rows : [...rows].sort((a, b) => compare(a.keys[column], b.keys[column], direction));
      body.append(...sorted.map((row) => row.element));
    };

    let facts = ""; // a pattern: the numbers of one page
    let lost = []; // what the address asks for, and is not known here

    const filter = () => {
      const wanted = plain(words.value).split(/\s+/).filter(Boolean).map((word) =>
        (/^[^a-z]*\d$/.test(word) && rows.some((row) => whole(row.text, word))
          ? (text) => whole(text, word) : (text) => text.includes(word)));
      const begins = new RegExp(`^(?:${facts})`);
      let shown = 0;
      for (const row of rows) {
        const listed = [...lists].every(([column, list]) => !list.value || row.cells[column] === list.value);
        row.element.hidden = !(listed && begins.test(row.element.dataset.fact) && wanted.every((has) => has(row.text)));
        shown += !row.element.hidden;
      }
      const unknown = lost.length ? `; not known here: ${lost.join(", ")}` : "";
      const page = facts ? ", those of one page" : "";
      count.textContent = `${shown} of ${rows.length} rows shown${page}${unknown}`;
      reset.disabled = shown === rows.length && !sort;
    };

    const write = () => {
      const state = new URLSearchParams();
      if (words.value) state.set("q", words.value);
      lists.forEach((list, column) => list.value && state.set(names[column], list.value));
      if (facts) state.set("fact", facts);
      if (sort) state.set("sort", sort);
      if (state.size || location.hash.includes("=")) {
        history.replaceState(null, "", `${location.pathname}#${state}`);
      }
    };

    const read = () => {
      if (location.hash && !location.hash.includes("=")) return; // an anchor, not a view
      const state = new URLSearchParams(location.hash.slice(1) || location.search);
      words.value = state.get("q") || "";
      lost = [];
      const known = (name, good) => {
        const value = state.get(name) || "";
        if (!value || good(value)) return value;
        lost.push(`${name}=${value}`);
        return "";
      };
      lists.forEach((list, column) => {
        list.value = known(names[column], (value) => [...list.options].some((option) => option.value === value));
      });
      sort = known("sort", (value) => names.includes(value.replace(/^-/, "")));
      facts = known("fact", (value) => {
        try {
          return Boolean(new RegExp(value));
        } catch {
          return false;
        }
      });
      order();
      filter();
    };

    const narrow = () => { lost = []; filter(); write(); };
    const show = () => { order(); narrow(); };

    words.addEventListener("input", narrow);
    lists.forEach((list) => list.addEventListener("change", narrow));
    reset.addEventListener("click", () => {
      words.value = sort = facts = "";
      lists.forEach((list) => { list.value = ""; });
      show();
      words.focus();
    });
    window.addEventListener("hashchange", read);
    filter();
    read();
  };

  document.querySelectorAll("table.ledger").forEach(enhance);
}
