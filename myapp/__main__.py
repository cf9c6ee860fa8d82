"""`python -m myapp …`: see cli.py."""

from myapp.cli import main

main()
