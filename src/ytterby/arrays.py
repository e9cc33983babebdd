"""JAX as this house uses it: 64-bit floats, and compiled code kept between processes.

Import ``jax`` and ``jnp`` from here. This is the one import-time effect of the package.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jax
import jax.numpy as jnp

__all__ = ["cache_directory", "healed_cache", "jax", "jnp"]


def cache_directory() -> Path | None:
    """Where compiled circuits are kept; ``YTTERBY_CACHE_DIR`` moves it, set to empty it is off."""
    chosen = os.environ.get("YTTERBY_CACHE_DIR")
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ytterby"


@contextmanager
def healed_cache() -> Iterator[None]:
    """Compile in quiet where the cache fails, and remove entries that cannot be read (a killed write)."""
    with warnings.catch_warnings(record=True) as caught:
        yield
    for warning in caught:
        unreadable = re.search(
            r"persistent compilation cache entry for '(\w+)'", str(warning.message)
        )
        if unreadable is None:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
        elif directory := cache_directory():
            for entry in directory.glob(f"{unreadable[1]}-*"):
                entry.unlink(missing_ok=True)


def _configure() -> None:
    jax.config.update("jax_enable_x64", True)
    directory = cache_directory()
    if directory is None or (directory.exists() and not directory.is_dir()):
        return
    jax.config.update("jax_compilation_cache_dir", str(directory))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


_configure()
