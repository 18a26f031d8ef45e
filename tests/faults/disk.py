"""A model of a disk: what a power cut may leave of the system calls of a program.

The model is a POSIX file system without any promise of order. The content of a file is certain once the file was
synced. Until then the disk may hold what was certain before, a part of any later content, or zeros. A name that is
created, renamed or removed in a folder is certain once that folder was synced. Until then each such change may have
reached the disk or not, independently of the others.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import NamedTuple

# The calls that the model follows, and those that it cannot follow and refuses. "?" in the trace: not every machine has
# each of them.
FOLLOWED = (
    *("open", "openat", "creat", "close", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "exit_group"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat"),
)
UNKNOWN = (
    *("writev", "pwritev", "pwritev2", "truncate", "fallocate", "copy_file_range", "sendfile", "splice", "dup"),
    *("dup2", "dup3", "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "openat2", "chdir", "fchdir"),
    *("io_submit", "io_uring_setup"),
)
TRACED = "trace=" + ",".join(f"?{name}" for name in (*FOLLOWED, *UNKNOWN))

# What a disk holds: each file with its bytes, each folder with None, by their paths below the root.
State = frozenset[tuple[str, bytes | None]]


class Call(NamedTuple):
    """One system call that succeeded: its name, its arguments as strace prints them, and what it returned."""

    name: str
    arguments: tuple[str, ...]
    result: int

    def path(self, index: int) -> Path:
        """Return the path that is this argument."""
        return Path(os.fsdecode(self.data(index)))

    def data(self, index: int) -> bytes:
        """Return the bytes that are this argument."""
        return bytes.fromhex(self.arguments[index].strip('"').replace("\\x", ""))

    def number(self, index: int) -> int:
        """Return the number that is this argument."""
        return int(self.arguments[index])

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(_readable, self.arguments))})"


def calls_in(trace: str) -> Iterator[Call]:
    """Yield the calls that succeeded, of a trace by `strace -f -xx`."""
    for line in trace.splitlines():
        if "<unfinished" in line:
            raise ValueError(f"two threads at once: the order is not known: {line[:100]}")
        match = re.fullmatch(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+|\?)(?: .*)?", line)
        if match and not match[3].startswith("-"):
            yield Call(match[1], tuple(match[2].split(", ")), 0 if match[3] == "?" else int(match[3]))


@dataclass(eq=False)
class File:
    """What is certain of a file, and each content it had since."""

    certain: bytes = b""
    since: list[bytes] = field(default_factory=list)

    @property
    def now(self) -> bytes:
        """What a program reads while the power is on."""
        return self.since[-1] if self.since else self.certain

    def sync(self) -> None:
        """Make certain what is there now."""
        self.certain, self.since = self.now, []

    def possible_states(self) -> tuple[bytes, ...]:
        """Return what a power cut may leave."""
        left = {self.certain: None}
        for content in self.since:
            for length in (0, len(content) // 2, max(len(content) - 1, 0), len(content)):
                left[content[:length]] = None
                left[content[:length] + self.certain[length:]] = None
            left[bytes(len(content))] = None
        return tuple(left)


class Change(NamedTuple):
    """A name that goes from a folder, or comes to it, or both at once."""

    gone: str | None
    come: str | None = None
    node: "File | Folder | None" = None


Entries = dict[str, "File | Folder"]


@dataclass(eq=False)
class Folder:
    """What is certain of a folder's names, and each change since."""

    certain: Entries = field(default_factory=dict)
    since: list[Change] = field(default_factory=list)

    @property
    def now(self) -> Entries:
        """What a program sees while the power is on."""
        return self._with(self.since)

    def sync(self) -> None:
        """Make certain which names are there now."""
        self.certain, self.since = self.now, []

    def possible_states(self) -> tuple[Entries, ...]:
        """Return what a power cut may leave: each of the changes may have reached the disk or not."""
        choices = product((False, True), repeat=len(self.since))
        return tuple(
            self._with([change for change, reached in zip(self.since, choice, strict=True) if reached])
            for choice in choices
        )

    def _with(self, changes: list[Change]) -> Entries:
        entries = dict(self.certain)
        for change in changes:
            entries.pop(change.gone or "", None)
            if change.come is not None and change.node is not None:
                entries[change.come] = change.node
        return entries


class Disk:
    """The files below a folder, of which all is certain at first, and what the calls of a program make of them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._nodes: list[File | Folder] = []
        self._tree = self._read(root)
        self._open: dict[int, tuple[File | Folder, int]] = {}

    def apply(self, call: Call) -> None:
        """Do what the program did; raises ValueError for a call on these files that the model does not know."""
        match call.name:
            case "open" | "creat" | "openat":
                self._open_file(call)
            case "close":
                self._open.pop(call.number(0), None)
            case "write" | "pwrite64" | "ftruncate" | "fsync" | "fdatasync":
                if call.number(0) in self._open:
                    self._through(call)
            case "rename" | "renameat" | "renameat2":
                self._rename(call)
            case "unlink" | "rmdir" | "unlinkat":
                self._change(call.path(call.name == "unlinkat"), None)
            case "mkdir" | "mkdirat":
                self._change(call.path(call.name == "mkdirat"), Folder())
            case "exit_group":
                self._open.clear()
            case _:
                self._refuse_unless_elsewhere(call)

    def now(self) -> State:
        """Return what is there while the power is on: what the death of the program alone would leave."""
        return frozenset(self._state(self._tree, {node: node.now for node in self._nodes}))

    def possible_states(self) -> set[State]:
        """Return every state that a power cut may leave now."""
        left: list[tuple[bytes | Entries, ...]] = [node.possible_states() for node in self._nodes]
        return {
            frozenset(self._state(self._tree, dict(zip(self._nodes, chosen, strict=True)))) for chosen in product(*left)
        }

    def _read(self, path: Path) -> File | Folder:
        """Return what lies at a real path."""
        if path.is_symlink():
            raise ValueError(f"the model knows no links: {path}")
        node: File | Folder
        if path.is_dir():
            node = Folder({child.name: self._read(child) for child in path.iterdir()})
        else:
            node = File(path.read_bytes())
        self._nodes.append(node)
        return node

    def _state(
        self, node: File | Folder, chosen: dict[File | Folder, bytes | Entries], path: str = ""
    ) -> Iterator[tuple[str, bytes | None]]:
        content = chosen[node]
        if isinstance(content, bytes):
            yield path, content
            return
        if path:
            yield path, None
        for name, child in content.items():
            yield from self._state(child, chosen, f"{path}/{name}" if path else name)

    def _open_file(self, call: Call) -> None:
        path = call.path(call.name == "openat")
        flags = "O_CREAT|O_TRUNC" if call.name == "creat" else call.arguments[1 + (call.name == "openat")]
        if not path.is_relative_to(self._root):
            return
        node = self._at(path)
        if node is None:
            if "O_CREAT" not in flags:
                raise ValueError(f"the model has no such file: {call}")
            self._change(path, node := File())
        elif isinstance(node, File) and "O_TRUNC" in flags:
            node.since.append(b"")
        at_end = isinstance(node, File) and "O_APPEND" in flags
        self._open[call.result] = (node, len(node.now) if at_end else 0)

    def _through(self, call: Call) -> None:
        """Do what was done through a descriptor."""
        number = call.number(0)
        node, offset = self._open[number]
        if "sync" in call.name:
            node.sync()
            return
        assert isinstance(node, File), f"a folder is not written: {call}"
        if call.name == "ftruncate":
            node.since.append(node.now[: call.number(1)].ljust(call.number(1), b"\0"))
            return
        data = call.data(1)[: call.result]
        position = call.number(3) if call.name == "pwrite64" else offset
        node.since.append(node.now[:position].ljust(position, b"\0") + data + node.now[position + len(data) :])
        if call.name == "write":
            self._open[number] = (node, offset + len(data))

    def _rename(self, call: Call) -> None:
        old, new = call.path(call.name != "rename"), call.path(1 if call.name == "rename" else 3)
        node = self._at(old)
        if node is None:
            self._refuse_unless_elsewhere(call)
            return
        if old.parent == new.parent:
            self._in(new).since.append(Change(old.name, new.name, node))
            return
        self._in(new).since.append(Change(None, new.name, node))
        self._in(old).since.append(Change(old.name))

    def _change(self, path: Path, node: File | Folder | None) -> None:
        """Let a name come, with what it names, or go."""
        folder = self._folder_of(path)
        if folder is None:
            return
        if node is not None:
            self._nodes.append(node)
        folder.since.append(Change(None, path.name, node) if node else Change(path.name))

    def _folder_of(self, path: Path) -> Folder | None:
        """Return the folder that a path is in; None where it is not below the root."""
        if not path.is_absolute():
            raise ValueError(f"the model knows whole paths only: {path}")
        return self._in(path) if path.is_relative_to(self._root) and path != self._root else None

    def _in(self, path: Path) -> Folder:
        folder = self._at(path.parent)
        assert isinstance(folder, Folder), f"{path} is in no folder below the root"
        return folder

    def _at(self, path: Path) -> File | Folder | None:
        """Return what is at a path now."""
        if not path.is_relative_to(self._root):
            return None
        node: File | Folder | None = self._tree
        for name in path.relative_to(self._root).parts:
            node = node.now.get(name) if isinstance(node, Folder) else None
        return node

    def _refuse_unless_elsewhere(self, call: Call) -> None:
        words = [_readable(argument) for argument in call.arguments]
        if any(str(self._root) in word for word in words) or any(word in map(str, self._open) for word in words):
            raise ValueError(f"the model does not know this call: {call}")


def built(state: State, folder: Path) -> Path:
    """Write a state as real files into a folder, and return it."""
    folder.mkdir()
    for path, content in sorted(state, key=lambda item: item[0].count("/")):
        if content is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(content)
    return folder


def _readable(argument: str) -> str:
    """Return an argument as a person reads it, cut where it is long."""
    if "\\x" not in argument:
        return argument
    text = bytes.fromhex("".join(re.findall(r"\\x([0-9a-f]{2})", argument))).decode("utf-8", "replace")
    return repr(text if len(text) <= 120 else text[:40] + "...")
