# Lesson 1: time, event, censoring
source("compare.R")
rows <- read.csv("../data/thirteen.csv")

# 1.1 Which patients are censored before three years (36 months)? Their numbers.
answer <- NA
answer <- rows$patient[rows$event == 0 & rows$time < 36]  #> solution
compare("1.1", answer)

# 1.2 How many patients with a tumor of 2 cm or more die in 100 patient-years? A whole number.
answer <- NA
large <- rows[rows$large == 1, ]  #> solution
answer <- 100 * sum(large$event) / (sum(large$time) / 12)  #> solution
compare("1.2", answer)

# 1.3 status is 1 for alive and 2 for dead. Make an event of it: 1 for death, 0 for alive.
status <- rows$event + 1
answer <- NA
answer <- as.numeric(status == 2)  #> solution
compare("1.3", answer)
