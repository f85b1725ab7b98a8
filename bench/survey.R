# R NMF's rank survey: Rscript survey.R TABLE RANKS RESTARTS; prints its seconds and the cophenetic of every rank.
suppressMessages(library(NMF))
words <- commandArgs(TRUE)
x <- as.matrix(read.table(words[1]))
ranks <- as.integer(strsplit(words[2], ",")[[1]])
took <- system.time(found <- nmfEstimateRank(x, range = ranks, method = "brunet", nrun = as.integer(words[3]), seed = 123456))
cat(took[["elapsed"]], found$measures$cophenetic, "\n")
