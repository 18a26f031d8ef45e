"""Catalogues that were read once, kept as JSON in the user's cache folder.

Reading YAML is a tenth of a short command's time, and a catalogue changes once a year. A good one is kept as JSON under
the hash of its file's bytes, so that nothing stale is ever taken for it; what cannot be kept is simply read again.
"""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from ca_ladder import __version__
from ca_ladder.catalogue.files import read_catalogue_bytes
from ca_ladder.catalogue.models import Catalogue

MOST_KEPT = 4


def read_catalogue(path: Path, kept_in: Path) -> Catalogue:
    """Return the catalogue in the file, from what is kept of it in the folder if that can be.

    Raises what load_catalogue raises.
    """
    data = read_catalogue_bytes(path)
    kept = kept_in / f"catalogue-{sha256(__version__.encode() + data).hexdigest()}.json"
    with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(kept.read_bytes(), type=Catalogue)
    from ca_ladder.catalogue.validation import parse_catalogue

    catalogue = parse_catalogue(data, path)
    with suppress(OSError):
        _keep(catalogue, kept)
    return catalogue


def _keep(catalogue: Catalogue, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    written = kept.with_suffix(".new")
    written.write_bytes(msgspec.json.encode(catalogue))
    written.replace(kept)
    oldest_first = sorted(kept.parent.glob("catalogue-*.json"), key=lambda each: each.stat().st_mtime)
    for outdated in oldest_first[:-MOST_KEPT]:
        outdated.unlink()
