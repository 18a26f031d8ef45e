"""Catalogue files: the shipped one, the starter, and the bytes of any."""

from errno import EINVAL, EISDIR
from pathlib import Path

from ca_ladder.errors import CatalogueFaulty, CatalogueMissing, Fault, system_words

MOST_BYTES = 1_000_000

# The wheel carries the catalogue inside the package; an editable install finds it in the checkout.
_PACKAGED = Path(__file__).parent.parent / "data" / "expectations.yaml"
_IN_CHECKOUT = Path(__file__).parents[3] / "data" / "expectations.yaml"


def shipped_path() -> Path:
    """Return the path of the shipped catalogue."""
    return _PACKAGED if _PACKAGED.exists() else _IN_CHECKOUT


def starter() -> str:
    """Return the text of a small catalogue to begin with."""
    return (Path(__file__).parent / "starter.yaml").read_text(encoding="utf-8")


def read_catalogue_bytes(path: Path) -> bytes:
    """Return the file's bytes; raises CatalogueMissing, or CatalogueFaulty if the file is over 1 MB."""
    try:
        if path.exists() and not path.is_file():  # reading a pipe would wait for ever
            raise IsADirectoryError(EISDIR if path.is_dir() else EINVAL, "it is not a file")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as problem:
        raise CatalogueMissing(path, system_words(problem)) from None
    if len(data) > MOST_BYTES:
        raise CatalogueFaulty(path, [Fault(1, 1, "the file is larger than 1 MB; a catalogue is far smaller")])
    return data
