/* What the figures to touch share: elements, controls, numbers in words, a state in the address.

   A figure is `<figure class="NAME touch">` with a static picture and its data as JSON; `mount`
   puts what can be touched before the picture, which stays for print. */
"use strict";

globalThis.touch = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  const html = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  /* Only what differs is written: what is written is laid out anew. */
  const attributes = (element, values) => {
    Object.entries(values).forEach(([name, value]) => {
      if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
    });
    return element;
  };

  /* Give an element these children, each of which holds either elements or words; what is there
     already stays, and takes over what differs. */
  const refill = (element, children) => {
    const old = [...element.children];
    const kind = (part) => String([part.tagName, ...part.getAttributeNames()]);
    children.forEach((child, i) => {
      if (old[i]?.isEqualNode(child)) return;
      if (!old[i]) element.append(child);
      else if (kind(old[i]) !== kind(child)) old[i].replaceWith(child);
      else {
        attributes(old[i], Object.fromEntries([...child.attributes].map(({ name, value }) => [name, value])));
        if (child.childElementCount) refill(old[i], [...child.children]);
        else old[i].textContent = child.textContent;
      }
    });
    old.slice(children.length).forEach((child) => child.remove());
  };

  const svg = (tag, values = {}, text = "") => {
    const element = attributes(document.createElementNS(SVG, tag), values);
    if (text) element.textContent = text;
    return element;
  };

  /* Give a drawing its size in pixels: its text is then never scaled. */
  const resize = (drawing, width, height) =>
    attributes(drawing, { viewBox: `0 0 ${width} ${height}`, width, height });

  const dataOf = (figure) => JSON.parse(figure.querySelector("script[type='application/json']").textContent);

  /* A list to choose from, and a control with its label. */
  const list = (options) =>
    html("select", {}, ...Object.entries(options).map(([value, textContent]) => html("option", { value, textContent })));
  const labelled = (text, control) => html("label", {}, `${text} `, control);
  const button = (textContent, act) => {
    const made = html("button", { type: "button", textContent });
    made.addEventListener("click", act);
    return made;
  };

  /* A part that may be wider or higher than its place, and scrolls within itself. */
  const scrolling = (label, ...children) =>
    attributes(html("div", { className: "table-wrap", tabIndex: 0 }, ...children), { role: "region", "aria-label": label });

  /* What is said to those who listen, once the hand rests; and the state in the address. */
  const status = () => attributes(html("p", { className: "touch-said" }), { role: "status" });
  const speaker = (said) => {
    let waiting = 0;
    return (text, address) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        said.textContent = text;
        window.history.replaceState(null, "", address());
      }, 400);
    };
  };
  const address = (parts) =>
    window.location.pathname + window.location.search + (parts.size ? `#${parts}` : "");
  /* What the address asks for: `pick` gives a name's value where it is known (one of the keys of
     `known`, or what the test admits), else `usual`; `tell` says what was not known. */
  const fromAddress = (said) => {
    const parts = new URLSearchParams(window.location.hash.slice(1));
    const lost = [];
    const pick = (name, known, usual = "") => {
      const value = parts.get(name);
      if (!value) return usual;
      if (typeof known === "function" ? known(value) : Object.keys(known).includes(value)) return value;
      lost.push(`${name}=${value}`);
      return usual;
    };
    const tell = () => {
      said.textContent = lost.length ? `The address asks for what is not known here: ${lost.join(", ")}. In its place stands what is usual.` : "";
    };
    return { pick, tell };
  };

  const copyLink = (write) => {
    const copy = button("Copy link", async () => {
      window.history.replaceState(null, "", write());
      try {
        await navigator.clipboard.writeText(window.location.href);
        copy.textContent = "Copied";
      } catch {
        copy.textContent = "Copy it from the address bar"; // a page opened from a file may not copy
      }
      setTimeout(() => { copy.textContent = "Copy link"; }, 2000);
    });
    return copy;
  };

  /* Many calls, one drawing a frame. */
  const oncePerFrame = (draw) => {
    let waiting = 0;
    return () => { waiting ||= requestAnimationFrame(() => { waiting = 0; draw(); }); };
  };

  const mount = (figure, ...children) => {
    const live = html("div", { className: "touch-live" }, ...children);
    figure.prepend(live);
    figure.classList.add("touch-on");
    return live;
  };

  /* Draw now, and again whenever the width has changed. */
  const onWidth = (live, draw) => {
    let known = 0;
    new ResizeObserver(() => {
      const width = Math.max(280, Math.floor(live.clientWidth));
      if (width !== known) draw((known = width));
    }).observe(live);
  };

  /* One decimal, a half up; what is nearer to a half than rounding error is a half: 39.65 is 39.7. */
  const tenths = (value) => (Math.round(10 * value + 1e-9) / 10).toFixed(1);
  const percent = (share) => `${tenths(100 * share)}%`;
  const months = (value) => (Number.isFinite(value) ? `${tenths(value)} months` : "not reached");
  const pText = (p) => (Number.isNaN(p) ? "none: nothing to compare" : p < 0.0001 ? "< 0.0001" : p.toFixed(4));

  /* 10²⁹; and a whole number (BigInt), in full up to a billion, beyond that as 2.9 × 10²⁹. */
  const powerOfTen = (power) => `10${[...String(power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("")}`;
  const inEnglish = new Intl.NumberFormat("en"); // made once: each costs as much as a row of a table
  const large = (count) => {
    const power = String(count).length - 1;
    return power < 9 ? inEnglish.format(Number(count)) : `${(Number(count) / 10 ** power).toFixed(1)} × ${powerOfTen(power)}`;
  };

  return { html, svg, attributes, refill, resize, dataOf, list, labelled, button, scrolling, status, speaker,
    address, fromAddress, copyLink, oncePerFrame, mount, onWidth, tenths, percent, months, pText, powerOfTen, large };
})();
