"""Audits that a case file asks for: a set of claims, what is changed in it, figures computed elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ytterby.case.check import FAULTY, is_good
from ytterby.case.faults import Faults
from ytterby.case.lines import KeyPath
from ytterby.errors import DataError, nearest
from ytterby.quantities import quoted

if TYPE_CHECKING:  # the room of the audit loads numerics, which most case files do not need
    from ytterby.audit import AuditTask, Claim, ClaimSet, Figure, Range

SET_FILE = ".toml"
"""How the file of a set of claims of one's own ends."""


@dataclass(frozen=True)
class AuditPlan:
    """One audit of a case file: names resolved, nothing judged."""

    name: str
    task: AuditTask
    changed: tuple[str, ...]
    """Claims and ranges that are not as the set has them."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography behind claims, ranges and feeds."""
        from ytterby.audit.baskets import baskets

        claims = self.task.claims
        found = {it.source for it in claims.claims.values()}
        found |= {it.source for it in claims.ranges.values()}
        found |= {it.source for it in claims.relations.values()}
        found |= {it.source for it in baskets(claims, self.task.feeds).values()}
        return tuple(sorted(found - {"GAP", "DERIVED"}, key=str.casefold))


def read_audits(checked: Mapping[str, Any], faults: Faults) -> dict[str, AuditPlan]:
    """The audits of a checked file by name; one that has a fault, which is noted, is left out."""
    entries = checked["audits"] if is_good(checked["audits"]) else {}
    found = {
        name: _Reader(name, entry, faults).plan()
        for name, entry in entries.items()
        if entry is not FAULTY
    }
    return {name: plan for name, plan in found.items() if plan is not None}


@dataclass(frozen=True)
class _Reader:
    """Reads one audit."""

    name: str
    entry: Mapping[str, Any]
    faults: Faults

    @property
    def path(self) -> KeyPath:
        """Of its table."""
        return ("audits", self.name)

    def plan(self) -> AuditPlan | None:
        """The audit; None if it has a fault."""
        from ytterby.audit import AuditTask
        from ytterby.audit.read_set import with_claims

        before = len(self.faults.found)
        claims = self._set()
        if claims is None:
            return None
        changed = self._changed(claims)
        ranges = self._ranges(claims)
        figures = self._figures(claims)
        self._check_feeds(claims)
        whole = FAULTY not in self.entry.values()
        if len(self.faults.found) > before or not whole:
            return None
        dropped = set(self.entry["drop"] or ())
        kept = {id: changed.get(id, it) for id, it in claims.claims.items() if id not in dropped}
        found = replace(with_claims(claims, kept), ranges={**claims.ranges, **ranges})
        feeds = self.entry["feeds"]
        task = AuditTask(
            claims=found,
            figures=tuple(figures),
            feeds=None if feeds is None else tuple(feeds),
            draws=self.entry["draws"],
            seed=self.entry["seed"],
        )
        return AuditPlan(self.name, task, (*changed, *sorted(dropped), *ranges))

    def _set(self) -> ClaimSet | None:
        """The shipped set, or that of a file beside the case; None if it has a fault."""
        from ytterby.audit import read_set, shipped_set

        named, path = self.entry["claims"], (*self.path, "claims")
        if named is FAULTY:
            return None
        try:
            if not named.endswith(SET_FILE):
                return shipped_set(named)
            file = self.faults.directory / named
            if file.is_file():
                return read_set(file.parent, file.name.removesuffix(SET_FILE))
        except DataError as error:
            if named.endswith(SET_FILE):
                self.faults.beside(path, error)
            else:
                self.faults.take(path, error)
            return None
        beside = nearest(named, (it.name for it in self.faults.directory.glob("*" + SET_FILE)))
        expected = "a set of claims beside the case file, or the name of a shipped one"
        self.faults.add(path, f"{quoted(named)}: no such file", expected, nearest=beside)
        return None

    def _known(self, key: str, named: str, known: Mapping[str, Any], what: str) -> bool:
        if named in known:
            return True
        path = (*self.path, key) if key == "drop" else (*self.path, key, named)
        close = nearest(named, known)
        next = f"write {close}" if close else "see `ytterby audit` for their names"
        self.faults.add(path, quoted(named), what, nearest=close, next=next)
        return False

    def _tables(self, key: str) -> dict[str, Mapping[str, Any]]:
        """Tables below one key that were read without fault."""
        entries = self.entry[key] if is_good(self.entry[key]) else {}
        return {
            name: entry
            for name, entry in entries.items()
            if entry is not FAULTY and FAULTY not in entry.values()
        }

    def _changed(self, claims: ClaimSet) -> dict[str, Claim]:
        """Claims with other values; a tolerance that is not given keeps its width."""
        for named in self.entry["drop"] if is_good(self.entry["drop"]) else ():
            self._known("drop", named, claims.claims, "the id of a claim of the set")
        found = {}
        for named, entry in self._tables("change").items():
            if self._known("change", named, claims.claims, "the id of a claim of the set"):
                found[named] = self._claim(claims.claims[named], entry)
        return found

    def _claim(self, claim: Claim, entry: Mapping[str, Any]) -> Claim:
        from ytterby.audit.read_set import claim_faults

        value = claim.value if entry["value"] is None else float(entry["value"])
        low, high = claim.low + value - claim.value, claim.high + value - claim.value
        low = max(low, 0.0) if math.isfinite(low) and claim.low >= 0.0 <= value else low
        found = replace(
            claim,
            value=value,
            low=low if entry["low"] is None else float(entry["low"]),
            high=high if entry["high"] is None else float(entry["high"]),
            note=entry["says"] or f"changed in the case from {claim.value:g}",
        )
        path = (*self.path, "change", claim.id)
        for read, expected in claim_faults(found, {}):
            self.faults.add(path, read, expected, next="mend value, low and high")
        return found

    def _ranges(self, claims: ClaimSet) -> dict[str, Range]:
        from ytterby.audit.read_set import range_faults

        found = {}
        for named, entry in self._tables("ranges").items():
            if not self._known("ranges", named, claims.ranges, "the name of a range of the set"):
                continue
            known = claims.ranges[named]
            low, typical, high = (
                getattr(known, key) if entry[key] is None else float(entry[key])
                for key in ("low", "typical", "high")
            )
            note = entry["says"] or "changed in the case"
            found[named] = replace(
                known, low=low, typical=typical, high=high, basis="assumed", note=note
            )
            for read, expected in range_faults(found[named]):
                path = (*self.path, "ranges", named)
                self.faults.add(path, read, expected, next="give all three")
        return found

    def _figures(self, claims: ClaimSet) -> list[Figure]:
        from ytterby.audit import Figure

        found = []
        for named, entry in self._tables("computed").items():
            if not self._known("computed", named, claims.claims, "the id of a claim of the set"):
                continue
            claim, path = claims.claims[named], (*self.path, "computed", named)
            if entry["unit"] != claim.unit:
                expected = f"{quoted(claim.unit)}, the unit of the claim"
                self.faults.add((*path, "unit"), quoted(entry["unit"]), expected)
            found.append(Figure(named, float(entry["value"]), entry["unit"], entry["source"]))
        return found

    def _check_feeds(self, claims: ClaimSet) -> None:
        from ytterby.audit.baskets import baskets

        if not is_good(self.entry["feeds"]):
            return
        for number, named in enumerate(self.entry["feeds"]):
            try:
                baskets(claims, (named,))
            except DataError as error:
                self.faults.take((*self.path, "feeds", number), error)
