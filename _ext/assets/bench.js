/* The Kaplan-Meier bench: drag the end of a line, switch death and censoring, split the cohort;
   everything below follows at once. Without this script the page keeps its static picture.

   Each handle is a slider (arrow keys: a tenth of a month, with Page keys a month); what was
   changed stands in the address, so that a state can be linked to. Needs survival.js and touch.js. */
"use strict";

{
  const { survival } = globalThis;
  const { touch } = globalThis;
  const { html, svg, attributes, refill, resize, months, percent, pText } = touch;
  const LAST = 84; // months on the axis
  const STARTS = [0, 12, 24, 36, 48, 60, 72, 84];
  const TABLE = "three decimals"; // the default: how most limits of Table 3 were formed
  const FORMULAS = { [TABLE]: "linear, rounded as in Table 3", linear: "linear", log: "log", "log-log": "log-log" };
  const COLORS = ["var(--house-blue)", "var(--house-orange-mark)"];

  /* What can be said of a state: one entry a group, and the P values. */
  const estimate = ({ time, event, group, formula }) => {
    const inside = group.some(Boolean) && !group.every(Boolean) ? [true, false] : [null];
    const groups = inside.map((side) => {
      const pick = (values) => values.filter((_, i) => side === null || group[i] === side);
      const [times, events] = [pick(time), pick(event)];
      return { times, events, curve: survival.kaplanMeier(times, events, formula) };
    });
    const exact = inside.length === 2 ? survival.exactP(time, event, group) : null;
    return { groups, exact, p: exact ? survival.logRank(time, event, group) : null };
  };

  const build = (figure) => {
    const data = touch.dataOf(figure);
    const count = data.time.length;
    const fresh = () => ({
      time: [...data.time],
      event: [...data.event],
      group: data.time.map(() => false),
      factor: "",
      formula: TABLE,
    });
    let state = fresh();

    /* The address carries what differs from the cohort: t, e, g, by, ci. */
    const toAddress = () => {
      const parts = new URLSearchParams();
      if (state.time.some((t, i) => t !== data.time[i])) parts.set("t", state.time.join("_"));
      const bits = (values) => values.map(Number).join("");
      if (bits(state.event) !== bits(data.event)) parts.set("e", bits(state.event));
      if (state.factor) parts.set("by", state.factor);
      if (state.factor === "hand") parts.set("g", bits(state.group));
      if (state.formula !== TABLE) parts.set("ci", state.formula);
      return touch.address(parts);
    };

    const split = (factor) => {
      state.factor = Object.hasOwn(data.factors, factor) || factor === "hand" ? factor : "";
      if (state.factor !== "hand") {
        const named = data.factors[state.factor];
        state.group = named ? [...named.inside] : data.time.map(() => false);
      }
    };

    const fromAddress = () => {
      const { pick, tell } = touch.fromAddress(said);
      state = fresh();
      const timesOf = (text) => text.split("_").map(Number);
      const good = (text) => timesOf(text).length === count && timesOf(text).every((t) => t >= 0 && t <= LAST);
      const times = pick("t", good);
      if (times) state.time = timesOf(times);
      const bits = (name) => [...pick(name, (text) => new RegExp(`^[01]{${count}}$`).test(text))].map((bit) => bit === "1");
      const [event, group] = [bits("e"), bits("g")];
      if (event.length) state.event = event;
      split(pick("by", { ...data.factors, hand: true }));
      if (state.factor === "hand" && group.length) state.group = group;
      state.formula = pick("ci", FORMULAS, TABLE);
      tell();
    };

    /* Controls. */
    const factorNames = Object.fromEntries(Object.entries(data.factors).map(([key, { label }]) => [key, label]));
    const factorList = touch.list({ "": "not at all", ...factorNames, hand: "by hand" });
    const formulaList = touch.list(FORMULAS);
    const reset = touch.button("Reset", () => { state = fresh(); showState(); changed(); });
    const controls = html("div", { className: "touch-controls" }, touch.labelled("Split", factorList),
      touch.labelled("95% limits", formulaList), reset, touch.copyLink(toAddress));
    const said = touch.status();
    const speak = touch.speaker(said);

    const lines = svg("svg", { class: "bench-lines", role: "group", "aria-label": "Follow-up of each row" });
    const curves = svg("svg", { class: "bench-curves", role: "img" });
    const numbers = touch.scrolling("Estimates");
    const live = touch.mount(figure, controls, lines, curves, numbers, said);

    let width = 0;
    const [left, right, rowHeight] = [46, 14, 27];
    const x = (month) => left + ((width - left - right) * month) / LAST;
    const monthAt = (clientX) => {
      const inside = clientX - lines.getBoundingClientRect().left - left;
      return Math.min(LAST, Math.max(0, Math.round((10 * LAST * inside) / (width - left - right)) / 10));
    };

    const describe = (i) => {
      const named = data.factors[state.factor];
      const side = named ? (state.group[i] ? named.yes : named.no) : state.group[i] ? "group A" : "group B";
      return `${state.time[i].toFixed(1)} months, ${state.event[i] ? "died" : "last seen alive"}${state.factor ? `, ${side}` : ""}`;
    };

    /* The thirteen lines. Drawn once; later only moved, so that the focus stays where it is. */
    const rows = data.time.map((_, i) => {
      const y = 14 + i * rowHeight;
      const label = svg("text", { x: 2, y: y + 4, class: "bench-name" }, data.id[i]);
      const track = svg("rect", { y: y - rowHeight / 2, height: rowHeight, class: "bench-track" });
      const line = svg("line", { y1: y, y2: y, class: "bench-line" });
      const ring = svg("circle", { cy: y, r: 13, class: "bench-ring" });
      const dot = svg("circle", { cy: y, r: 7, class: "bench-dot" });
      const handle = svg("g", { tabindex: 0, role: "slider", "aria-valuemin": 0, "aria-valuemax": LAST,
        "aria-label": `End of ${data.id[i]}`, class: "bench-handle" });
      handle.append(ring, dot);
      lines.append(track, line, label, handle);
      return { label, track, line, ring, dot, handle };
    });
    const axis = svg("g", { class: "bench-axis" });
    lines.append(axis);

    const drawRow = (i) => {
      const { track, line, ring, dot, handle } = rows[i];
      const end = x(state.time[i]);
      const color = state.factor ? COLORS[state.group[i] ? 0 : 1] : COLORS[0];
      const dash = state.factor && !state.group[i] ? "7 4" : "none";
      attributes(track, { x: left, width: Math.max(0, width - left - right) });
      attributes(line, { x1: left, x2: end, stroke: color, "stroke-dasharray": dash });
      attributes(ring, { cx: end });
      attributes(dot, { cx: end, stroke: color, fill: state.event[i] ? color : "var(--pst-color-background, #fff)" });
      attributes(handle, { "aria-valuenow": state.time[i], "aria-valuetext": describe(i) });
    };

    const drawAxis = (group, y) => {
      const ticks = STARTS.filter((m) => width > 480 || m % 24 === 0).map((m) => [
        svg("line", { x1: x(m), x2: x(m), y1: y, y2: y + 5 }),
        svg("text", { x: x(m), y: y + 18, "text-anchor": "middle" }, String(m)),
      ]);
      group.replaceChildren(svg("line", { x1: left, x2: x(LAST), y1: y, y2: y }), ...ticks.flat(),
        svg("text", { x: x(LAST), y: y + 34, "text-anchor": "end" }, "Months since the first ablation"));
    };

    /* The curves with their bands, ticks for censorings, and the numbers at risk below. */
    const drawCurves = ({ groups }) => {
      const [top, bottom] = [12, 232];
      const y = (rate) => bottom - (bottom - top) * rate;
      const parts = [0, 0.25, 0.5, 0.75, 1].flatMap((rate) => [
        svg("line", { x1: left, x2: x(LAST), y1: y(rate), y2: y(rate), class: rate === 0.5 ? "bench-half" : "touch-grid" }),
        svg("text", { x: left - 6, y: y(rate) + 4, "text-anchor": "end" }, `${100 * rate}%`),
      ]);
      groups.forEach(({ curve }, g) => {
        const end = curve.at(-1).time;
        const path = (key) => curve.map((step, i) => {
          const next = curve[i + 1]?.time ?? end;
          return `${x(step.time)},${y(step[key])} ${x(next)},${y(step[key])}`;
        });
        const back = path("lower").reverse().map((pair) => pair.split(" ").reverse().join(" "));
        parts.push(svg("polygon", { points: [...path("upper"), ...back].join(" "), fill: COLORS[g], class: "bench-band" }));
        parts.push(svg("polyline", { points: path("survival").join(" "), stroke: COLORS[g],
          class: "bench-curve", "stroke-dasharray": g ? "7 4" : "none" }));
        curve.filter((step) => step.censored).forEach((step) => parts.push(svg("line", {
          x1: x(step.time), x2: x(step.time), y1: y(step.survival) - 6, y2: y(step.survival) + 6, stroke: COLORS[g], class: "bench-tick" })));
      });
      const bottomAxis = svg("g", { class: "bench-axis" });
      drawAxis(bottomAxis, bottom);
      parts.push(svg("text", { x: 2, y: bottom + 38 }, "At risk"));
      const shown = STARTS.filter((m) => width > 480 || m % 24 === 0);
      groups.forEach(({ times, events }, g) => {
        parts.push(svg("text", { x: 2, y: bottom + 58 + 18 * g, fill: COLORS[g] }, groups.length > 1 ? "AB"[g] : "All"));
        survival.atRiskTable(times, events, shown).forEach(({ start, atRisk }) => parts.push(
          svg("text", { x: x(start), y: bottom + 58 + 18 * g, "text-anchor": "middle" }, String(atRisk))));
      });
      refill(curves, [...parts, bottomAxis]);
      const height = bottom + 68 + 18 * (groups.length - 1);
      resize(curves, width, height);
    };

    const names = () => {
      const named = data.factors[state.factor];
      return named ? [`A: ${named.yes}`, `B: ${named.no}`] : ["A: chosen", "B: the others"];
    };

    const drawNumbers = ({ groups, exact, p }) => {
      const heads = groups.length > 1 ? names() : ["All rows"];
      const measures = [
        ["Rows, of whom died", ({ times, events }) => `${times.length}, ${events.filter(Boolean).length}`],
        ...[12, 36, 60].map((m) => [`Survival at ${m} months`, ({ curve, times }) => {
          const { survival: rate, lower, upper } = survival.at(curve, m);
          if (rate === 0) return "0%: the curve has reached zero";
          const words = `${percent(rate)} (${percent(lower)}–\u2060${percent(upper)})`;
          return Math.max(...times) < m ? `${words}, though nobody was followed so long` : words;
        }]),
        ["Median survival (Kaplan-Meier)", ({ curve }) => months(survival.medianSurvival(curve))],
        ["Plain median of times", ({ times }) => months(survival.medianFollowUp(times))],
      ];
      const head = html("tr", {}, html("td"), ...heads.map((text) => html("th", { scope: "col", textContent: text })));
      const body = measures.map(([name, value]) => html("tr", {},
        html("th", { scope: "row", textContent: name }), ...groups.map((g) => html("td", { textContent: value(g) }))));
      if (exact) {
        const tests = [["Log-rank P", pText(p)],
          ["Exact P by |observed − expected|", pText(exact.difference)], ["Exact P by chi-squared", pText(exact.chiSquared)],
          ["Splits counted for an exact P", exact.splits.toLocaleString("en")]];
        tests.forEach(([name, textContent]) => body.push(html("tr", {},
          html("th", { scope: "row", textContent: name }), html("td", { textContent, colSpan: 2 }))));
      }
      refill(numbers, [html("table", {}, html("thead", {}, head), html("tbody", {}, ...body))]);
    };

    const sum = ({ groups, p }) => {
      const parts = groups.map(({ curve }, g) => `${groups.length > 1 ? `${names()[g]}: ` : ""}median survival ${months(survival.medianSurvival(curve))}`);
      return `${parts.join("; ")}${p === null ? "" : `; log-rank P ${pText(p)}`}.`;
    };

    let touched = false;
    const draw = () => {
      const found = estimate(state);
      rows.forEach((_, i) => drawRow(i));
      drawCurves(found);
      drawNumbers(found);
      curves.setAttribute("aria-label", `Kaplan-Meier curve. ${sum(found)}`);
      if (touched) speak(sum(found), toAddress); // an address that leads to a section stays as it is
    };
    const redraw = touch.oncePerFrame(draw);
    const changed = () => {
      touched = true;
      redraw();
    };

    const move = (i, month) => {
      state.time[i] = Math.min(LAST, Math.max(0, Math.round(10 * month) / 10));
      changed();
    };
    const flip = (i) => { state.event[i] = !state.event[i]; changed(); };
    const regroup = (i) => {
      if (state.factor !== "hand") { split("hand"); factorList.value = "hand"; }
      state.group[i] = !state.group[i];
      changed();
    };

    rows.forEach(({ handle, track, label }, i) => {
      let moved = false;
      handle.addEventListener("pointerdown", (event) => {
        handle.setPointerCapture(event.pointerId);
        moved = false;
      });
      handle.addEventListener("pointermove", (event) => {
        if (!handle.hasPointerCapture(event.pointerId)) return;
        moved ||= Math.abs(monthAt(event.clientX) - state.time[i]) >= 0.5;
        if (moved) move(i, monthAt(event.clientX));
      });
      handle.addEventListener("pointerup", () => { if (!moved) flip(i); });
      track.addEventListener("click", (event) => move(i, monthAt(event.clientX)));
      label.addEventListener("click", () => regroup(i));
      handle.addEventListener("keydown", (event) => {
        const by = { ArrowRight: 0.1, ArrowUp: 0.1, ArrowLeft: -0.1, ArrowDown: -0.1, PageUp: 1, PageDown: -1 }[event.key];
        const to = { Home: 0, End: LAST }[event.key];
        if (by) move(i, state.time[i] + by);
        else if (to !== undefined) move(i, to);
        else if (event.key === " " || event.key === "Enter") flip(i);
        else if (event.key === "g") regroup(i);
        else return;
        event.preventDefault();
      });
    });

    const layOut = () => {
      if (!width) return;
      resize(lines, width, count * rowHeight + 44);
      drawAxis(axis, count * rowHeight + 4);
      draw();
    };
    const showState = () => {
      factorList.value = state.factor;
      formulaList.value = state.formula;
      layOut();
    };

    factorList.addEventListener("change", () => { split(factorList.value); changed(); });
    formulaList.addEventListener("change", () => { state.formula = formulaList.value; changed(); });
    window.addEventListener("hashchange", () => { fromAddress(); showState(); });
    touch.onWidth(live, (wide) => { width = wide; layOut(); });
    fromAddress();
    showState();
  };

  document.querySelectorAll("figure.bench").forEach(build);
}
