# Limits of Kaplan-Meier rates by R's formulas, that tests/test_lessons.py holds thirteen.intervals to.
# Run from the root of the repository:  Rscript tests/reference/limits.R
# Reads tests/reference/cohorts.csv, writes tests/reference/limits.csv; versions in README.md.
suppressPackageStartupMessages(library(survival))

folder <- "tests/reference"
cohorts <- read.csv(file.path(folder, "cohorts.csv"))
kinds <- c(linear = "plain", log = "log", `log-log` = "log-log", arcsine = "arcsin")
rows <- list()
for (cohort in unique(cohorts$cohort)) for (kind in names(kinds)) {
  patients <- cohorts[cohorts$cohort == cohort, ]
  patients$event <- patients$event == "True"
  fit <- survfit(Surv(time, event) ~ 1, patients, conf.type = kinds[[kind]],
                 conf.int = 2 * pnorm(1.96) - 1)
  found <- summary(fit, censored = TRUE)
  rows[[length(rows) + 1]] <- data.frame(cohort, kind, time = found$time, lower = found$lower,
                                         upper = found$upper)
}
write.csv(do.call(rbind, rows), file.path(folder, "limits.csv"), row.names = FALSE, quote = FALSE)
