# Lesson 4: which median?
source("compare.R")
rows <- read.csv("../data/thirteen.csv")

# 4.1 With whose death does the survival curve reach one half or fall below it? The number.
answer <- NA
middle <- quantile(survfit(Surv(time, event) ~ 1, data = rows), 0.5)$quantile  #> solution
answer <- rows$patient[rows$time == middle & rows$event == 1]  #> solution
compare("4.1", answer)

# 4.2 Median survival with five metastases or fewer, and with six or more. One decimal.
answer <- NA
fit <- survfit(Surv(time, event) ~ six_mets, data = rows)  #> solution
answer <- as.numeric(quantile(fit, 0.5)$quantile)  #> solution
compare("4.2", answer)

# 4.3 Median follow-up (reverse Kaplan-Meier) of the patients with a single renal tumor. One
#     decimal.
answer <- NA
single <- rows[rows$several == 0, ]  #> solution
answer <- quantile(survfit(Surv(time, 1 - event) ~ 1, data = single), 0.5)$quantile  #> solution
compare("4.3", answer)
