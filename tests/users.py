"""What the operating system lets a process do: tests as a user without special rights, and as another user.

The superuser reads and writes everything, so it would never see a refusal. Python itself may lie in a folder that only
its owner can read, and a library may import something at any moment, so no test gives up the right to read Python.
"""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

# Source: linux/capability.h.
_VERSION_3 = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH, _FOWNER = 1 << 1, 1 << 2, 1 << 3


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Data(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Be a user whom permissions bind. A superuser stays the owner of its files, Python's among them."""
    if os.geteuid() != 0:
        yield
        return
    before = _effective_capabilities()
    _set_effective_capabilities(before & ~(_DAC_OVERRIDE | _DAC_READ_SEARCH | _FOWNER))
    try:
        yield
    finally:
        _set_effective_capabilities(before)


@contextmanager
def other_user(number: int, group: int | None, umask: int) -> Iterator[None]:
    """Be the user of this number, in this group too; needs a superuser.

    This user may read every file, Python's among them: what others may read is to be seen in a file's mode.
    """
    own_groups, own_group, own_umask = os.getgroups(), os.getegid(), os.umask(umask)
    try:
        os.setgroups([group] if group else [])
        os.setegid(number)
        os.seteuid(number)
        _set_effective_capabilities(_DAC_READ_SEARCH)
        yield
    finally:
        os.seteuid(0)
        os.setegid(own_group)
        os.setgroups(own_groups)
        os.umask(own_umask)


def _effective_capabilities() -> int:
    """Return the first 32 capabilities of this thread that count now, as bits."""
    return int(_capabilities()[0].effective)


def _set_effective_capabilities(bits: int) -> None:
    data = _capabilities()
    data[0].effective = bits
    if _libc().capset(ctypes.byref(_Header(_VERSION_3, 0)), data):
        raise OSError(ctypes.get_errno(), "capset failed")


def _capabilities() -> "ctypes.Array[_Data]":
    data = (_Data * 2)()
    if _libc().capget(ctypes.byref(_Header(_VERSION_3, 0)), data):
        raise OSError(ctypes.get_errno(), "capget failed")
    return data


def _libc() -> ctypes.CDLL:
    if sys.platform != "linux":
        pytest.skip("needs Linux to give up the superuser's rights")
    return ctypes.CDLL(None, use_errno=True)
