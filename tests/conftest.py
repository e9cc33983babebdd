"""What tests share: one compilation cache per run, and markers by folder.

Double precision is left to the package: tests compute with what users compute with.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CACHE_VARIABLE = "YTTERBY_CACHE_DIR"
_made_here = pytest.StashKey[str]()
MAPS, MOST_MAPS = Path("/proc/self/maps"), 20_000
"""Compiled programs are mapped into memory one by one; Linux ends a process that holds 65,530 maps."""


def pytest_configure(config: pytest.Config) -> None:
    """A cache of compiled circuits that worker processes and commands under test inherit."""
    if CACHE_VARIABLE not in os.environ:
        config.stash[_made_here] = tempfile.mkdtemp(prefix="ytterby-cache-")
        os.environ[CACHE_VARIABLE] = config.stash[_made_here]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the cache that this process made; a directory given from outside stays."""
    if made_here := config.stash.get(_made_here, None):
        del os.environ[CACHE_VARIABLE]
        shutil.rmtree(made_here, ignore_errors=True)


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
