"""Tables of a result: plain text cells with units and basis, ready for any face to place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ytterby.circuit.solved import OutOfRange, SolvedCircuit, SolvedTrain
from ytterby.elements import acid_mass, by_extraction_order, element, reagent_mass
from ytterby.materials import Stream, is_rare_earth
from ytterby.quantities import show

NEGLIGIBLE = 1e-12
"""Smaller numbers are shown as "<1e-12"; documents keep them."""
NEARLY_ALL = 99.9999
"""Percent from which a share that is not whole is shown as more than that."""
WHOLE = 1e-13
"""What a whole share may lack by rounding."""
Basis = Literal["reo", "metal", "mol"]
"""What is weighed: oxides as traded, metals, or amounts."""


@dataclass(frozen=True)
class Table:
    """Rows of text below one header; the first column names the row.

    Units stand in ``units``, column by column, or row by row in a second column called "unit".
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    units: tuple[str, ...] = ()
    """Of the columns, "" for one without; empty: no column has one."""

    def units_row(self) -> tuple[str, ...]:
        """The unit of every column, "" where it has none."""
        return self.units or ("",) * len(self.header)

    def heads(self) -> tuple[str, ...]:
        """What stands above each column in one line: name, unit."""
        named = zip(self.header, self.units_row(), strict=True)
        return tuple(", ".join(filter(None, parts)) for parts in named)

    def numeric(self) -> tuple[bool, ...]:
        """Whether a column is one of numbers: more than half of what stands in it."""
        columns = (list(filter(None, cells)) for cells in zip(*self.rows, strict=True))
        return tuple(2 * sum(map(is_number, cells)) > len(cells) for cells in columns)


@dataclass(frozen=True)
class _Scale:
    """How a basis turns a stream into numbers."""

    unit: str
    per_mole: Callable[[str], float]
    words: str


_SCALES: dict[Basis, _Scale] = {
    "reo": _Scale("kg/h", lambda s: element(s).oxide_molar_mass, "as oxides as traded"),
    "metal": _Scale("kg/h", lambda s: element(s).atomic_weight, "as metal"),
    "mol": _Scale("mol/h", lambda _: 1.0, "as amount"),
}


NO_ACTIVITY = "activity coefficients not modelled"


def circuit_in_words(solved: SolvedCircuit) -> str:
    """How a circuit was solved, in one sentence."""
    circuit = solved.circuit
    return (
        f"Circuit {circuit.name}: {solved.verdict.value}, {circuit.stages} stages, "
        f"{circuit.equilibrium}{terms_in_words(circuit.terms)}, {solved.steps} Newton steps"
    )


def terms_in_words(terms: Sequence[str]) -> str:
    """What follows the name of a parameter set: the terms that are switched on, if any."""
    return f" with {', '.join(terms)}" if terms else ""


def basis_in_words(solved: SolvedCircuit) -> str:
    """What a circuit rests on beside its sources: assumptions, weakest basis, what is not modelled."""
    activity = "activity coefficients only by the terms" if solved.circuit.terms else NO_ACTIVITY
    weakest = f"Weakest basis: {solved.weakest_basis}. Phase volumes constant; {activity}."
    return "\n".join([*assumed_in_words(solved.assumptions), weakest])


def assumed_in_words(assumptions: Iterable[str]) -> list[str]:
    """Assumptions as sentences that say what they are."""
    return [f"Assumed, not data: {it}." for it in assumptions]


def train_in_words(solved: SolvedTrain) -> str:
    """How a train was solved, in one sentence."""
    return (
        f"Train {solved.train.name}: {', '.join(solved.circuits)}, solved together in "
        f"{solved.steps} Newton steps"
    )


def stream_table(solved: SolvedCircuit, basis: Basis = "reo") -> Table:
    """Streams across, elements down (extraction order), totals, and how well each element closes."""
    scale = _SCALES[basis]
    streams = shown_streams(solved)
    fluid = [
        ("phase", "", *[stream.phase for stream in streams], ""),
        ("flow", "m3/h", *[number(stream.flow) for stream in streams], ""),
        ("acid", "mol/L", *[_acid(stream) for stream in streams], ""),
    ]
    symbols = by_extraction_order(solved.circuit.elements)
    rows = [
        (
            symbol,
            scale.unit,
            *[number(stream.moles(symbol) * scale.per_mole(symbol)) for stream in streams],
            f"{solved.closure[symbol]:.0e}",
        )
        for symbol in symbols
    ]
    counted = [symbol for symbol in symbols if is_rare_earth(symbol)]
    totals = [
        sum(stream.moles(symbol) * scale.per_mole(symbol) for symbol in counted)
        for stream in streams
    ]
    total = ("total REE", scale.unit, *map(number, totals), f"{max(solved.closure.values()):.0e}")
    return Table(
        f"Streams of {solved.circuit.name}, {scale.words}",
        ("", "unit", *[stream.name for stream in streams], "closure"),
        (*fluid, *rows, total),
        "closure: largest imbalance of the element on any stage or over the circuit, "
        "over max(feed, 1e-4 x largest internal flow)",
    )


def shown_streams(solved: SolvedCircuit) -> list[Stream]:
    """The streams of a circuit; an outlet that is given away in full is none."""
    return [stream for stream in solved.streams.values() if stream.flow > 0]


def outlet_table(solved: SolvedCircuit) -> Table:
    """Per outlet: TREO, and for each element its purity on REO basis and its recovery."""
    outlets = [solved.streams[name] for name in solved.outlets]
    header = ["", "unit"]
    for outlet in outlets:
        header += [f"{outlet.name}: purity", f"{outlet.name}: recovery"]
    rows = []
    for symbol in by_extraction_order(solved.circuit.elements):
        cells = [symbol, "%"]
        for outlet in outlets:
            purity = outlet.purity_reo(symbol) if is_rare_earth(symbol) else math.nan
            cells += [percent(purity), percent(solved.recovery(symbol, outlet.name))]
        rows.append(tuple(cells))
    return Table(
        f"Outlets of {solved.circuit.name}",
        tuple(header),
        tuple(rows),
        "purity: share of the stream's TREO by mass, oxides as traded; recovery: out / fed",
    )


def stage_table(solved: SolvedCircuit) -> Table:
    """Stage by stage: section, pH, acid, loading, total metals in both phases."""
    profiles = solved.profiles
    extractant = solved.circuit.organic.extractant
    rows = [
        (
            str(stage + 1),
            section,
            "" if math.isnan(profiles.ph[stage]) else f"{profiles.ph[stage]:.3f}",
            "" if math.isnan(profiles.acid[stage]) else number(profiles.acid[stage] / 1000),
            percent(1 - profiles.free_extractant[stage] / extractant),
            number(profiles.aqueous[stage].sum() / 1000),
            number(profiles.organic[stage].sum() / 1000),
            number(profiles.oa_ratio[stage]),
        )
        for stage, section in enumerate(solved.circuit.section_of_stage())
    ]
    return Table(
        f"Stages of {solved.circuit.name}, numbered along the organic",
        ("stage", "section", "pH", "[H+]", "loading", "aqueous", "organic", "oa_ratio"),
        tuple(rows),
        "pH: -log10 [H+] in mol/L; loading: share of the extractant bound to metal; "
        "aqueous, organic: all metals; oa_ratio: organic over aqueous by volume",
        ("", "", "", "mol/L", "%", "mol/L", "mol/L", ""),
    )


def consumption_table(solved: SolvedCircuit) -> Table:
    """Reagents from outside, pure (100 %), also per kg of oxides fed."""
    used = solved.consumption
    acid, base = acid_mass(used.acid_reagent), reagent_mass(used.base_reagent)
    treo = sum(solved.streams[name].treo() for name in solved.inlets)
    lines = (
        (f"{used.base_reagent}, saponification", used.base, base),
        (f"{used.acid_reagent}, scrub", used.scrub_acid, acid),
        (f"{used.acid_reagent}, strip", used.strip_acid, acid),
        *([(f"{used.acid_reagent}, wash", used.wash_acid, acid)] if used.wash_acid else []),
    )
    rows = tuple(
        (
            name,
            number(moles),
            number(moles * mass),
            number(moles * mass / treo) if treo > 0 else "",
        )
        for name, moles, mass in lines
    )
    return Table(
        f"Reagents of {solved.circuit.name}",
        ("reagent, 100 %", "amount", "mass", "mass per TREO fed"),
        rows,
        "acid by its H+; water not counted",
        ("", "mol/h", "kg/h", "kg/kg"),
    )


def range_table(solved: SolvedCircuit) -> Table:
    """Quantities that left the range their constants were established for."""
    return extrapolation_table(solved.out_of_range)


def extrapolation_table(items: Sequence[OutOfRange]) -> Table:
    """The same of any list of such quantities."""
    rows = tuple(
        (
            item.section,
            item.quantity.replace("_", " "),
            _span(item.reached, item),
            _span(item.valid, item),
        )
        for item in items
    )
    header = ("section", "quantity", "reached", "constants hold for")
    return Table("Extrapolated: outside the range of the constants", header, rows)


def transfer_table(solved: SolvedTrain) -> Table:
    """What goes from circuit to circuit of a train: from where, to where, how much."""
    rows = []
    for transfer, stream in solved.transfers.items():
        place = transfer.place
        rows.append(
            (
                f"{transfer.outlet} of {transfer.source}",
                f"{transfer.target}, {place.section} stage {place.stage}",
                percent(transfer.share),
                number(stream.flow),
                number(stream.treo()),
            )
        )
    return Table(
        f"Transfers of train {solved.train.name}",
        ("transfer", "to", "share", "flow", "TREO"),
        tuple(rows),
        units=("", "", "%", "m3/h", "kg/h"),
    )


def _span(limits: tuple[float, float], item: OutOfRange) -> str:
    """Low to high in the units people use."""
    if not item.unit:
        return f"{limits[0]:.3g} to {limits[1]:.3g}"
    dimension = "temperature" if item.unit == "K" else "concentration"
    low, high = (show(value, dimension, digits=3) for value in limits)
    return f"{low} to {high}"


def _acid(stream: Stream) -> str:
    """[H+] in mol/L; blank for an organic, and where the model has no acid."""
    if stream.acid is None or math.isnan(stream.acid):
        return ""
    return number(stream.acid / 1000.0)


def is_number(cell: str) -> bool:
    """Whether a cell shows a number, a bound such as ``<1e-12`` included."""
    try:
        float(cell.lstrip("<>").replace(",", ""))
    except ValueError:
        return False
    return True


def number(value: float) -> str:
    """Four significant digits, three beside a power of ten.

    Exact zero is 0; what no one could measure is shown as below a bound.
    """
    if value == 0:
        return "0"
    size = abs(value)
    if size < NEGLIGIBLE:
        return f"<{NEGLIGIBLE:.0e}"
    if size < 1e-3 or size >= 1e6:
        return f"{value:.2e}"
    return f"{value:.4g}" if size < 9999.5 else f"{value:.0f}"


def percent(share: float) -> str:
    """A share as percent with enough nines to tell purities apart; 100 only for all but rounding."""
    if math.isnan(share):
        return ""
    value = 100 * share
    if abs(value) < NEGLIGIBLE:
        return number(value)
    if NEARLY_ALL + 5e-5 <= value < 100 * (1 - WHOLE):
        return f">{NEARLY_ALL}"
    return f"{value:.4f}" if value >= 0.01 else f"{value:.1e}"
