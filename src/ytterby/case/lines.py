"""Where the keys of a TOML text stand: ``tomllib`` reads the values but keeps no line numbers."""

from __future__ import annotations

import re
import tomllib
from typing import cast

KeyPath = tuple[str | int, ...]
"""Keys from the root down; the items of a list are counted from 0."""

_BLANK = re.compile(r"(?:\s++|#[^\n]*+)*+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]+")
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\]++|\\.)*+"'
    r"|'[^']*+'",
    re.DOTALL,
)


def key_lines(text: str) -> dict[KeyPath, int]:
    """Line, from 1, of every key and list item in a TOML text that ``tomllib`` accepts.

    A table stands where its header is, or, without a header, where its first key is.
    """
    return _Scanner(text).document()


class _Scanner:
    """Walks a valid text once, so it asks only what it needs to tell keys from values."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line, self.counted = 1, 0
        self.lines: dict[KeyPath, int] = {}
        self.headed: set[KeyPath] = set()
        self.lengths: dict[KeyPath, int] = {}
        """Number of tables so far in each array of tables."""

    def document(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._next():
            table = self._header() if self._next() == "[" else self._pair(table)
        return self.lines

    def _header(self) -> KeyPath:
        """The path of ``[table]`` or ``[[array]]``; in an array it is that of the newest table."""
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        line = self._line()
        *parents, last = self._key()
        path: KeyPath = ()
        for key in parents:
            path = self._newest((*path, key))
        path = (*path, last)
        if brackets == 2:
            self.lengths[path] = self.lengths.get(path, 0) + 1
            self._note(path, line)
            path = self._newest(path)
        self._next()
        self.at += brackets
        if path not in self.headed:
            self.headed.add(path)
            self.lines.pop(path, None)
        self._note(path, line)
        return path

    def _newest(self, path: KeyPath) -> KeyPath:
        return (*path, self.lengths[path] - 1) if path in self.lengths else path

    def _pair(self, table: KeyPath) -> KeyPath:
        """Read ``key = value`` of a table; the table comes back."""
        self._next()
        line = self._line()
        path = (*table, *self._key())
        self._note(path, line)
        self._next()
        self.at += 1  # =
        self._value(path)
        return table

    def _value(self, path: KeyPath) -> None:
        first = self._next()
        if first == "[":
            self._list(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._match(_STRING if first in "\"'" else _SCALAR)

    def _list(self, path: KeyPath) -> None:
        self.at += 1
        count = 0
        while self._next() != "]":
            item = (*path, count)
            self._note(item, self._line())
            self._value(item)
            count += 1
            self._skip_comma()
        self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while self._next() != "}":
            self._pair(path)
            self._skip_comma()
        self.at += 1

    def _skip_comma(self) -> None:
        if self._next() == ",":
            self.at += 1

    def _key(self) -> list[str]:
        """The parts of a key, from ``a."b c"`` on."""
        parts = [self._key_part()]
        while self._next() == ".":
            self.at += 1
            parts.append(self._key_part())
        return parts

    def _key_part(self) -> str:
        if self._next() not in "\"'":
            return self._match(_BARE_KEY)
        return cast(str, tomllib.loads("key = " + self._match(_STRING))["key"])

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        assert match, f"not TOML at character {self.at}"
        self.at = match.end()
        return match[0]

    def _next(self) -> str:
        """The next character that means something; empty at the end."""
        self._match(_BLANK)
        return self.text[self.at : self.at + 1]

    def _line(self) -> int:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line

    def _note(self, path: KeyPath, line: int) -> None:
        """Keep the first line of a path and of all tables above it."""
        for depth in range(len(path), 0, -1):
            if path[:depth] in self.lines:
                return
            self.lines[path[:depth]] = line
