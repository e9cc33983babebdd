"""What tests share: one compilation cache, kept from run to run, and markers by folder.

Double precision is left to the package: tests compute with what users compute with.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CACHE_VARIABLE = "YTTERBY_CACHE_DIR"
_set_here = pytest.StashKey[bool]()
CACHE, MOST_BYTES = "compiled", 1_000_000_000
"""Folder in pytest's own cache, and the size at which it is begun anew, since JAX removes nothing from it."""
MAPS, MOST_MAPS = Path("/proc/self/maps"), 20_000
"""Compiled programs are mapped into memory one by one; Linux ends a process that holds 65,530 maps."""


def pytest_configure(config: pytest.Config) -> None:
    """A cache of compiled circuits that worker processes, commands under test and later runs share.

    JAX finds a program in it by what it computes, so that a changed circuit is compiled anew. A directory
    given from outside stays as it is; ``pytest --cache-clear`` empties the one made here.
    """
    cache: pytest.Cache | None = getattr(config, "cache", None)  # none with -p no:cacheprovider
    if CACHE_VARIABLE in os.environ or cache is None:
        return
    directory = cache.mkdir(CACHE)
    if sum(it.stat().st_size for it in directory.iterdir()) > MOST_BYTES:
        shutil.rmtree(directory, ignore_errors=True)
    os.environ[CACHE_VARIABLE] = str(directory)
    config.stash[_set_here] = True


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the environment as it was found."""
    if config.stash.get(_set_here, False):
        del os.environ[CACHE_VARIABLE]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the folder it stands in."""
    for item in items:
        item.add_marker(item.path.relative_to(TESTS).parts[0])


@pytest.fixture(autouse=True, scope="module")
def _few_compiled_programs() -> Iterator[None]:
    """Drop what was compiled before a worker holds more of it than the system allows."""
    yield
    jax = sys.modules.get("jax")
    if jax is None or not MAPS.exists():
        return
    with MAPS.open() as maps:
        many = sum(1 for _ in maps) > MOST_MAPS
    if many:
        jax.clear_caches()
        gc.collect()
