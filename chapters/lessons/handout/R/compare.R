# compare("1.2", answer) says whether the answer is right, to the decimals that are asked for.
# Run the scripts from this folder; answers.csv lies beside them.
suppressPackageStartupMessages(library(survival))
answers <- read.csv("answers.csv", colClasses = c(exercise = "character"))
compare <- function(name, answer) {
  right <- answers[answers$exercise == name, ]
  verdict <- if (anyNA(answer)) {
    "no answer yet"
  } else if (length(answer) != nrow(right)) {
    paste("not yet:", nrow(right), "values are asked for")
  } else if (all(abs(answer - right$value) <= 0.5 * 10^-right$decimals + 1e-9)) {
    "right"
  } else {
    "not yet"
  }
  cat(name, verdict, "\n")
}
