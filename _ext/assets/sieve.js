/* The search, slowly: press the paper's printed numbers one by one, and see the candidates fall.

   Nothing is played back: each press tries all that is left (candidates.js) in the browser. The
   board of numbers is one stop of the Tab key; the arrow keys move within it. Needs survival.js,
   candidates.js and touch.js. */
"use strict";

{
  const { html, svg, attributes, refill, resize, button, scrolling, large, percent } = globalThis.touch;
  const { touch } = globalThis;
  const PAUSE = 140; // milliseconds between two numbers that add themselves
  const SLICE = 8; // milliseconds that they count at a time
  const slowly = () => !window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  /* Places in runs: 0-12.15 stands for 0, 1, ... 12 and 15. */
  const toRuns = (places) => {
    const runs = [];
    places.forEach((place) => {
      const last = runs.at(-1);
      if (last && place === last[1] + 1) last[1] = place;
      else runs.push([place, place]);
    });
    return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(".");
  };
  const fromRuns = (text, most) => [...new Set(text.split(".").filter((run) => /^\d+(-\d+)?$/.test(run)).flatMap((run) => {
    const [from, to = from] = run.split("-").map(Number);
    return Array.from({ length: Math.max(0, Math.min(to, most - 1) - from + 1) }, (_, i) => from + i);
  }))];

  const log10 = (count) => {
    const text = String(count);
    return count > 0n ? Math.log10(Number(`0.${text.slice(0, 15)}`)) + text.length : 0;
  };
  /* How many times fewer, with one decimal where it is small. */
  const times = (before, after) => {
    const ratio = after > 0n ? Number((before * 10n) / after) / 10 : Infinity;
    return ratio < 100 ? ratio.toFixed(1) : Math.round(ratio).toLocaleString("en");
  };

  const fell = (before, after) => {
    if (before === after) return "cut nothing";
    return times(before, after) === "1.0" ? "cut very little" : `left one in ${times(before, after)}`;
  };

  const build = (figure) => {
    const data = touch.dataOf(figure);
    const space = globalThis.candidates.space(data);
    const n = data.size;
    let chosen = []; // places in data.rows, in the order of choosing

    const known = new Map(); // what is left after some numbers, whatever their order
    const keyOf = (places) => [...places].sort((a, b) => a - b).join(".");
    const idsOf = (places) => new Set(places.map((place) => data.rows[place].id));
    const after = (places) => {
      const key = keyOf(places);
      if (!known.has(key)) known.set(key, space.count(idsOf(places)));
      return known.get(key);
    };
    /* The same for each number that is added, in steps. */
    const counting = function* (places, from = 1) {
      for (let upTo = from; upTo <= places.length; upTo += 1) {
        const some = places.slice(0, upTo);
        if (!known.has(keyOf(some))) known.set(keyOf(some), yield* space.counting(idsOf(some)));
      }
    };

    /* Controls. */
    let playing = 0;
    const stop = () => { clearTimeout(playing); playing = 0; play.textContent = "Add all, one by one"; };
    const next = () => data.rows.findIndex((_, place) => !chosen.includes(place));
    const addNext = () => { if (next() >= 0) choose([...chosen, next()]); };
    /* Count in slices, so that the page never waits; then go on. */
    const inSlices = (steps, then) => {
      const until = performance.now() + SLICE;
      let done = false;
      while (!done && performance.now() < until) ({ done } = steps.next());
      playing = done ? setTimeout(then) : setTimeout(inSlices, 0, steps, then);
    };
    const step = () => {
      inSlices(counting([...chosen, next()], chosen.length + 1), () => {
        addNext();
        if (next() < 0) stop();
        else playing = setTimeout(step, PAUSE);
      });
    };
    /* All at once: drawn at the end alone. */
    const countAll = (places) => inSlices(counting(places), () => { stop(); choose(places); });
    const add = button("Add the next number", () => { stop(); addNext(); });
    const play = button("Add all, one by one", () => {
      if (playing) { stop(); return; }
      play.textContent = "Pause";
      playing = slowly() ? setTimeout(step) : setTimeout(countAll, 0, [...new Set([...chosen, ...data.rows.keys()])]);
    });
    /* Three numbers to begin with, one a press: a rate, its lower limit, the next rate. */
    const tour = [["survival", 0], ["survival_lower", 0], ["survival", 1]].map(([kind, at]) =>
      data.rows.findIndex((row) => row.about < 0 && row.kind === kind && row.at === at));
    const toured = () => (chosen.every((place, i) => place === tour[i]) ? chosen.length : tour.length);
    const guide = button("", () => { stop(); choose(tour.slice(0, (toured() % tour.length) + 1)); });
    const back = button("Take the last back", () => { stop(); choose(chosen.slice(0, -1)); });
    const reset = button("Reset", () => { stop(); choose([]); });
    const address = () => {
      const parts = new URLSearchParams();
      if (chosen.length) parts.set("rows", toRuns(chosen));
      return touch.address(parts);
    };
    const controls = html("div", { className: "touch-controls" }, guide, add, play, back, reset, touch.copyLink(address));

    /* The board: the paper's numbers as buttons, in the places where the paper has them. */
    const keys = data.rows.map((row, place) => {
      const key = button(row.kind === "dash" ? "–" : row.printed, () => {
        stop();
        choose(chosen.includes(place) ? chosen.filter((other) => other !== place) : [...chosen, place]);
        focusOn(place);
      });
      return attributes(key, { class: "sieve-number", "aria-label": `${key.textContent}: ${row.words}`, title: row.words, tabindex: -1 });
    });
    const lines = []; // places line by line, for the arrow keys
    const cellOf = (places) => {
      const cell = html("td");
      places.forEach((place, i) => {
        const kind = data.rows[place].kind;
        if (kind.endsWith("_lower")) cell.append("(");
        if (kind === "hazard_ratio") cell.append("hazard ratio ");
        if (kind === "hazard_ratio_p") cell.append("P ");
        cell.append(keys[place]);
        const then = data.rows[places[i + 1]]?.kind ?? "";
        if (kind.endsWith("_lower")) cell.append(then.endsWith("_upper") ? "–" : ")");
        if (kind.endsWith("_upper")) cell.append(")");
        cell.append(" ");
      });
      return cell;
    };
    const placesOf = (about, good) => [...data.rows.keys()].filter((p) => data.rows[p].about === about && good(data.rows[p]));
    const rated = (row) => "at" in row;
    const lineOf = (name, about, other) => {
      const cells = data.landmarks.map((_, j) => placesOf(about, (row) => row.at === j && row.other === other));
      lines.push(cells.flat());
      return html("tr", {}, html("th", { scope: "row", textContent: name }), ...cells.map(cellOf));
    };
    const restOf = (name, about, className, good = () => true) => {
      const rest = placesOf(about, (row) => !rated(row) && good(row));
      const cell = cellOf(rest);
      cell.colSpan = data.landmarks.length;
      lines.push(rest);
      return html("tr", { className }, html("th", { scope: "row", textContent: name }), cell);
    };
    const heads = data.landmarks.map((month) => html("th", { scope: "col", textContent: `${month} months` }));
    const board = html("table", { className: "sieve-board" },
      html("thead", {}, html("tr", {}, html("td"), ...heads)),
      html("tbody", {}, lineOf("All patients", -1, false),
        restOf("Died: %, number", -1, "", ({ kind }) => kind !== "time"),
        restOf("Months followed", -1, "", ({ kind }) => kind === "time")),
      ...data.groups.map(({ label, inside, outside }, g) => html("tbody", {},
        restOf(`${label}: P`, g, "group"), lineOf(inside, g, false), lineOf(outside, g, true))));
    const boardPlace = attributes(html("div", { className: "table-wrap" }, board), { role: "group", "aria-label": "The printed numbers" });

    let focused = lines[0][0];
    const focusOn = (place) => {
      keys[focused].tabIndex = -1;
      focused = place;
      keys[focused].tabIndex = 0;
      keys[focused].focus();
    };
    keys[focused].tabIndex = 0;
    board.addEventListener("keydown", (event) => {
      const y = lines.findIndex((line) => line.includes(focused));
      const x = lines[y].indexOf(focused);
      const flat = lines.flat();
      const along = flat[flat.indexOf(focused) + ({ ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? NaN)];
      const line = lines[y + ({ ArrowDown: 1, ArrowUp: -1 }[event.key] ?? NaN)];
      const to = along ?? (line && line[Math.min(x, line.length - 1)]) ?? { Home: flat[0], End: flat.at(-1) }[event.key];
      if (to === undefined) return;
      focusOn(to);
      event.preventDefault();
    });

    /* What is seen. */
    const count = html("p", { className: "sieve-count" });
    const fall = svg("svg", { role: "img", class: "sieve-fall" });
    const places = svg("svg", { role: "img", class: "sieve-places" });
    const title = html("p", { className: "touch-said", textContent: "In what share of the candidates? Place by place, in order of time:" });
    const [followed, note] = [html("p", { className: "touch-said" }), html("p", { className: "touch-said" })];
    const cuts = html("tbody");
    const cutTable = html("table", {},
      html("caption", { textContent: "What each number cut, the last one first" }),
      html("thead", {}, html("tr", {}, ...["Number", "What it tells", "Candidates left", "Times fewer"].map((textContent) => html("th", { scope: "col", textContent })))), cuts);
    const cutPlace = scrolling("What each number cut", cutTable);
    cutPlace.classList.add("sieve-cuts");
    const said = touch.status();
    const live = touch.mount(figure, controls, count, fall, title, places, followed, note, boardPlace, cutPlace, said);
    const speak = touch.speaker(said);
    let width = 0;

    /* What is certain: places of which a share is all or none, and ends of follow-up. */
    const sure = (shares) => shares.filter((share) => share < 1e-12 || share > 1 - 1e-12).length;
    const inGroups = (found) => found.inside.reduce((sum, shares) => sum + sure(shares), 0);
    const endedBy = (found) => found.ended.map((shares, j) => {
      const open = shares.map((share, k) => (share > 0 ? k : -1)).filter((k) => k >= 0);
      return `${open.length === 1 ? open[0] : `${open[0]} to ${open.at(-1)}`} by ${data.landmarks[j]} months`;
    });

    /* What the last number has taught, in a sentence. */
    const taught = (before, now) => {
      const ends = endedBy(now).filter((words, j) => words !== endedBy(before)[j]);
      const more = inGroups(now) - inGroups(before);
      const learned = [
        sure(now.died) > sure(before.died) && `who died is certain at ${sure(now.died)} of ${n} places (before: ${sure(before.died)})`,
        ends.length && `follow-up had ended for ${ends.join(", ")}`,
        more > 0 && `${more} more places in groups are certain`].filter(Boolean);
      return ` It has taught: ${learned.join("; ") || "nothing that is certain by itself"}.`;
    };

    /* Everything, and what was left after each of the chosen numbers. */
    const totals = () => [BigInt(data.everything), ...chosen.map((_, i) => after(chosen.slice(0, i + 1)).total)];

    const drawFall = (left) => {
      const [start, end, top, bottom] = [52, width - 8, 14, 150];
      const most = log10(left[0]);
      const x = (i) => start + ((end - start) * i) / Math.max(left.length - 1, 12);
      const y = (total) => bottom - ((bottom - top) * log10(total)) / most;
      const ticks = [0, 6, 12, 18, 24, 30].filter((power) => power < most).flatMap((power) => {
        const height = bottom - ((bottom - top) * power) / most;
        return [svg("line", { x1: start, x2: end, y1: height, y2: height, class: "touch-grid" }),
          svg("text", { x: start - 6, y: height + 4, "text-anchor": "end" }, touch.powerOfTen(power))];
      });
      const corners = left.map((total, i) => `${x(Math.max(i - 1, 0))},${y(total)} ${x(i)},${y(total)}`);
      const parts = [svg("polyline", { points: corners.join(" "), class: "sieve-line" })];
      if (left.length > 1) {
        const [before, now] = left.slice(-2);
        const at = x(left.length - 2);
        parts.push(svg("line", { x1: at, x2: at, y1: y(before), y2: y(now), class: "sieve-drop" }));
      }
      parts.push(svg("circle", { cx: x(left.length - 1), cy: y(left.at(-1)), r: 5, class: "sieve-now" }));
      refill(fall, [...ticks, ...parts,
        svg("text", { x: end, y: bottom + 20, "text-anchor": "end" }, `${left.length - 1} of ${data.rows.length} numbers added`)]);
      resize(fall, width, bottom + 28);
      attributes(fall, { "aria-label": `Candidates left, from ${large(left[0])} down to ${large(left.at(-1))} after ${left.length - 1} numbers, on a logarithmic axis.` });
    };

    /* One row of bars a question: in what share of the candidates is each place so? */
    const drawPlaces = (found) => {
      const [top, row, tall] = [18, 46, 22];
      const x = (i) => (width * i) / n;
      const wide = width / n - 2;
      const questions = [["Died", found.died], ...data.groups.map(({ label, inside }, g) => [`${label}: ${inside}`, found.inside[g]])];
      const parts = Array.from({ length: n }, (_, i) => svg("text", { x: x(i) + wide / 2, y: 12, "text-anchor": "middle" }, String(i + 1)));
      questions.forEach(([name, shares], k) => {
        const y = top + k * row;
        parts.push(svg("text", { x: 0, y: y + 13 }, name), svg("text", { x: width, y: y + 13, "text-anchor": "end", class: "sieve-title" }, `${sure(shares)} certain`));
        shares.forEach((share, i) => {
          const height = tall * Math.min(1, Math.max(0, share));
          const known = share < 1e-12 || share > 1 - 1e-12;
          const box = { x: x(i), width: wide };
          parts.push(svg("rect", { ...box, y: y + 18, height: tall, class: known ? "sieve-cell sieve-known" : "sieve-cell" }),
            svg("rect", { ...box, y: y + 18 + tall - height, height, class: k ? "sieve-share" : "sieve-share sieve-death" }));
        });
      });
      followed.textContent = `Follow-up had ended for ${endedBy(found).join(", ")}.`;
      refill(places, parts);
      resize(places, width, top + questions.length * row);
      const words = questions.map(([name, shares]) => `${name}: ${shares.map((share, i) => `${i + 1} ${share < 1e-12 ? "no" : share > 1 - 1e-12 ? "yes" : percent(share)}`).join(", ")}`);
      attributes(places, { "aria-label": `Shares of the candidates, by place in order of time. ${words.join(". ")}. ${followed.textContent}` });
    };

    const draw = () => {
      if (!width) return;
      const left = totals();
      const found = after(chosen);
      const place = chosen.at(-1);
      const last = data.rows[place];
      const orders = `${large(BigInt(found.orders))} orders of deaths`;
      count.replaceChildren(html("strong", { textContent: large(found.total) }), ` candidates left, in ${orders}. `,
        last ? `The last number, ${keys[place].textContent}, ${fell(left.at(-2), left.at(-1))}.${taught(after(chosen.slice(0, -1)), found)}` : "Nothing printed is used yet, but the sizes of the groups.");
      guide.textContent = `Guided tour, ${(toured() % tour.length) + 1} of ${tour.length}`;
      drawFall(left);
      drawPlaces(found);
      note.textContent = found.waiting.some(Boolean)
        ? `Some numbers wait: groups are tried once ${data.mostOrders.toLocaleString("en")} orders are left or fewer, and P values once their rates have left few groups.` : "";
      keys.forEach((key, i) => attributes(key, { "aria-pressed": chosen.includes(i) }));
      cutPlace.hidden = chosen.length === 0;
      const rows = chosen.map((p, i) => {
        const [before, now] = [left[i], left[i + 1]];
        return html("tr", {}, html("th", { scope: "row", textContent: keys[p].textContent }), html("td", { textContent: data.rows[p].words }),
          html("td", { className: "num", textContent: large(now) }), html("td", { className: "num", textContent: now === before ? "cut nothing" : times(before, now) }));
      }).reverse();
      cuts.prepend(...rows.slice(0, Math.max(0, rows.length - cuts.childElementCount))); // new ones come first
      refill(cuts, rows);
      return `${large(found.total)} candidates in ${orders} left${last ? ` after ${last.printed}, ${last.words}` : ""}.`;
    };
    const choose = (places_) => {
      chosen = places_;
      const text = draw();
      if (!playing || next() < 0) speak(text, address);
    };

    const restore = () => {
      const { pick, tell } = touch.fromAddress(said);
      chosen = fromRuns(pick("rows", (text) => fromRuns(text, data.rows.length).length), data.rows.length);
      tell();
      draw();
    };
    window.addEventListener("hashchange", () => { stop(); restore(); });
    touch.onWidth(live, (wide) => { width = wide; draw(); });
    restore();
  };

  document.querySelectorAll("figure.sieve").forEach(build);
}
