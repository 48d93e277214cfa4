# Patients that the published algorithm of Guyot and others makes of the curves in guyot.csv, which
# tests/test_validation.py holds recohort.validation.guyot to; the versions are in README.md.
# Run from the root:  Rscript tests/reference/guyot.R path/to/survivalnma/R/guyot.R
source(commandArgs(trailingOnly = TRUE)[1])

path <- "tests/reference/guyot.csv"
curves <- read.csv(path, colClasses = "character")
numbers <- function(text) as.numeric(strsplit(text, " ")[[1]])
for (i in seq_len(nrow(curves))) {
  curve <- curves[i, ]
  found <- guyot.method(numbers(curve$times), numbers(curve$survival), numbers(curve$risk_times),
                        numbers(curve$risk_numbers), tot.events = as.numeric(curve$deaths))
  rows <- found$patient[order(found$patient$time, -found$patient$event), ]
  marks <- ifelse(rows$event == 1, "+", "")
  curves$patients[i] <- paste(sprintf("%.10g%s", rows$time, marks), collapse = " ")
}
write.csv(curves, path, row.names = FALSE, quote = FALSE)
