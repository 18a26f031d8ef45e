"""Steps from the document of an older schema to the next schema."""

from collections.abc import Callable
from typing import Any

Migration = Callable[[dict[str, Any]], dict[str, Any]]

# Keyed by the older schema's number.
MIGRATIONS: dict[int, Migration] = {
    1: lambda content: content,  # schema 2 only adds kinds of events
}
