# Matrices as R writes them, each with its numbers beside it; and what nmf wrote, read by R.
library(Matrix)
folder <- commandArgs(TRUE)[1]
numbers <- function(m, file) write.table(as.matrix(m) * 1, file.path(folder, paste0(file, ".expected")),
                                         sep = ",", row.names = FALSE, col.names = FALSE)
set.seed(1)
general <- Matrix(round(rsparsematrix(20, 12, 0.3, rand.x = function(n) runif(n, 0, 9)), 3), sparse = TRUE)
symmetric <- forceSymmetric(round(crossprod(abs(general)), 2))
put <- function(m, file) {
    writeMM(m, file.path(folder, file))
    numbers(m, file)
}
put(general, "written_general.mtx")
put(symmetric, "written_symmetric.mtx")
put(as(general > 0, "nMatrix"), "written_pattern.mtx")

dense <- matrix(runif(12), 3, dimnames = list(c("gene a", "b", "c"), c("s1", "s2", "s3", "s4")))
write.csv(dense, file.path(folder, "written.csv"))
numbers(dense, "written.csv")
write.table(dense, file.path(folder, "written_unquoted.tsv"), sep = "\t", quote = FALSE)
numbers(dense, "written_unquoted.tsv")

ours <- as.matrix(read.csv(file.path(folder, "ours.csv"), header = FALSE))
sparse <- as.matrix(readMM(file.path(folder, "ours.mtx")))
given <- as.matrix(read.csv(file.path(folder, "seed.csv"), header = FALSE))
stopifnot(all(ours == given), all(sparse == given))
