"""Where catalogues lie: the one that ships, and what is kept of those already read.

Reading YAML is a tenth of a short command's time, and a catalogue changes once a year. A good one is kept as JSON under
the hash of its file's bytes, so that nothing stale is ever taken for it; what cannot be kept is simply read again.
"""

from contextlib import suppress
from errno import EINVAL, EISDIR
from hashlib import sha256
from pathlib import Path

import msgspec

from ca_ladder import __version__
from ca_ladder.catalogue.models import Catalogue
from ca_ladder.errors import CatalogueFaulty, CatalogueMissing, Fault, system_words

MOST_BYTES = 1_000_000
MOST_KEPT = 4

# The wheel carries the catalogue inside the package; an editable install finds it in the checkout.
_PACKAGED = Path(__file__).parent.parent / "data" / "expectations.yaml"
_IN_CHECKOUT = Path(__file__).parents[3] / "data" / "expectations.yaml"


def shipped_path() -> Path:
    """Return where the catalogue that ships with the program lies."""
    return _PACKAGED if _PACKAGED.exists() else _IN_CHECKOUT


def starter() -> str:
    """Return the text of a small catalogue to begin with."""
    return (Path(__file__).parent / "starter.yaml").read_text(encoding="utf-8")


def read_catalogue(path: Path, kept_in: Path) -> Catalogue:
    """Return the catalogue in the file, from what is kept of it in the folder if that can be.

    Raises what load_catalogue raises.
    """
    data = data_of(path)
    kept = kept_in / f"catalogue-{sha256(__version__.encode() + data).hexdigest()}.json"
    with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(kept.read_bytes(), type=Catalogue)
    from ca_ladder.catalogue.loader import catalogue_in

    catalogue = catalogue_in(data, path)
    with suppress(OSError):
        _keep(catalogue, kept)
    return catalogue


def data_of(path: Path) -> bytes:
    """Return the file's bytes; raises CatalogueMissing, and CatalogueFaulty when it is too large to be a catalogue."""
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise IsADirectoryError(EISDIR if path.is_dir() else EINVAL, "it is not a file")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as problem:
        raise CatalogueMissing(path, system_words(problem)) from None
    if len(data) > MOST_BYTES:
        raise CatalogueFaulty(path, [Fault(1, 1, "the file is larger than 1 MB; a catalogue is far smaller")])
    return data


def _keep(catalogue: Catalogue, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    written = kept.with_suffix(".new")
    written.write_bytes(msgspec.json.encode(catalogue))
    written.replace(kept)
    oldest_first = sorted(kept.parent.glob("catalogue-*.json"), key=lambda each: each.stat().st_mtime)
    for outdated in oldest_first[:-MOST_KEPT]:
        outdated.unlink()
