# Lesson 6: Cox regression
source("compare.R")
rows <- read.csv("../data/thirteen.csv")

# 6.1 Two patients with lung cancer and ten others are at risk, the hazard ratio is 4. One of the
#     two dies. How likely was it to be this patient? Three decimals.
answer <- NA
answer <- 4 / (2 * 4 + 10)  #> solution
compare("6.1", answer)

# 6.2 Hazard ratio of a tumor of 2 cm or more, alone in the model. Two decimals.
answer <- NA
fit <- coxph(Surv(time, event) ~ large, data = rows)  #> solution
answer <- exp(coef(fit))  #> solution
compare("6.2", answer)

# 6.3 P of the likelihood ratio test for the same model. Three decimals.
answer <- NA
answer <- summary(fit)$logtest["pvalue"]  #> solution
compare("6.3", answer)
