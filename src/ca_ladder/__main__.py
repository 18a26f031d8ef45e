"""Run the program as ``python -m ca_ladder``."""

from ca_ladder.cli.main import main

main()
