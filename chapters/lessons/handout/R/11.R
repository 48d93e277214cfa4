# Lesson 11: reading critically. (Exercise 11.4 is a printed page: see the lesson.)
source("compare.R")
printed <- read.csv("../data/printed.csv")

# 11.2 Table 3 prints 21.1%, which no group of thirteen has. In what smallest number would it be
#      possible? A whole number.
answer <- NA
possible <- sapply(1:200, function(n) any(floor(1000 * (0:n) / n + 0.5) == 211))  #> solution
answer <- which(possible)[1]  #> solution
compare("11.2", answer)

# 11.3 Recover P from the printed hazard ratio and its limits. Three decimals.
answer <- NA
error <- log(printed$upper / printed$lower) / (2 * qnorm(0.975))  #> solution
answer <- 2 * pnorm(-abs(log(printed$ratio) / error))  #> solution
compare("11.3", answer)
