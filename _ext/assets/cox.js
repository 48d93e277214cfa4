/* The partial likelihood of a Cox model with one or two covariates (ties after Breslow), the same
   as the package's; tests hold both together. Needs survival.js.

   A model is a list of deaths, one entry a time: d die, their covariates add up to `sum`, and
   those of everybody at risk stand in `risk`. Coefficients are arrays, one a covariate. */
"use strict";

globalThis.cox = (() => {
  const { erfc } = globalThis.survival;
  const NORMAL_975 = 1.959963984540054;
  const DROP = NORMAL_975 ** 2 / 2;
  const FARTHEST = 30; // a log hazard ratio where a likelihood without a top has become flat

  const model = (time, event, covariates) => {
    const rows = time.map((_, i) => covariates.map((values) => Number(values[i])));
    const months = [...new Set(time.filter((_, i) => event[i]))].sort((a, b) => a - b);
    return months.map((month) => {
      const dying = rows.filter((_, i) => event[i] && time[i] === month);
      return {
        month,
        d: dying.length,
        sum: covariates.map((_, k) => dying.reduce((total, x) => total + x[k], 0)),
        risk: rows.filter((_, i) => time[i] >= month),
      };
    });
  };

  const power = (x, b) => x.reduce((total, value, k) => total + value * b[k], 0);

  /* At one death: logarithm of all tickets, mean and second moments of the covariates by ticket. */
  const draw = ({ risk }, b) => {
    const powers = risk.map((x) => power(x, b));
    const most = Math.max(...powers);
    const tickets = powers.map((p) => Math.exp(p - most));
    const all = tickets.reduce((total, ticket) => total + ticket, 0);
    const mean = b.map((_, k) => risk.reduce((total, x, i) => total + (x[k] * tickets[i]) / all, 0));
    const spread = b.map((_, k) => b.map((__, l) =>
      risk.reduce((total, x, i) => total + ((x[k] - mean[k]) * (x[l] - mean[l]) * tickets[i]) / all, 0)));
    return { log: most + Math.log(all), mean, spread };
  };

  const height = (deaths, b) =>
    deaths.reduce((total, death) => total + power(death.sum, b) - death.d * draw(death, b).log, 0);

  /* Slope (observed minus expected, one a covariate) and information (a matrix). */
  const slope = (deaths, b) => {
    const score = b.map(() => 0);
    const information = b.map(() => b.map(() => 0));
    deaths.forEach((death) => {
      const { mean, spread } = draw(death, b);
      b.forEach((_, k) => {
        score[k] += death.sum[k] - death.d * mean[k];
        b.forEach((__, l) => { information[k][l] += death.d * spread[k][l]; });
      });
    });
    return { score, information };
  };

  /* Inverse of an information of one or two covariates; null where nothing can be learned. */
  const inverse = (m) => {
    if (m.length === 1) return m[0][0] > 1e-12 ? [[1 / m[0][0]]] : null;
    const [[a, c], [, e]] = m;
    const area = a * e - c * c;
    return area > 1e-12 * Math.max(a * e, 1e-12) ? [[e / area, -c / area], [-c / area, a / area]] : null;
  };

  /* The top by Newton's method, each step cut until it climbs; null where there is none. */
  const top = (deaths, covariates) => {
    let b = Array(covariates).fill(0);
    for (let k = 0; k < 200; k += 1) {
      const { score, information } = slope(deaths, b);
      const covariance = inverse(information);
      if (!covariance || b.some((value) => Math.abs(value) > FARTHEST / 2)) return null;
      const step = covariance.map((row) => row.reduce((total, value, l) => total + value * score[l], 0));
      const here = height(deaths, b);
      let share = 1;
      const ahead = () => b.map((value, l) => value + share * step[l]);
      while (share > 1e-6 && height(deaths, ahead()) < here - 1e-12) share /= 2;
      b = ahead();
      if (step.every((value) => Math.abs(value) < 1e-11)) return { b, covariance };
    }
    return null;
  };

  /* Where a falling function of one number passes zero: Newton's steps, halves where they leave
     the bracket. `at` gives value and slope; an end where the function does not pass. */
  const crossing = (at, from, to, start) => {
    let [low, high, b] = [from, to, start];
    for (let k = 0; k < 200; k += 1) {
      const [value, rise] = at(b);
      if (value > 0) low = b; else high = b;
      const newton = b - value / rise;
      const next = newton > low && newton < high ? newton : (low + high) / 2;
      if (Math.abs(next - b) <= 1e-14 * Math.max(1, Math.abs(b))) return next;
      b = next;
    }
    return b;
  };

  /* The best second coefficient for a first one: at an end where the likelihood has no top. */
  const best = (deaths, first) => crossing((other) => {
    const { score, information } = slope(deaths, [first, other]);
    return [score[1], -information[1][1]];
  }, -FARTHEST, FARTHEST, 0);

  /* Coefficients with the second, if any, at its best; the height there is the profile. */
  const along = (deaths, first, covariates) => (covariates === 1 ? [first] : [first, best(deaths, first)]);
  const profile = (deaths, first, covariates) => height(deaths, along(deaths, first, covariates));

  const p = (square) => erfc(Math.sqrt(square / 2));

  /* All that is said of the first covariate; null where the likelihood has no top. */
  const fit = (deaths, covariates) => {
    const found = top(deaths, covariates);
    if (!found) return null;
    const [middle] = found.b;
    const most = height(deaths, found.b);
    const error = Math.sqrt(found.covariance[0][0]);
    const above = (first) => profile(deaths, first, covariates) - most + DROP;
    const limit = (side) => crossing((out) => {
      const first = middle + side * out;
      return [above(first), side * slope(deaths, along(deaths, first, covariates)).score[0]];
    }, 0, FARTHEST, 2 * error);
    const [left, right] = [middle - FARTHEST, middle + FARTHEST];
    const none = along(deaths, 0, covariates);
    const { score, information } = slope(deaths, none);
    return {
      b: found.b,
      height: most,
      error,
      wald: [middle - NORMAL_975 * error, middle + NORMAL_975 * error],
      profile: [above(left) > 0 ? -Infinity : middle - limit(-1),
        above(right) > 0 ? Infinity : middle + limit(1)],
      waldP: p((middle / error) ** 2),
      ratioP: p(Math.max(0, 2 * (most - height(deaths, none)))),
      scoreP: p(score[0] ** 2 * (inverse(information)?.[0][0] ?? NaN)),
    };
  };

  return { DROP, FARTHEST, model, draw, height, slope, along, profile, fit };
})();
