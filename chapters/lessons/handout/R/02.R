# Lesson 2: Kaplan-Meier by hand
source("compare.R")
rows <- read.csv("../data/thirteen.csv")

# 2.1 Who is in the risk set of the fifth death? Numbers of patients.
answer <- NA
fifth <- sort(rows$time[rows$event == 1])[5]  #> solution
answer <- rows$patient[rows$time >= fifth]  #> solution
compare("2.1", answer)

# 2.2 What share of the patients with a tumor below 2 cm is alive at 12, 36 and 60 months?
#     Three decimals.
answer <- NA
fit <- survfit(Surv(time, event) ~ 1, data = rows[rows$large == 0, ])  #> solution
answer <- summary(fit, times = c(12, 36, 60))$surv  #> solution
compare("2.2", answer)

# 2.3 The row "at risk" at months 0, 24, 48 and 72.
answer <- NA
answer <- sapply(c(0, 24, 48, 72), function(month) sum(rows$time >= month))  #> solution
compare("2.3", answer)
