# Lesson 12: on to larger data
source("compare.R")
rows <- read.csv("../data/lung.csv")

# 12.1 How many of these patients died? A whole number.
answer <- NA
answer <- sum(rows$event)  #> solution
compare("12.1", answer)

# 12.2 Median survival of the women, in months of 365.25 / 12 days. One decimal.
answer <- NA
women <- rows[rows$female == 1, ]  #> solution
fit <- survfit(Surv(time / (365.25 / 12), event) ~ 1, data = women)  #> solution
answer <- quantile(fit, 0.5)$quantile  #> solution
compare("12.2", answer)

# 12.3 Hazard ratio of women against men, adjusted for age and performance status. Two decimals.
answer <- NA
fit <- coxph(Surv(time, event) ~ female + age + ecog, data = rows)  #> solution
answer <- exp(coef(fit)["female"])  #> solution
compare("12.3", answer)
