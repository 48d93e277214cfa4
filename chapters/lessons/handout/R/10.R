# Lesson 10: power and honesty. (Exercise 10.4 rests on Python's random numbers and is left out.)
source("compare.R")
rows <- read.csv("../data/thirteen.csv")
reach <- qnorm(0.975) + qnorm(0.80)

# 10.2 Smallest detectable hazard ratio between tumors of 2 cm or more and others, power 80%. One
#      decimal.
answer <- NA
share <- mean(rows$large)  #> solution
answer <- exp(reach / sqrt(sum(rows$event) * share * (1 - share)))  #> solution
compare("10.2", answer)

# 10.3 How many deaths does a study need that finds a hazard ratio of 2 for lung cancer? A whole
#      number.
answer <- NA
share <- mean(rows$lung)  #> solution
answer <- ceiling((reach / log(2))^2 / (share * (1 - share)))  #> solution
compare("10.3", answer)
