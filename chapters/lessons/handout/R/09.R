# Lesson 9: before and after
source("compare.R")
rows <- read.csv("../data/kidney.csv")

# 9.2 How many times as large is the standard error when the pairs are lost? One decimal.
answer <- NA
change <- round(rows$before - rows$after, 4)  #> solution
strangers <- sqrt((var(rows$before) + var(rows$after)) / nrow(rows))  #> solution
answer <- strangers / (sd(change) / sqrt(nrow(rows)))  #> solution
compare("9.2", answer)

# 9.3 The sign test: how probable is a split at least as uneven, in either direction? Four
#     decimals.
answer <- NA
answer <- 2 * pbinom(sum(change < 0), nrow(rows), 0.5)  #> solution
compare("9.3", answer)

# 9.4 The mean percentage of loss without the patient who has the largest one. One decimal.
answer <- NA
percent <- 100 * change / rows$before  #> solution
answer <- mean(percent[-which.max(percent)])  #> solution
compare("9.4", answer)
