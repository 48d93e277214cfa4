# Lesson 7: proportional hazards
source("compare.R")
rows <- read.csv("../data/thirteen.csv")

# 7.1 A curve stands at 100% until month 12 and at 50% from then on. Restricted mean to month 30?
#     One decimal.
answer <- NA
answer <- 12 * 1 + 18 * 0.5  #> solution
compare("7.1", answer)

# 7.2 How many of the first 48 months do patients with a tumor below 2 cm live? Two decimals.
answer <- NA
lived <- summary(survfit(Surv(time, event) ~ 1, data = rows[rows$large == 0, ]),  #> solution
                 rmean = 48)$table  #> solution
answer <- lived["rmean"]  #> solution
compare("7.2", answer)

# 7.3 And the standard error of that mean? Two decimals.
answer <- NA
answer <- lived["se(rmean)"]  #> solution
compare("7.3", answer)

# 7.4 Chi-squared of the score test of proportional hazards for a tumor of 2 cm or more, with the
#     months as the clock. Two decimals.
answer <- NA
fit <- coxph(Surv(time, event) ~ large, data = rows)  #> solution
answer <- cox.zph(fit, transform = "identity")$table["large", "chisq"]  #> solution
compare("7.4", answer)
