/* A printed interval under many conventions, the same as the package's `printed_interval`; tests
   hold both together. Deaths are pairs: how many were at risk, how many died. */
"use strict";

globalThis.interval = (() => {
  /* Rounding with its halves named; what is nearer to a half than rounding error is a half. */
  const rounded = (value, decimals, halves) => {
    const scaled = Math.abs(value) * 10 ** decimals;
    const whole = Math.floor(scaled + 1e-9);
    const rest = scaled - whole;
    const half = Math.abs(rest - 0.5) < 1e-9;
    const up = half ? halves === "up" || whole % 2 === 1 : rest > 0.5;
    return (Math.sign(value) * (whole + Number(up))) / 10 ** decimals;
  };

  const limits = (rate, error, factor, formula) => {
    if (rate === 0 || error === 0) return [rate, rate];
    if (formula === "linear") return [rate - factor * error, rate + factor * error];
    const wide = (factor * error) / rate;
    if (formula === "log") return [rate * Math.exp(-wide), rate * Math.exp(wide)];
    const power = wide / Math.abs(Math.log(rate));
    return [rate ** Math.exp(power), rate ** Math.exp(-power)];
  };

  /* Rate, standard error (Greenwood) and limits in percent, not rounded at the end. */
  const of = (deaths, { formula, path, clip, factor, halves }) => {
    let [alive, of_, sum] = [1, 1, 0]; // whole numbers stay exact
    deaths.forEach(([n, d]) => {
      alive *= n - d;
      of_ *= n;
      sum += d < n ? d / (n * (n - d)) : 0;
    });
    let rate = alive / of_;
    let error = rate * Math.sqrt(sum);
    if (path === "three decimals") [rate, error] = [rate, error].map((x) => rounded(x, 3, halves));
    let [lower, upper] = limits(rate, error, Number(factor), formula);
    if (clip === "cut at 0 and 100") [lower, upper] = [Math.max(0, lower), Math.min(1, upper)];
    return [rate, error, lower, upper].map((share) => 100 * share);
  };

  const decimalsOf = (printed) => (printed.split(".")[1] ?? "").length;
  const text = (value, decimals, halves) => rounded(value, decimals, halves).toFixed(decimals);

  /* For rate and both limits: printed so? null where nothing is printed. */
  const prints = ({ deaths, printed }, choice) => {
    const [rate, , lower, upper] = of(deaths, choice);
    return [rate, lower, upper].map((value, i) => printed[i] === null ? null
      : rounded(value, decimalsOf(printed[i]), choice.halves) === Number(printed[i]));
  };
  const whole = (each, choice) => !prints(each, choice).includes(false);

  return { of, prints, whole, text, decimalsOf };
})();
