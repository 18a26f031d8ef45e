"""A cache of parsed catalogues, as JSON in the user's cache folder.

Reading YAML is a tenth of a short command's time, and a catalogue changes once a year. The key is a hash of the file's
bytes and of the code that read it, so a cached catalogue is never stale. The first line of a cache file is a hash of
the key and of the JSON below it: what was changed, or belongs to another key, is not used. Any problem with the cache
is ignored.
"""

import os
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
    key = sha256(_reader() + data).hexdigest()
    cached = cache_folder / f"catalogue-{key}.json"
    with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        checksum, _, encoded = cached.read_bytes().partition(b"\n")
        if checksum == _checksum(key, encoded):
            return msgspec.json.decode(encoded, type=Catalogue)
    from ca_ladder.catalogue.validation import parse_catalogue

    catalogue = parse_catalogue(data, path)
    with suppress(OSError):
        cache_folder.mkdir(parents=True, exist_ok=True)
        temporary = cached.with_suffix(".new")
        temporary.unlink(missing_ok=True)  # opened as a new file: a link that lies there is not followed
        encoded = msgspec.json.encode(catalogue)
        with temporary.open("xb") as file:
            file.write(_checksum(key, encoded) + b"\n" + encoded)
        temporary.replace(cached)
        oldest_first = sorted(cache_folder.glob("catalogue-*.json"), key=lambda file: file.stat().st_mtime)
        for outdated in oldest_first[:-MOST_CACHED]:
            outdated.unlink()
    return catalogue


def _reader() -> bytes:
    """Return what tells this code from other code that reads catalogues: the version, each module's size and time."""
    modules = sorted((module.name, module.stat()) for module in os.scandir(Path(__file__).parent) if module.is_file())
    return repr((__version__, [(name, stat.st_size, stat.st_mtime_ns) for name, stat in modules])).encode()


def _checksum(key: str, encoded: bytes) -> bytes:
    return sha256(key.encode() + encoded).hexdigest().encode()
