"""A cache of parsed catalogues, as JSON in the user's cache folder.

Reading YAML is a tenth of a short command's time, and a catalogue changes once a year. The key is a hash of the
program's version and the file's bytes, so a cached catalogue is never stale. Any problem with the cache is ignored.
"""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from ca_ladder import __version__
from ca_ladder.catalogue.files import read_catalogue_bytes
from ca_ladder.catalogue.models import Catalogue

MOST_CACHED = 4


def read_catalogue(path: Path, cache_folder: Path) -> Catalogue:
    """Return the catalogue in the file, from the cache if it is there.

    Raises what load_catalogue raises.
    """
    data = read_catalogue_bytes(path)
    cached = cache_folder / f"catalogue-{sha256(__version__.encode() + data).hexdigest()}.json"
    with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(cached.read_bytes(), type=Catalogue)
    from ca_ladder.catalogue.validation import parse_catalogue

    catalogue = parse_catalogue(data, path)
    with suppress(OSError):
        cache_folder.mkdir(parents=True, exist_ok=True)
        temporary = cached.with_suffix(".new")
        temporary.write_bytes(msgspec.json.encode(catalogue))
        temporary.replace(cached)
        oldest_first = sorted(cache_folder.glob("catalogue-*.json"), key=lambda file: file.stat().st_mtime)
        for outdated in oldest_first[:-MOST_CACHED]:
            outdated.unlink()
    return catalogue
