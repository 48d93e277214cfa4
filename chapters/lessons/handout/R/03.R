# Lesson 3: how sure?
source("compare.R")
rows <- read.csv("../data/thirteen.csv")
large <- rows[rows$large == 1, ]

# 3.2 Greenwood's standard error of the rate at one year, tumors of 2 cm or more. Three decimals.
answer <- NA
fit <- summary(survfit(Surv(time, event) ~ 1, data = large, conf.type = "plain"),  #> solution
               times = 12)  #> solution
answer <- fit$std.err  #> solution
compare("3.2", answer)

# 3.3 The linear 95% limits, as shares, cut where a share cannot be. Three decimals.
answer <- NA
answer <- c(fit$lower, fit$upper)  #> solution
compare("3.3", answer)
