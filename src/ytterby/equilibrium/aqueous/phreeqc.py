"""The one door to PHREEQC: text in, the state of the liquor out. Nothing is kept between two calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ytterby.elements import reagent_mass
from ytterby.equilibrium.aqueous.database import database
from ytterby.errors import ConvergenceError, DataError, Fault

_TOLERANCE = "1e-11"
_PUNCH = f"""
KNOBS
-convergence_tolerance {_TOLERANCE}
SELECTED_OUTPUT 1
-reset false
USER_PUNCH 1
-start
10 PUNCH -LA("H+"), MU, TOT("water")
20 t = SYS("aq", n, n$, t$, x)
30 GOSUB 100
40 t = SYS("equi", n, n$, t$, x)
50 GOSUB 100
60 t = SYS("phases", n, n$, t$, x)
70 GOSUB 100
80 END
100 PUNCH n
110 FOR i = 1 TO n
120 PUNCH n$(i), x(i)
130 NEXT i
140 RETURN
-end
END
"""
_FORGET = "DELETE\n-all\nEND\n"


@dataclass(frozen=True)
class State:
    """One liquor as PHREEQC computed it."""

    ph: float
    """-log10 of the activity of H+."""
    ionic_strength: float
    """[mol/kg water]"""
    water: float
    """[kg]"""
    species: Mapping[str, float]
    """Dissolved species [mol]."""
    phases: Mapping[str, float]
    """What is left of each solid, gas and reagent [mol]."""
    saturation: Mapping[str, float]
    """log10 of ion product over solubility product, of every solid and gas that could form."""

    @property
    def moles_of_water(self) -> float:
        """[mol]; PHREEQC counts with the atomic weights of its database, which are ours."""
        return self.water / _weight_of_water()


@cache
def _weight_of_water() -> float:
    """[kg/mol]"""
    return reagent_mass("H2O")


def computed(text: str, where: str) -> tuple[State, ...]:
    """The states that ``text`` asks for, one per calculation; ConvergenceError with PHREEQC's words.

    DataError without the library. ``where`` opens the message of a fault.
    """
    library = _library()
    try:
        with _without_litter():
            library.run_string(f"{text}\nEND\n{_FORGET}")
        rows = library.get_selected_output_array()[1:]
    except Exception as error:  # the bindings raise nothing more special
        _library.cache_clear()
        library.destroy_iphreeqc()
        said = [line.strip() for line in str(error).splitlines() if line.startswith("ERROR")]
        raise ConvergenceError(
            Fault(
                where,
                read="PHREEQC: " + "; ".join(said)[:600],
                expected="a liquor in equilibrium with its solids",
                next="choose a pH further from the liquor's own or another base, or say less metal",
            )
        ) from None
    return tuple(_state(iter(row)) for row in rows)


@contextmanager
def _without_litter() -> Iterator[None]:
    """PHREEQC writes the input of a calculation that was hard into the directory it runs in: not here."""
    file = Path("error.inp")
    known = file.exists()
    try:
        yield
    finally:
        if not known:
            file.unlink(missing_ok=True)


@cache
def _library() -> Any:
    """PHREEQC with the database of this package in it: made once, of no memory between calls."""
    try:
        from phreeqpython.viphreeqc import VIPhreeqc
    except ImportError:
        raise DataError(
            Fault(
                "precipitation by pH",
                read="no phreeqpython",
                expected="the extra `plant`",
                next="pip install ytterby[plant]",
            )
        ) from None
    library = VIPhreeqc()
    library.load_database_string(database())
    if library.phc_database_error_count:
        raise DataError(Fault("database for PHREEQC", library.get_error_string(), "no error"))
    library.run_string(_PUNCH)
    return library


def _state(cells: Iterator[Any]) -> State:
    return State(
        ph=next(cells),
        ionic_strength=next(cells),
        water=next(cells),
        species=_pairs(cells),
        phases=_pairs(cells),
        saturation=_pairs(cells),
    )


def _pairs(cells: Iterator[Any]) -> dict[str, float]:
    """The next names and numbers, after their count."""
    return {next(cells): next(cells) for _ in range(int(next(cells)))}
