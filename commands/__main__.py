"""`python -m claimloop.cli`."""

from claimloop.cli import main

main()
