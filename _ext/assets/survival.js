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

  const thousandths = (value) => Math.round(1000 * value + 1e-9) / 1000;

  /* 95% limits of a rate with Greenwood's sum, by formula: linear, log or log-log; or linear from
     a rate and an error that were rounded to three decimals first, as the paper's Table 3. */
  const limits = (rate, sum, formula) => {
    if (rate === 0 || sum === 0) return [rate, rate];
    const wide = Z * Math.sqrt(sum);
    if (formula === "three decimals") {
      const [middle, error] = [rate, rate * Math.sqrt(sum)].map(thousandths);
      return [Math.max(0, middle - Z * error), Math.min(1, middle + Z * error)];
    }
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

  /* How far a group (as bits) is from the rest: observed minus expected deaths, and the square of
     that over its variance; NaN where no death compares the two. */
  const apart = (sets, group) => {
    let difference = 0;
    let variance = 0;
    for (const { atRisk, events, here, dying } of sets) {
      const share = ones(here & group) / atRisk;
      difference += ones(dying & group) - events * share;
      if (atRisk > 1) variance += (events * share * (1 - share) * (atRisk - events)) / (atRisk - 1);
    }
    return variance > 1e-12 ? { difference: Math.abs(difference), chiSquared: difference ** 2 / variance }
      : { difference: NaN, chiSquared: NaN };
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
    const { chiSquared } = apart(risks(time, event), bitsOf(group));
    return Number.isNaN(chiSquared) ? NaN : erfc(Math.sqrt(chiSquared / 2));
  };

  /* Exact P by two rulers: the share of all ways to choose a group of this size that are as far
     from the rest, by the difference and by chi-squared. */
  const exactP = (time, event, group) => {
    const sets = risks(time, event);
    const observed = apart(sets, bitsOf(group));
    if (Number.isNaN(observed.chiSquared)) return { difference: NaN, chiSquared: NaN, splits: 0 };
    const size = group.filter(Boolean).length;
    const large = { difference: 0, chiSquared: 0 };
    let splits = 0;
    const end = 1 << time.length;
    for (let set = (1 << size) - 1; set < end; ) {
      const found = apart(sets, set);
      splits += 1;
      for (const ruler of Object.keys(large)) if (found[ruler] >= observed[ruler] - 1e-9) large[ruler] += 1;
      const lowest = set & -set; // the next larger number with as many ones (Gosper)
      const ripple = set + lowest;
      set = ripple | ((((set ^ ripple) / lowest) | 0) >> 2);
    }
    return { difference: large.difference / splits, chiSquared: large.chiSquared / splits, splits };
  };

  return { Z, kaplanMeier, at, medianSurvival, medianFollowUp, atRiskTable, logRank, exactP, erfc };
})();
