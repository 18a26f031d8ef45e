"""Where the record and the catalogue lie: as an option says, else the environment, else in their usual places."""

import os
from pathlib import Path

from ca_ladder.catalogue.shelf import shipped_path


def store_path(given: str | None) -> Path:
    """Return the record's file: --store, CA_LADDER_STORE, or the user's own data folder."""
    named = given or os.environ.get("CA_LADDER_STORE")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("ca-ladder", appauthor=False) / "record.json"


def catalogue_path(given: str | None) -> Path:
    """Return the catalogue's file: --catalogue, CA_LADDER_CATALOGUE, or the one that ships."""
    named = given or os.environ.get("CA_LADDER_CATALOGUE")
    return Path(named) if named else shipped_path()


def cache_folder() -> Path:
    """Return the folder for what can be made again at any time."""
    from platformdirs import user_cache_path

    return user_cache_path("ca-ladder", appauthor=False)
