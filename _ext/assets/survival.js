/* The survival estimates behind the bench, the same as the package's; tests hold both together.

   A cohort is two arrays of equal length: time (months) and event (true = died). Where both fall
   at one time, deaths come before censorings. Groups are arrays of booleans. */
"use strict";

globalThis.survival = (() => {
  const Z = 1.96; // the paper's limits are done by hand with it

  /* Distinct times, with how many are at risk just before each, die and are censored at it. */
  const steps = (time, event) =>
    [...new Set(time)]
      .sort((a, b) => a - b)
      .map((at) => {
        const here = event.filter((_, i) => time[i] === at);
        const events = here.filter(Boolean).length;
        const atRisk = time.filter((t) => t >= at).length;
        return { time: at, atRisk, events, censored: here.length - events };
      });

  /* 95% limits of a rate with Greenwood's sum, by formula: linear, log or log-log. */
  const limits = (rate, sum, formula) => {
    if (rate === 0 || sum === 0) return [rate, rate];
    const wide = Z * Math.sqrt(sum);
    if (formula === "log") return [rate * Math.exp(-wide), Math.min(1, rate * Math.exp(wide))];
    if (formula === "log-log") {
      const ratio = wide / Math.abs(Math.log(rate));
      return [rate ** Math.exp(ratio), rate ** Math.exp(-ratio)];
    }
    return [Math.max(0, rate * (1 - wide)), Math.min(1, rate * (1 + wide))];
  };

  /* Kaplan-Meier: one entry a distinct time, the first at time 0. */
  const kaplanMeier = (time, event, formula = "linear") => {
    let rate = 1;
    let sum = 0;
    const start = { time: 0, atRisk: time.length, events: 0, censored: 0, survival: 1, lower: 1, upper: 1 };
    const later = steps(time, event).map((step) => {
      const { atRisk, events } = step;
      rate = events === atRisk ? 0 : (rate * (atRisk - events)) / atRisk;
      sum += events && events < atRisk ? events / (atRisk * (atRisk - events)) : 0;
      const [lower, upper] = limits(rate, sum, formula);
      return { ...step, survival: rate, lower, upper };
    });
    return [start, ...later];
  };

  /* The entry of a curve in force at a month. */
  const at = (curve, month) => curve.findLast((step) => step.time <= month);

  /* First month with survival at most one half; Infinity where the curve stays above. */
  const medianSurvival = (curve) => (curve.find((step) => step.survival <= 0.5 + 1e-12) || { time: Infinity }).time;

  /* Plain median of all times, alive or dead. */
  const medianFollowUp = (time) => {
    const sorted = [...time].sort((a, b) => a - b);
    const half = sorted.length / 2;
    return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
  };

  /* At risk, and censored and events so far, at the start of each interval. */
  const atRiskTable = (time, event, starts) =>
    starts.map((start) => ({
      start,
      atRisk: time.filter((t) => t >= start).length,
      censored: time.filter((t, i) => t < start && !event[i]).length,
      events: time.filter((t, i) => t < start && event[i]).length,
    }));

  /* Deaths as sets of bits: who is at risk at each, with its number and the shares it needs. */
  const risks = (time, event) =>
    steps(time, event)
      .filter((step) => step.events)
      .map(({ time: at, atRisk, events }) => ({
        atRisk,
        events,
        here: time.reduce((bits, t, i) => (t >= at ? bits | (1 << i) : bits), 0),
        dying: time.reduce((bits, t, i) => (t === at && event[i] ? bits | (1 << i) : bits), 0),
      }));

  const ones = (bits) => {
    let count = 0;
    for (let left = bits; left; left &= left - 1) count += 1;
    return count;
  };

  /* Observed minus expected deaths of a group (as bits), squared, over its variance. */
  const chiSquare = (sets, group) => {
    let difference = 0;
    let variance = 0;
    for (const { atRisk, events, here, dying } of sets) {
      const share = ones(here & group) / atRisk;
      difference += ones(dying & group) - events * share;
      if (atRisk > 1) variance += (events * share * (1 - share) * (atRisk - events)) / (atRisk - 1);
    }
    return variance > 1e-12 ? difference ** 2 / variance : NaN;
  };

  /* Complementary error function: its power series up to 2.5, beyond that Lentz's fraction. */
  const erfc = (x) => {
    if (x < 2.5) {
      let term = x;
      let sum = x;
      for (let n = 1; Math.abs(term) > 1e-17 * sum; n += 1) {
        term *= (-x * x) / n;
        sum += term / (2 * n + 1);
        if (n > 200) break;
      }
      return 1 - (2 / Math.sqrt(Math.PI)) * sum;
    }
    let fraction = 0;
    for (let k = 80; k > 0; k -= 1) fraction = k / 2 / (x + fraction);
    return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
  };

  const bitsOf = (group) => group.reduce((bits, inside, i) => (inside ? bits | (1 << i) : bits), 0);

  /* Two-sided P of the log-rank test; NaN where no death compares the groups. */
  const logRank = (time, event, group) => {
    const found = chiSquare(risks(time, event), bitsOf(group));
    return Number.isNaN(found) ? NaN : erfc(Math.sqrt(found / 2));
  };

  /* Exact P: the share of all ways to choose a group of this size whose statistic is as large. */
  const exactP = (time, event, group) => {
    const sets = risks(time, event);
    const observed = chiSquare(sets, bitsOf(group));
    if (Number.isNaN(observed)) return { p: NaN, splits: 0 };
    const size = group.filter(Boolean).length;
    let splits = 0;
    let large = 0;
    const end = 1 << time.length;
    for (let set = (1 << size) - 1; set < end; ) {
      const found = chiSquare(sets, set);
      splits += 1;
      if (found >= observed - 1e-9) large += 1;
      const lowest = set & -set; // the next larger number with as many ones (Gosper)
      const ripple = set + lowest;
      set = ripple | ((((set ^ ripple) / lowest) | 0) >> 2);
    }
    return { p: large / splits, splits };
  };

  return { Z, kaplanMeier, at, medianSurvival, medianFollowUp, atRiskTable, logRank, exactP, erfc };
})();
