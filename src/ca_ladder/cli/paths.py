"""The paths of the record and the catalogue: from an option, else the environment, else the default."""

import os
from pathlib import Path

from platformdirs import PlatformDirs

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.errors import BadInput

_FOLDERS = PlatformDirs("ca-ladder", appauthor=False)


def store_path(given: str | None) -> Path:
    """Return the record's file: --store, CA_LADDER_STORE, or the user's own data folder; raises BadInput."""
    if given is not None and not given.strip():  # such as --store "$TEAM" with the variable unset
        raise BadInput("--store is empty. Name a file or a folder.")
    named = given or variable("CA_LADDER_STORE")
    return with_home(Path(named)) if named else own_store()


def is_folder(given: str | None) -> bool:
    """Return whether the store is a team's folder: an existing one, or a path that ends in a slash."""
    named = given or variable("CA_LADDER_STORE")
    return named.endswith(("/", os.sep)) or store_path(given).is_dir()


def own_store() -> Path:
    """Return the record's file in the user's own data folder, which nobody else reads."""
    return _FOLDERS.user_data_path / "record.json"


def catalogue_path(given: str | None) -> Path:
    """Return the catalogue's file: --catalogue, CA_LADDER_CATALOGUE, or the one that ships; raises BadInput."""
    named = given or variable("CA_LADDER_CATALOGUE")
    return with_home(Path(named)) if named else shipped_path()


def variable(name: str) -> str:
    """Return an environment variable, empty if it is not set.

    Raises BadInput if it has quotation marks around it: `set` of Windows keeps those that are typed.
    """
    value = os.environ.get(name, "")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        raise BadInput(f"{name} is {value}, with the quotation marks. Set it without them.")
    return value


def with_home(path: Path) -> Path:
    """Return the path with the home folder for ~ or ~user. No shell does that inside quotes or after ``--store=``."""
    try:
        return path.expanduser()
    except (RuntimeError, ValueError):  # there is no such user
        return path


def backups_folder() -> Path:
    """Return the folder for this user's backups. It is never beside a shared store."""
    return _FOLDERS.user_data_path / "backups"


def witness_folder() -> Path:
    """Return the folder in which this user remembers what they have seen of the records they wrote."""
    return _FOLDERS.user_data_path / "seen"


def cache_folder() -> Path:
    """Return the folder for cached files."""
    return _FOLDERS.user_cache_path
