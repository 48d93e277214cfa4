# Lesson 8: units and rivals
source("compare.R")
rows <- read.csv("../data/thirteen.csv")

# 8.1 A file has one row for each ablated tumor of these patients. How many independent units does
#     it hold for overall survival? A whole number.
answer <- NA
answer <- nrow(rows)  #> solution
compare("8.1", answer)

# 8.2 Cumulative incidence of death from the tumor (cause 1) at 36 months, cause 2 as rival. Three
#     decimals.
answer <- NA
rows$state <- factor(rows$cause, 0:2, c("alive", "tumor", "other"))  #> solution
fit <- survfit(Surv(time, state) ~ 1, data = rows)  #> solution
answer <- summary(fit, times = 36)$pstate[, 2]  #> solution
compare("8.2", answer)

# 8.3 Landmark at month 12: what share of those with a single renal tumor is alive at month 36?
#     Three decimals.
answer <- NA
there <- rows[rows$time > 12 & rows$several == 0, ]  #> solution
answer <- summary(survfit(Surv(time, event) ~ 1, data = there), times = 36)$surv  #> solution
compare("8.3", answer)
