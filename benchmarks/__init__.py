"""What Facteur costs in time and money, measured: `make bench` rewrites docs/benchmarks.md.

Each bench_*.py is a program that prints one section of that page on its standard output, and what
it is doing on its standard error. `make bench ARGS="pipeline cold_start"` runs some of them and
keeps the others' sections.
"""
