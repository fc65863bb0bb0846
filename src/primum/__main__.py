"""`python -m primum` is the command line."""

from primum.cli import main

main()
