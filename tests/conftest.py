"""What tests share: one compilation cache per run, and markers by folder.

Double precision is left to the package: tests compute with what users compute with.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CACHE_VARIABLE = "YTTERBY_CACHE_DIR"
_made_here = pytest.StashKey[str]()


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
