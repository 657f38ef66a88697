//! Nothing: the benchmarks are programs of their own, one for each question.
