/* Rounding and formulas: one printed interval, the conventions that give it and those that do not.

   Needs interval.js and touch.js. */
"use strict";

{
  const { interval, touch } = globalThis;
  const { html, svg, attributes, resize } = touch;
  const NAMES = { formula: "Formula", path: "Rounded on the way", clip: "Ends", factor: "Factor", halves: "Halves" };

  const build = (figure) => {
    const data = touch.dataOf(figure);
    const names = Object.keys(data.choices);
    const own = Object.fromEntries(names.map((name) => [name, data.choices[name][0]]));
    let [state, place] = [{ ...own }, 0];

    const which = touch.list(Object.fromEntries(data.intervals.map(({ words }, i) => [i, words])));
    which.classList.add("rounding-which");
    const lists = names.map((name) => touch.list(Object.fromEntries(data.choices[name].map((option) => [option, option]))));
    const reset = touch.button("Reset", () => { [state, place] = [{ ...own }, 0]; draw(true); });
    const address = () => {
      const parts = new URLSearchParams();
      if (place) parts.set("of", place);
      names.forEach((name) => { if (state[name] !== own[name]) parts.set(name, data.choices[name].indexOf(state[name])); });
      return touch.address(parts);
    };
    const controls = html("div", { className: "touch-controls" }, touch.labelled("Published interval", which),
      ...names.map((name, k) => touch.labelled(NAMES[name], lists[k])), reset, touch.copyLink(address));
    const line = svg("svg", { role: "img", class: "rounding-line" });
    const steps = touch.scrolling("From the rate to the published interval");
    const all = touch.scrolling("Every convention");
    const every = svg("svg", { role: "img", class: "rounding-every" });
    const tally = html("p", { className: "touch-said" });
    const said = touch.status();
    const speak = touch.speaker(said);
    const live = touch.mount(figure, controls, tally, every, line, steps, all, said);
    let width = 0;

    const signed = (text) => text.replace(/^-/, "−");
    const written = ([rate, lower, upper]) => `${rate} (${signed(lower ?? "none")}–${signed(upper ?? "none")})`;
    const shown = (each, choice) => {
      const [rate, , lower, upper] = interval.of(each.deaths, choice);
      return [rate, lower, upper].map((value, i) => interval.text(value, each.printed[i] === null ? 1 : interval.decimalsOf(each.printed[i]), choice.halves));
    };

    const drawLine = (each) => {
      const [rate, , lower, upper] = interval.of(each.deaths, state);
      const printed = each.printed.map((text, i) => Number(text ?? [rate, lower, upper][i]));
      const ends = [Math.min(0, lower) - 2, Math.max(100, upper) + 2];
      const x = (value) => 64 + ((width - 84) * (value - ends[0])) / (ends[1] - ends[0]);
      const row = (label, y, [middle, low, high], className) => [
        svg("text", { x: 0, y: y + 4 }, label),
        svg("line", { x1: x(low), x2: x(high), y1: y, y2: y, class: className }),
        ...[low, high].map((value) => svg("line", { x1: x(value), x2: x(value), y1: y - 7, y2: y + 7, class: className })),
        svg("circle", { cx: x(middle), cy: y, r: 5, class: className })];
      const marks = [0, 25, 50, 75, 100].flatMap((value) => [
        svg("line", { x1: x(value), x2: x(value), y1: 6, y2: 72, class: "touch-grid" }),
        svg("text", { x: x(value), y: 88, "text-anchor": "middle" }, `${value}%`)]);
      line.replaceChildren(...marks, ...row("Published", 24, printed, "rounding-printed"), ...row("As chosen", 54, [rate, lower, upper], "rounding-so"));
      resize(line, width, 96);
      attributes(line, { "aria-label": `Published ${written(each.printed)}; under the chosen conventions ${written(shown(each, state))}.` });
    };

    const table = (caption, heads, rows) => html("table", {}, html("caption", { textContent: caption }),
      html("thead", {}, html("tr", {}, ...heads.map((text) => (text ? html("th", { scope: "col", textContent: text }) : html("td"))))),
      html("tbody", {}, ...rows.map(([head, ...cells]) => html("tr", {}, html("th", { scope: "row", textContent: head }), ...cells.map((cell) => html("td", {}, cell))))));
    const word = (good) => {
      if (good === null) return html("span", { className: "status-not_recomputable", textContent: "not published" });
      return html("span", { className: good ? "status-reproduced" : "status-contradicted", textContent: good ? "agrees" : "differs" });
    };

    const drawSteps = (each) => {
      const [rate, error, lower, upper] = interval.of(each.deaths, state);
      const good = interval.prints(each, state);
      const text = shown(each, state);
      const rows = [["Rate", rate, 0], ["Lower limit", lower, 1], ["Upper limit", upper, 2]].map(([name, value, i]) =>
        [name, signed(value.toFixed(4)), signed(text[i]), each.printed[i] ?? "–", word(good[i])]);
      rows.splice(1, 0, ["Standard error", error.toFixed(4), "", "", ""]);
      const deaths = each.deaths.map(([n, d]) => `${n - d}/${n}`).join(" × ") || "nobody died: 1";
      steps.replaceChildren(table(`${each.words}: ${deaths}`, ["", "In percent", "Rounded", "Published", "The same?"], rows));
    };

    /* One square a published interval: filled where the chosen conventions give it. Click for its steps. */
    const drawEvery = () => {
      const good = data.intervals.map((other) => interval.whole(other, state));
      const across = Math.floor(width / 22);
      every.replaceChildren(...data.intervals.map((other, i) => {
        const at = { x: (i % across) * 22 + 2, y: Math.floor(i / across) * 22 + 2, width: 17, height: 17 };
        const square = svg("rect", { ...at, class: `rounding-square${good[i] ? " rounding-good" : ""}${i === place ? " rounding-here" : ""}` });
        square.append(svg("title", {}, `${other.words}: ${good[i] ? "agrees" : "differs"}`));
        square.addEventListener("click", () => { place = i; draw(true); });
        return square;
      }));
      resize(every, width, Math.ceil(data.intervals.length / across) * 22 + 2);
      const count = good.filter(Boolean).length;
      tally.textContent = `The chosen conventions give ${count} of all ${data.intervals.length} published intervals, one square each:`;
      attributes(every, { "aria-label": `${count} of ${data.intervals.length} published intervals agree.` });
    };

    const drawAll = (each) => {
      const { formula, path, clip } = data.choices;
      const rows = formula.flatMap((f) => path.flatMap((p) => clip.map((c) => {
        const choice = { ...state, formula: f, path: p, clip: c };
        const count = data.intervals.filter((other) => interval.whole(other, choice)).length;
        return [`${f}, ${p}, ${c}`, `${count} of ${data.intervals.length}`, written(shown(each, choice)), word(interval.whole(each, choice))];
      })));
      all.replaceChildren(table("Every formula and path, with factor and halves as chosen", ["Convention", "All intervals", "Gives here", "This interval"], rows));
    };

    const draw = (touched) => {
      const each = data.intervals[place];
      which.value = place;
      lists.forEach((list, k) => { list.value = state[names[k]]; });
      if (!width) return;
      drawEvery();
      drawLine(each);
      drawSteps(each);
      drawAll(each);
      const good = interval.whole(each, state) ? "as published" : `but ${written(each.printed)} is published`;
      if (touched) speak(`${each.words}: ${written(shown(each, state))}, ${good}.`, address);
    };

    which.addEventListener("change", () => { place = Number(which.value); draw(true); });
    lists.forEach((list, k) => list.addEventListener("change", () => { state[names[k]] = list.value; draw(true); }));
    const restore = () => {
      const { pick, tell } = touch.fromAddress(said);
      place = Number(pick("of", data.intervals, 0));
      names.forEach((name) => { state[name] = data.choices[name][pick(name, data.choices[name], 0)]; });
      tell();
      draw(false);
    };
    window.addEventListener("hashchange", restore);
    touch.onWidth(live, (wide) => { width = wide; draw(false); });
    restore();
  };

  document.querySelectorAll("figure.rounding").forEach(build);
}
