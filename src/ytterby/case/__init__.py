"""Case files: TOML in, validated circuits out."""

from ytterby.case.reader import Case, read, read_text

__all__ = ["Case", "read", "read_text"]
