# Values of R's survival package that tests/test_survival.py holds recohort.paper.estimates to.
# Run from the root of the repository:  Rscript tests/reference/survival.R
# Reads tests/reference/cohorts.csv, writes tests/reference/survival.csv; versions in README.md.
suppressPackageStartupMessages(library(survival))

folder <- "tests/reference"
cohorts <- read.csv(file.path(folder, "cohorts.csv"))
for (column in c("event", "group", "second")) cohorts[[column]] <- cohorts[[column]] == "True"
Z <- 1.96                       # the limits of Kaplan-Meier rates are done by hand with it
control <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)

rows <- list()
keep <- function(cohort, model, name, field, value) {
  cell <- data.frame(cohort, model, name, field, value = sprintf("%.17g", value))
  rows[[length(rows) + 1]] <<- cell
}

# Where the curve is one half for a while, R's median is the middle of that while; most others,
# SPSS and lifelines among them, take its beginning.
keep_median <- function(cohort, model, fit) {
  keep(cohort, model, "", "median", unname(quantile(fit, 0.5)$quantile))
  keep(cohort, model, "", "first_half", min(fit$time[fit$surv <= 0.5 + 1e-9]))
}

keep_curve <- function(cohort, patients) {
  fit <- survfit(Surv(time, event) ~ 1, patients, conf.type = "plain",
                 conf.int = 2 * pnorm(Z) - 1)
  found <- summary(fit, censored = TRUE)
  for (field in c("n.risk", "n.event", "n.censor", "surv", "std.err", "lower", "upper"))
    keep(cohort, "survfit", format(found$time, trim = TRUE), field, found[[field]])
  keep_median(cohort, "survfit", fit)
  # Deaths first: in the reverse curve they leave before anybody is "censored" at their time.
  patients$time <- patients$time - ifelse(patients$event, 1e-9, 0)
  reverse <- survfit(Surv(time, !event) ~ 1, patients)
  keep_median(cohort, "reverse", reverse)
}

keep_cox <- function(cohort, patients, names, ties) {
  formula <- reformulate(names, "Surv(time, event)")
  fit <- summary(coxph(formula, patients, ties = ties, control = control))
  model <- paste("coxph", ties, paste(names, collapse = "+"))
  keep(cohort, model, names, "coefficient", fit$coefficients[, "coef"])
  keep(cohort, model, names, "standard_error", fit$coefficients[, "se(coef)"])
  keep(cohort, model, names, "p_value", fit$coefficients[, "Pr(>|z|)"])
  keep(cohort, model, names, "ci_lower", fit$conf.int[, "lower .95"])
  keep(cohort, model, names, "ci_upper", fit$conf.int[, "upper .95"])
}

for (cohort in unique(cohorts$cohort)) {
  patients <- cohorts[cohorts$cohort == cohort, ]
  keep_curve(cohort, patients)
  for (group in c("group", "second")) {
    test <- survdiff(reformulate(group, "Surv(time, event)"), patients)
    keep(cohort, "survdiff", group, "p_value", pchisq(test$chisq, 1, lower.tail = FALSE))
  }
  for (ties in c("breslow", "efron"))
    for (names in list("group", "second", "age", c("group", "second"), c("group", "age")))
      keep_cox(cohort, patients, names, ties)
}
write.csv(do.call(rbind, rows), file.path(folder, "survival.csv"), row.names = FALSE,
          quote = FALSE, na = "")
cat(R.version.string, "survival", format(packageVersion("survival")), "\n")
