"""Speed and memory in figures: `make bench`, or `make bench ONLY=search` for one family.

A family is a module here with a function `run(report)`. It measures what a person waits for, in the same run as a peer
or a bare baseline, and reports one line of JSON a figure. Figures are kept out of the tests, which judge right and
wrong only.
"""
