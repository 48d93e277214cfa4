# Lesson 5: two groups
source("compare.R")
rows <- read.csv("../data/thirteen.csv")

# 5.1 In how many ways could five of the thirteen patients have been chosen? A whole number.
answer <- NA
answer <- choose(13, 5)  #> solution
compare("5.1", answer)

# 5.2 Chi-squared of the log-rank test for a tumor of 2 cm or more. Two decimals.
answer <- NA
answer <- survdiff(Surv(time, event) ~ large, data = rows)$chisq  #> solution
compare("5.2", answer)

# 5.3 Exact two-sided P of previous chemotherapy by observed minus expected, over all splits.
#     Three decimals.
answer <- NA
score <- residuals(coxph(Surv(time, event) ~ 1, data = rows))  #> solution
sums <- combn(13, sum(rows$chemo), function(who) sum(score[who]))  #> solution
answer <- mean(abs(sums) >= abs(sum(score[rows$chemo == 1])) - 1e-9)  #> solution
compare("5.3", answer)
