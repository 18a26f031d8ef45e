"""Run the program as ``python -m ca_ladder``."""

from ca_ladder.cli import main

main()
