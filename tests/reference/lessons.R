# What the R code of the lessons says, so that tests/test_lessons_in_r.py can compare without R.
# Run from the root of the repository:  Rscript tests/reference/lessons.R
# Takes each block as it stands on the page, runs it, and keeps the values named below.
# Writes tests/reference/lessons.csv and lessons_blocks.csv; versions in README.md.
suppressPackageStartupMessages(library(survival))
pdf(NULL)                                     # a block that plots draws on nothing

block_of <- function(path) {
  lines <- readLines(path, encoding = "UTF-8")
  first <- match("```r", lines)
  last <- first + match("```", lines[-seq_len(first)])
  lines[(first + 1):(last - 1)]
}

# For each lesson: expressions that may use whatever its block has made.
wanted <- list(
  "01" = expression(deaths = deaths, months = months, per_100_years = 1200 * deaths / months,
                    three_years = summary(fit, times = 36)$surv),
  "02" = expression(survival = summary(fit)$surv, at_risk = summary(fit)$n.risk,
                    yearly = summary(fit, times = seq(0, 60, 12))$n.risk),
  "03" = expression(arcsine = c(found$lower, found$upper), error = found$std.err,
                    exact = binom.test(sum(patients$time >= 12), nrow(patients))$conf.int),
  "04" = expression(
    plain = median(patients$time),
    survival = quantile(survfit(Surv(time, event) ~ 1, data = patients), 0.5)$quantile,
    ends = unlist(quantile(survfit(Surv(time, event) ~ 1, data = patients,
                                   conf.type = "log-log"), 0.5)[c("lower", "upper")]),
    follow_up = quantile(survfit(Surv(time, !event) ~ 1, data = patients), 0.5)$quantile),
  "05" = expression(chi_squared = survdiff(Surv(time, event) ~ lung, data = patients)$chisq,
                    splits = length(sums), p = mean(abs(sums) >= abs(sum(score[lung])) - 1e-9),
                    by_chi = mean(chi >= survdiff(Surv(time, event) ~ lung,
                                                  data = patients)$chisq - 1e-9),
                    score_test = coxph(Surv(time, event) ~ lung, data = patients)$score),
  "06" = expression(
    ratio = exp(coef(fit)), wald = summary(fit)$conf.int[c(3, 4)],
    forward = fit$score, p = c(summary(fit)$sctest[3], summary(fit)$waldtest[3], summary(fit)$logtest[3]),
    profile = exp(c(uniroot(end, c(0, coef(fit)), tol = 1e-9)$root,
                    uniroot(end, c(coef(fit), 9), tol = 1e-9)$root)),
    both = exp(coef(coxph(Surv(time, event) ~ lung + large, data = patients)))),
  "07" = expression(
    residuals = residuals(fit, "schoenfeld"),
    proportional = sapply(clocks, function(clock) cox.zph(fit, clock)$table["older", "p"]),
    lived = summary(curves, rmean = 48)$table[
      , c("rmean", "se(rmean)")]),
  "08" = expression(
    tumor = summary(survfit(Surv(time, state) ~ 1, data = patients),
                    times = c(12, 36, 60))$pstate[, 2],
    fine_gray = exp(coef(coxph(Surv(fgstart, fgstop, fgstatus) ~ large, weights = fgwt,
                               data = weighted))),
    rows = nrow(tumors),
    robust = summary(survfit(Surv(time, event) ~ 1, data = tumors, id = patient_id,
                             cluster = patient_id, robust = TRUE), times = 36)$std.err),
  "09" = expression(
    paired = t.test(renal$egfr_before, renal$egfr_after, paired = TRUE)$p.value,
    unpaired = t.test(renal$egfr_before, renal$egfr_after, var.equal = TRUE)$p.value,
    wilcoxon = suppressWarnings(wilcox.test(change)$p.value),
    signs = mean(abs(signs %*% change) >= abs(sum(change)) - 1e-9)),
  "10" = expression(detectable = exp((qnorm(0.975) + qnorm(0.80)) * spread),
                    posterior = posterior),
  "11" = expression(p = p_from_limits(value(stem), value(paste0(stem, ".lower")),
                                      value(paste0(stem, ".upper")))),
  "12" = expression(
    women = nrow(women), median = summary(survfit(Surv(time, status) ~ 1,
                                                  data = women))$table["median"],
    chi_squared = survdiff(Surv(time, status) ~ hormon, data = women)$chisq,
    ratios = exp(coef(fit)), proportional = cox.zph(fit, transform = "rank")$table[1:8, "p"],
    strata = exp(coef(strata)["hormon"])))

rows <- blocks <- list()
for (path in sort(Sys.glob("chapters/lessons/[0-9][0-9]-*.md"))) {
  lesson <- substr(basename(path), 1, 2)
  block <- block_of(path)
  made <- new.env()
  capture.output(suppressWarnings(eval(parse(text = block), made)))
  blocks[[lesson]] <- data.frame(lesson, code = paste(block, collapse = "\n"))
  for (name in names(wanted[[lesson]])) {
    found <- as.numeric(eval(wanted[[lesson]][[name]], made))
    rows[[length(rows) + 1]] <- data.frame(lesson, name, place = seq_along(found) - 1,
                                           value = sprintf("%.17g", found))
  }
}
write.csv(do.call(rbind, rows), "tests/reference/lessons.csv", row.names = FALSE, quote = FALSE)
write.csv(do.call(rbind, blocks), "tests/reference/lessons_blocks.csv", row.names = FALSE)
cat(R.version.string, "survival", format(packageVersion("survival")), "\n")
