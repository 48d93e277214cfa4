/* The candidates that print some chosen rows, counted by trying them; the package's `sieve` counts
   the same, and tests hold both together. Needs survival.js.

   An order is a pattern (bit i: the i-th patient in order of time died) with the number ended by
   each landmark; a group is a set of patients as bits. A candidate is an order with a group for
   every factor. `space(data)` gives `count(ids)`, and `counting(ids)`, which does the same step by
   step: a page that takes a few steps at a time never stands still. */
"use strict";

globalThis.candidates = (() => {
  const { Z, erfc } = globalThis.survival;
  const NORMAL_975 = 1.959963984540054; // as software has it, for the limits of a hazard ratio

  const MOST = 14; // patients at the most: sets are bits, and tables are by set
  const ONES = new Uint8Array(1 << MOST);
  ONES.forEach((_, bits) => { ONES[bits] = ONES[bits >> 1] + (bits & 1); });
  const ones = (bits) => ONES[bits];

  /* Halves go up; what is nearer to a half than rounding error can tell is a half. */
  const rounded = (value, decimals) => Math.floor(value * 10 ** decimals + 0.5 + 1e-9);

  /* Kaplan-Meier after the first q of m patients, for all their patterns: products as whole
     numbers, which stay exact, and Greenwood's sum (-1 once the curve is at zero). */
  const known = new Map();
  const states = (m) => {
    if (known.has(m)) return known.get(m);
    const levels = [{ alive: [1], of: [1], sum: [0] }];
    for (let q = 0; q < m; q += 1) {
      const { alive, of, sum } = levels[q];
      const n = m - q;
      levels.push({
        alive: [...alive, ...alive.map((x) => x * (n - 1))],
        of: [...of, ...of.map((x) => x * n)],
        sum: [...sum, ...sum.map((x) => (n === 1 || x < 0 ? -1 : x + 1 / (n * (n - 1))))],
      });
    }
    known.set(m, levels);
    return levels;
  };

  /* Does a rate of `alive` in `of`, with Greenwood's sum, print the row? */
  const printsRate = (row, alive, of, sum) => {
    const wanted = Math.round(Number(row.printed) * 10 ** row.decimals);
    if (row.kind === "survival") {
      return Math.floor((2 * alive * 100 * 10 ** row.decimals + of) / (2 * of)) === wanted;
    }
    let rate = alive / of;
    let error = sum < 0 ? 0 : rate * Math.sqrt(sum);
    if (row.path === "three_decimals") [rate, error] = [rate, error].map((x) => rounded(x, 3) / 1000);
    const limit = row.kind === "survival_lower" ? Math.max(0, rate - Z * error) : Math.min(1, rate + Z * error);
    return rounded(100 * limit, row.decimals) === wanted;
  };

  /* For each pattern of m patients: which numbers q ended by a landmark print all rows there. */
  const landmarkTable = (rows, m) => {
    const dashed = rows.some((row) => row.kind === "dash");
    const rates = rows.filter((row) => row.kind !== "dash");
    const allowed = states(m).map(({ alive, of, sum }, q) =>
      alive.map((_, e) => (!dashed || q === m) && rates.every((row) => printsRate(row, alive[e], of[e], sum[e]))));
    return Uint16Array.from({ length: 1 << m }, (_, pattern) =>
      allowed.reduce((bits, good, q) => (good[pattern & ((1 << q) - 1)] ? bits | (1 << q) : bits), 0));
  };

  /* Every way that n patients can have ended by the landmarks, one after the other. */
  const everyEnding = (n, landmarks, from = 0) =>
    landmarks === 0 ? [[]] : Array.from({ length: n + 1 - from }, (_, i) => from + i)
      .flatMap((first) => everyEnding(n, landmarks - 1, first).map((rest) => [first, ...rest]));

  /* Does a time printed for one rank leave room for so many ended by each landmark? */
  const leavesRoom = (row, ended, landmarks) => {
    const half = 0.5 / 10 ** row.decimals;
    return ended.every((k, j) => (row.rank < k
      ? Number(row.printed) - half <= landmarks[j] : Number(row.printed) + half > landmarks[j]));
  };

  /* Every way that deaths can share a time without crossing a landmark, as bits. */
  const deathTies = (n, pattern, ended) => {
    let ways = [0];
    for (let i = 0; i + 1 < n; i += 1) {
      if ((pattern >> i) % 4 === 3 && !ended.includes(i + 1)) ways = [...ways, ...ways.map((w) => w | (1 << i))];
    }
    return ways;
  };

  /* At each time with deaths: how many die and are at risk, and how many of the group. */
  const deathsOf = (n, pattern, ties, group) => {
    const found = [];
    for (let i = 0; i < n; i += 1) {
      const start = i;
      while ((ties >> i) & 1) i += 1;
      const here = ((1 << (i + 1)) - (1 << start)) & pattern;
      if (here) found.push({ d: ones(here), d1: ones(here & group), n: n - start, n1: ones(group >> start) });
    }
    return found;
  };

  const logRank = (deaths) => {
    let score = 0;
    let variance = 0;
    deaths.forEach(({ d, d1, n, n1 }) => {
      const share = n1 / n;
      score += d1 - d * share;
      variance += (d * share * (1 - share) * (n - d)) / Math.max(n - 1, 1);
    });
    return variance > 0 ? erfc(Math.sqrt(score ** 2 / variance / 2)) : NaN;
  };

  /* Coefficient and error of a Cox model with the group alone (Breslow), by Newton's method. */
  const coxAlone = (deaths) => {
    let beta = 0;
    let information = 0;
    for (let step = 1, k = 0; Math.abs(step) >= 1e-13 && k < 40; k += 1) {
      let score = 0;
      information = 0;
      deaths.forEach(({ d, d1, n, n1 }) => {
        const share = (n1 * Math.exp(beta)) / (n - n1 + n1 * Math.exp(beta));
        score += d1 - d * share;
        information += d * share * (1 - share);
      });
      step = information > 0 ? score / information : 0;
      beta += Math.max(-1, Math.min(1, step));
    }
    return Math.abs(beta) > 15 || information <= 0 ? [NaN, NaN] : [beta, 1 / Math.sqrt(information)];
  };

  const printsTest = (row, deaths) => {
    const [beta, error] = row.kind === "p_value" ? [] : coxAlone(deaths);
    let value = {
      p_value: () => logRank(deaths),
      hazard_ratio_p: () => erfc(Math.abs(beta / error) / Math.SQRT2),
      hazard_ratio: () => Math.exp(beta),
      hazard_ratio_lower: () => Math.exp(beta - NORMAL_975 * error),
      hazard_ratio_upper: () => Math.exp(beta + NORMAL_975 * error),
    }[row.kind]();
    const isP = row.kind === "p_value" || row.kind === "hazard_ratio_p";
    if (isP && row.path === "three_decimals" && row.decimals < 3) {
      value = Math.floor(value * 1000 + 0.5) / 1000 + 1e-9;
    }
    return Math.floor(value * 10 ** row.decimals + 0.5) === Math.round(Number(row.printed) * 10 ** row.decimals);
  };

  const space = (data) => {
    const { size: n, landmarks } = data;
    const all = (1 << n) - 1;
    const endings = everyEnding(n, landmarks.length);
    const masks = data.groups.map(({ sizes }) =>
      Array.from({ length: all + 1 }, (_, set) => set).filter((set) => sizes.includes(ones(set))));

    const memory = new Map(); // what was counted before, by the rows that it depends on
    const remembered = function* (key, make) {
      if (!memory.has(key)) {
        const made = yield* make();
        if (memory.size > 600) memory.clear();
        memory.set(key, made);
      }
      return memory.get(key);
    };
    const keyOf = (rows) => rows.map((row) => row.id).join(" ");
    const tables = new Map();
    const table = (rows, m) => {
      const key = `${keyOf(rows)} of ${m}`;
      if (!tables.has(key)) {
        if (tables.size > 600) tables.clear();
        tables.set(key, landmarkTable(rows, m));
      }
      return tables.get(key);
    };
    const atEach = (rows) => landmarks.map((_, j) => rows.filter((row) => row.at === j));

    /* Stage one: all orders, tried one by one. */
    const triedOrders = function* (rows) {
      const tables = atEach(rows).map((here, j) => ({ j, here })).filter(({ here }) => here.length)
        .map(({ j, here }) => ({ j, bits: table(here, n) }));
      const ranks = rows.filter((row) => row.kind === "time");
      const counts = rows.filter((row) => row.kind === "count" || row.kind === "percent");
      const many = (row, d) => rounded(row.kind === "count" ? d : (100 * d) / n, row.decimals);
      const dead = Array.from({ length: n + 1 }, (_, d) =>
        counts.every((row) => many(row, d) === Math.round(Number(row.printed) * 10 ** row.decimals)));
      const patterns = Array.from({ length: all + 1 }, (_, p) => p).filter((p) => dead[ones(p)]);
      const found = { number: 0, pattern: [], ended: [], died: new Float64Array(n), byLandmark: landmarks.map(() => new Float64Array(n + 1)) };
      const weight = new Float64Array(all + 1);
      for (const ended of endings.filter((k) => ranks.every((row) => leavesRoom(row, k, landmarks)))) {
        yield;
        let here = 0;
        for (const pattern of patterns) {
          let good = true;
          for (const { j, bits } of tables) good &&= (bits[pattern] >> ended[j]) & 1;
          if (!good) continue;
          here += 1;
          weight[pattern] += 1;
          if (found.number + here <= data.mostOrders) {
            found.pattern.push(pattern);
            found.ended.push(ended);
          }
        }
        found.number += here;
        ended.forEach((k, j) => { found.byLandmark[j][k] += here; });
      }
      weight.forEach((times, pattern) => { for (let i = 0; i < n; i += 1) if ((pattern >> i) & 1) found.died[i] += times; });
      return found;
    };

    /* Which bits of a pattern a set keeps, moved together: by halves, from small tables. */
    const LOW = MOST / 2;
    const extracted = Uint8Array.from({ length: 1 << (2 * LOW) }, (_, both) => {
      let inner = 0;
      for (let i = 0, k = 0; i < LOW; i += 1) if ((both >> (LOW + i)) & 1) inner |= ((both >> i) & 1) << k++;
      return inner;
    });
    const low = (1 << LOW) - 1;
    const within = (pattern, set) => extracted[((set & low) << LOW) | (pattern & low)]
      | (extracted[((set >> LOW) << LOW) | (pattern >> LOW)] << ones(set & low));

    /* Stages two and three: the groups of one factor in every order. */
    const triedGroups = function* (orders, g, rows) {
      const rates = rows.filter((row) => "at" in row);
      const tests = rows.filter((row) => !("at" in row));
      const sides = [false, true].flatMap((other) => atEach(rates.filter((row) => row.other === other))
        .map((here, j) => ({ other, j, here })).filter(({ here }) => here.length));
      const bySize = new Map(); // each table looked up once, not for every set
      const fits = (set, pattern, ended) => {
        const size = ones(set);
        if (!bySize.has(size)) {
          bySize.set(size, sides.map(({ other, j, here }) => [other, j, table(here, other ? n - size : size)]));
        }
        for (const [other, j, bits] of bySize.get(size)) {
          const side = other ? all & ~set : set;
          if (!((bits[within(pattern, side)] >> ones(side & ((1 << ended[j]) - 1))) & 1)) return false;
        }
        return true;
      };
      const inEach = function* (setsOf) {
        const found = [];
        for (let o = 0; o < orders.pattern.length; o += 1) {
          found.push(setsOf(o));
          yield;
        }
        return found;
      };
      let sets = yield* inEach((o) => masks[g].filter((set) => fits(set, orders.pattern[o], orders.ended[o])));
      let waiting = false;
      if (tests.length) {
        const ties = yield* inEach((o) => deathTies(n, orders.pattern[o], orders.ended[o]));
        waiting = sets.reduce((sum, some, o) => sum + some.length * ties[o].length, 0) > data.mostTies;
        const prints = (set, o) => ties[o].some((tie) => tests.every((row) =>
          printsTest(row, deathsOf(n, orders.pattern[o], tie, row.other ? all & ~set : set))));
        if (!waiting) sets = yield* inEach((o) => sets[o].filter((set) => prints(set, o)));
      }
      const inside = yield* inEach((o) => Array.from({ length: n }, (_, i) => sets[o].reduce((sum, set) => sum + ((set >> i) & 1), 0)));
      return { counts: sets.map((some) => some.length), inside, waiting };
    };

    /* Everything left under the rows with these ids; shares are among all candidates. */
    const counting = function* (ids) {
      const rows = data.rows.filter((row) => ids.has(row.id));
      const overall = rows.filter((row) => row.about < 0);
      const orders = yield* remembered(`orders ${keyOf(overall)}`, () => triedOrders(overall));
      const listed = orders.number <= data.mostOrders;
      const groups = [];
      for (let g = 0; g < data.groups.length; g += 1) {
        const own = rows.filter((row) => row.about === g);
        const tried = () => triedGroups(orders, g, own);
        groups.push(own.length && listed ? yield* remembered(`${keyOf(overall)} then ${keyOf(own)}`, tried) : { waiting: own.length > 0 });
      }
      const free = masks.reduce((product, some, g) => (groups[g].counts ? product : product * BigInt(some.length)), 1n);
      const tried = groups.filter((group) => group.counts);
      const answer = { waiting: groups.map((group) => group.waiting),
        pairs: groups.map((group) => group.counts ? group.counts.reduce((a, b) => a + b, 0) : null) };
      if (!tried.length) {
        const { number, died, byLandmark } = orders;
        const share = (values) => [...values].map((x) => x / number);
        return { ...answer, orders: number, total: free * BigInt(number), died: share(died), ended: byLandmark.map(share),
          inside: data.groups.map((_, g) => Array(n).fill(masks[g].reduce((sum, set) => sum + (set & 1), 0) / masks[g].length)) };
      }
      const products = orders.pattern.map((_, o) => tried.reduce((product, { counts }) => product * BigInt(counts[o]), 1n));
      const sum = products.reduce((a, b) => a + b, 0n);
      const shares = products.map((product) => (sum ? Number(product) / Number(sum) : NaN));
      const over = (value) => shares.reduce((total, share, o) => (share ? total + share * value(o) : total), sum ? 0 : NaN);
      return {
        ...answer,
        orders: products.filter((product) => product > 0n).length,
        total: free * sum,
        died: Array.from({ length: n }, (_, i) => over((o) => (orders.pattern[o] >> i) & 1)),
        ended: landmarks.map((_, j) => Array.from({ length: n + 1 }, (__, k) => over((o) => Number(orders.ended[o][j] === k)))),
        inside: groups.map(({ counts, inside }, g) => Array.from({ length: n }, (_, i) => (counts
          ? over((o) => inside[o][i] / counts[o]) : masks[g].reduce((s, set) => s + ((set >> i) & 1), 0) / masks[g].length))),
      };
    };
    const count = (ids) => {
      const steps = counting(ids);
      for (;;) {
        const { done, value } = steps.next();
        if (done) return value;
      }
    };
    return { count, counting };
  };

  return { space };
})();
