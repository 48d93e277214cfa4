/* The likelihood hill: walk along a log hazard ratio, and see every death as a lottery.

   The walker on the curve is dragged; the slider above does the same from the keyboard. With a
   second covariate the curve is the profile: the other coefficient stands at its best everywhere.
   Needs survival.js, cox.js and touch.js. */
"use strict";

{
  const { cox, touch } = globalThis;
  const { html, svg, attributes, resize, pText } = touch;
  const STEPS = 160; // pieces of the curve
  const DEEP = 6; // log-likelihood shown below the top

  const ratio = (b) => {
    const value = Math.exp(b);
    if (!Number.isFinite(value)) return "no limit";
    if (value === 0) return "0";
    return value < 0.01 ? value.toExponential(1) : value < 10 ? value.toFixed(2) : value < 1000 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
  };
  const places = (value, count) => value.toFixed(count).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
  const between = ([low, high]) => `${ratio(low)} to ${ratio(high)}`;

  const build = (figure) => {
    const data = touch.dataOf(figure);
    const [first] = Object.keys(data.factors);
    const fresh = () => ({ of: first, with: "", at: 0 });
    let state = fresh();
    let found = null; // what depends on the model alone

    const names = Object.fromEntries(Object.entries(data.factors).map(([key, { label, yes }]) => [key, `${label}: ${yes}`]));
    const ofList = touch.list(names);
    const withList = touch.list({ "": "nothing else", ...names });
    const slider = attributes(html("input", { type: "range", className: "hill-slider" }), { step: 0.01 });
    const toTop = touch.button("To the top", () => { if (found.fit) go(found.fit.b[0]); });
    const reset = touch.button("Reset", () => { state = fresh(); refit(); changed(); });
    const address = () => {
      const parts = new URLSearchParams();
      if (state.of !== first) parts.set("of", state.of);
      if (state.with) parts.set("with", state.with);
      if (state.at) parts.set("b", state.at.toFixed(2));
      return touch.address(parts);
    };
    const controls = html("div", { className: "touch-controls" }, touch.labelled("Hazard ratio of", ofList),
      touch.labelled("in a model with", withList), toTop, reset, touch.copyLink(address));
    const walk = html("div", { className: "touch-controls" }, touch.labelled("Walk along the hill", slider));
    const curve = svg("svg", { role: "img", class: "hill-curve" });
    const numbers = touch.scrolling("Here and at the top");
    const lotteries = touch.scrolling("Each death as a lottery");
    const said = touch.status();
    const speak = touch.speaker(said);
    const live = touch.mount(figure, controls, walk, curve, numbers, lotteries, said);

    let width = 0;
    const [left, right, top, bottom] = [44, 12, 14, 230];
    let range = [-3, 5];
    const x = (b) => left + ((width - left - right) * (b - range[0])) / (range[1] - range[0]);
    const y = (below) => top + ((bottom - top) * Math.min(DEEP + 1, -below)) / DEEP;

    /* Everything that the model decides: deaths, top, limits, curve. */
    const refit = () => {
      const used = [state.of, state.with].filter((key) => Object.hasOwn(data.factors, key));
      const deaths = cox.model(data.time, data.event, used.map((key) => data.factors[key].inside));
      const count = used.length;
      const fit = cox.fit(deaths, count);
      const [low, high] = fit ? fit.profile.map((b, k) => (Number.isFinite(b) ? b : fit.b[0] + (k ? 4 : -4))) : [-6, 6];
      range = [Math.floor(Math.min(low, 0) - 1), Math.ceil(Math.max(high, 0) + 1)];
      const grid = Array.from({ length: STEPS + 1 }, (_, i) => range[0] + ((range[1] - range[0]) * i) / STEPS);
      const heights = grid.map((b) => cox.profile(deaths, b, count));
      const most = fit ? fit.height : Math.max(...heights);
      found = { deaths, count, fit, grid, heights, most };
      state.at = Math.min(range[1], Math.max(range[0], state.at));
      attributes(slider, { min: range[0], max: range[1] });
      [ofList.value, withList.value] = [state.of, state.with];
      [...withList.options].forEach((option) => { option.disabled = option.value === state.of; });
    };

    const walker = svg("g", { class: "hill-walker" });
    walker.append(svg("circle", { r: 16, class: "bench-ring" }), svg("circle", { r: 7, class: "hill-dot" }));
    const tangent = svg("line", { class: "hill-tangent" });
    const backdrop = svg("g");
    curve.append(backdrop, tangent, walker);

    const drawCurve = () => {
      const { fit, grid, heights, most } = found;
      const floor = y(-cox.DROP);
      const parts = [];
      [0, 2, 4, 6].forEach((deep) => parts.push(
        svg("line", { x1: left, x2: width - right, y1: y(-deep), y2: y(-deep), class: "touch-grid" }),
        svg("text", { x: left - 6, y: y(-deep) + 4, "text-anchor": "end" }, deep ? `−${deep}` : "0")));
      const steps = range[1] - range[0] > 5 ? [1] : [1, 2, 5];
      for (let power = -8; power <= 8; power += 1) {
        steps.map((step) => Number(`${step}e${power}`)).forEach((tick) => {
          const b = Math.log(tick);
          if (b < range[0] || b > range[1]) return;
          parts.push(svg("line", { x1: x(b), x2: x(b), y1: bottom, y2: bottom + 5, class: "bench-grid" }),
            svg("text", { x: x(b), y: bottom + 18, "text-anchor": "middle" }, String(tick)));
        });
      }
      parts.push(svg("line", { x1: left, x2: width - right, y1: bottom, y2: bottom, class: "hill-axis" }),
        svg("text", { x: width - right, y: bottom + 36, "text-anchor": "end" }, "Hazard ratio (logarithmic)"),
        svg("line", { x1: x(0), x2: x(0), y1: top, y2: bottom, class: "bench-half" }),
        svg("line", { x1: left, x2: width - right, y1: floor, y2: floor, class: "bench-half" }));
      const shown = grid.map((b, i) => [b, heights[i] - most]).filter(([, below]) => below > -DEEP);
      parts.push(svg("polyline", { points: shown.map(([b, below]) => `${x(b)},${y(below)}`).join(" "), class: "bench-curve", stroke: "var(--house-blue)" }));
      const bar = ([low, high], height, className) => svg("line", {
        x1: x(Math.max(range[0], low)), x2: x(Math.min(range[1], high)), y1: height, y2: height, class: className });
      if (fit) {
        parts.push(bar(fit.profile, floor, "hill-profile"), bar(fit.wald, bottom - 10, "hill-wald"),
          svg("text", { x: x(fit.b[0]), y: floor - 6, "text-anchor": "middle" }, "profile"),
          svg("text", { x: x(fit.b[0]), y: bottom - 16, "text-anchor": "middle" }, "Wald"));
      }
      backdrop.replaceChildren(...parts);
      resize(curve, width, bottom + 44);
    };

    const here = () => {
      const b = cox.along(found.deaths, state.at, found.count);
      const { score, information } = cox.slope(found.deaths, b);
      return { b, height: cox.height(found.deaths, b), score: score[0], information };
    };

    const drawWalker = ({ height, score }) => {
      const below = height - found.most;
      const [cx, cy] = [x(state.at), Math.min(bottom, y(below))];
      attributes(walker, { transform: `translate(${cx} ${cy})` });
      const reach = 0.08 * (range[1] - range[0]);
      /* Either end of the tangent, as far as it stays on the picture. */
      const end = (far) => {
        const [lowest, highest] = [-DEEP - below, 0.3 - below];
        const rise = far * score || 1e-9; // flat at the top
        const part = below < -DEEP ? 0 : Math.min(1, (rise < 0 ? lowest : highest) / rise);
        return [x(state.at + part * far), y(below + part * far * score)];
      };
      const [[x1, y1], [x2, y2]] = [end(-reach), end(reach)];
      attributes(tangent, { x1, y1, x2, y2, visibility: below < -DEEP ? "hidden" : "visible" });
    };

    const table = (caption, heads, rows) => html("table", {}, html("caption", { textContent: caption }),
      html("thead", {}, html("tr", {}, ...heads.map((text) => (text ? html("th", { scope: "col", textContent: text }) : html("td"))))),
      html("tbody", {}, ...rows.map(([head, ...cells]) => html("tr", {}, html("th", { scope: "row", textContent: head }),
        ...cells.map((cell) => html("td", {}, cell))))));

    const drawNumbers = ({ b, height, score }) => {
      const { fit, most } = found;
      const rows = [
        ["Hazard ratio", ratio(state.at), fit ? ratio(fit.b[0]) : "there is no top"],
        ["Log-likelihood", places(height, 3), places(most, 3)],
        ["Slope: deaths observed − expected", places(score, 3), fit ? "0" : "–"],
      ];
      if (found.count > 1) rows.push(["Hazard ratio of the other, at its best", Math.abs(b[1]) > cox.FARTHEST / 2 ? "without end" : ratio(b[1]), fit ? ratio(fit.b[1]) : "–"]);
      if (fit) {
        rows.push(["95% limits, Wald", "", between(fit.wald)], ["95% limits, profile", "", between(fit.profile)],
          ["P: Wald, likelihood ratio, score", "", [fit.waldP, fit.ratioP, fit.scoreP].map(pText).join(", ")]);
      }
      numbers.replaceChildren(table("Where the walker stands, and the top", ["", "Here", "At the top"], rows));
    };

    const drawLotteries = ({ b }) => {
      const inside = data.factors[state.of];
      const rows = found.deaths.map((death) => {
        const log = death.sum.reduce((total, value, k) => total + value * b[k], 0) - death.d * cox.draw(death, b).log;
        const chance = Math.exp(log);
        const who = data.id.filter((_, i) => data.event[i] && data.time[i] === death.month).join(", ");
        const members = death.risk.filter((row) => row[0]).length;
        const bar = html("span", { className: "hill-bar" });
        bar.style.width = `${(2.5 * chance).toFixed(3)}rem`;
        return [who, death.month.toFixed(1), `${members}\u00a0+\u00a0${death.risk.length - members}`,
          html("span", { className: "hill-chance" }, bar, ` ${chance.toFixed(3)}`), places(log, 3)];
      });
      lotteries.replaceChildren(table(`Each death as a lottery among those at risk (group: ${inside.yes}); the last column adds up to the height`,
        ["Died", "Month", "At risk, group + others", "Chance that it was this one", "Logarithm"], rows));
    };

    const summary = ({ height, score }) => `At a hazard ratio of ${ratio(state.at)} the log-likelihood is ${places(height, 2)}, ${(found.most - height).toFixed(2)} below the top; slope ${places(score, 2)}. ${found.fit
      ? `Top at ${ratio(found.fit.b[0])}, profile limits ${between(found.fit.profile)}.` : "This likelihood has no top."}`;

    const step = () => {
      if (!width) return;
      const now = here();
      slider.value = state.at;
      attributes(slider, { "aria-valuetext": `Hazard ratio ${ratio(state.at)}, ${(found.most - now.height).toFixed(2)} below the top` });
      drawWalker(now);
      drawNumbers(now);
      drawLotteries(now);
      attributes(curve, { "aria-label": `Log-likelihood from the top down over the hazard ratio. ${summary(now)}` });
      return now;
    };
    let touched = false;
    const redraw = touch.oncePerFrame(() => {
      const now = step();
      if (touched && now) speak(summary(now), address);
    });
    const changed = () => { touched = true; drawCurve(); redraw(); };
    const go = (b) => {
      state.at = Math.min(range[1], Math.max(range[0], b));
      touched = true;
      redraw();
    };

    const atX = (clientX) => range[0] + ((clientX - curve.getBoundingClientRect().left - left) / (width - left - right)) * (range[1] - range[0]);
    curve.addEventListener("pointerdown", (event) => { curve.setPointerCapture(event.pointerId); go(atX(event.clientX)); });
    curve.addEventListener("pointermove", (event) => { if (curve.hasPointerCapture(event.pointerId)) go(atX(event.clientX)); });
    slider.addEventListener("input", () => go(Number(slider.value)));
    ofList.addEventListener("change", () => {
      state.of = ofList.value;
      if (state.with === state.of) state.with = "";
      refit();
      changed();
    });
    withList.addEventListener("change", () => { state.with = withList.value; refit(); changed(); });

    const restore = () => {
      const { pick, tell } = touch.fromAddress(said);
      state = fresh();
      state.of = pick("of", data.factors, first);
      state.with = pick("with", (key) => Object.hasOwn(data.factors, key) && key !== state.of);
      state.at = Number(pick("b", (text) => Number.isFinite(Number(text)), 0));
      tell();
      refit();
      if (width) { drawCurve(); step(); }
    };
    window.addEventListener("hashchange", restore);
    touch.onWidth(live, (wide) => { width = wide; drawCurve(); step(); });
    restore();
  };

  document.querySelectorAll("figure.hill").forEach(build);
}
