"""What falls out of an acid liquor when base brings it to a pH: fresh hydroxides, gypsum, carbonates.

The liquor and its solids are in equilibrium, computed with PHREEQC from cited constants (``database``).
Not in equilibrium, and therefore not here: rare earths and thorium that iron or aluminium hydroxide drags
down, colloids, ageing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from ytterby.datasets import Cited, Row, cited, weakest_basis
from ytterby.equilibrium.aqueous.database import (
    MASTERS,
    Constant,
    constants,
    interactions,
    matter,
)
from ytterby.equilibrium.aqueous.phreeqc import State, computed
from ytterby.errors import BalanceError, CaseError, ConvergenceError, Fault, nearest

ANIONS: Mapping[str, str] = MappingProxyType({"chloride": "Cl", "nitrate": "N", "sulfate": "S"})
"""Anions of acids by name, as elements of the database."""
METALS: tuple[str, ...] = tuple(
    name for name in MASTERS if name not in ("H", "O", "C", "Amm", "Na", *ANIONS.values())
)
"""Metals that have constants, by atomic number."""
BASES: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in ("NaOH", "MgO", "Mg(OH)2", "CaO", "Ca(OH)2")},
        **{name: name for name in ("Na2CO3", "NaHCO3", "MgCO3", "CaCO3")},
        "NH3": "Amm",
        "NH4HCO3": "AmmHHCO3",
        "(NH4)2CO3": "Amm2H2CO3",
    }
)
"""Bases by formula, and as PHREEQC reads them. Carbon dioxide leaves at 1 atm as soon as it can bubble."""
ROOM_TEMPERATURE = 298.15
"""Temperature of the constants [K]."""
STRONG = 3.5
"""Ionic strength to which interaction coefficients are meant [mol/kg water]."""
TEMPERATURES = (273.15, 373.15)
"""Between freezing and boiling [K]."""
PH = (-1.0, 13.0)
"""Range of pH that may be asked for."""

_WHERE = "precipitation by pH"
_REACHED = 1e-6
"""Difference of pH within which a target is reached."""
_CLOSURE = 1e-9
"""Most that may be missing of an element over what came in, and of charge over all charge."""
_TRACE = 1e-4
"""Share of an element in a species below which the species is not cited."""
_MAIN = 0.05
"""Molality above which an ion without interaction coefficients is named [mol/kg water]."""
_AMMINES = ("Co", "Cu", "Zn")
"""Metals whose complexes with ammonia the tables lack."""


class Verdict(Enum):
    """Why a liquor was not brought to the pH."""

    FERROUS_IRON = "ferrous_iron"
    TARGET_BELOW_LIQUOR = "target_below_liquor"
    BASE_TOO_WEAK = "base_too_weak"


@dataclass(frozen=True)
class Liquor:
    """An acid liquor per kilogram of its water; the counter-ion follows from electroneutrality."""

    metals: Mapping[str, float]
    """Total of each metal by symbol [mol/kg water]. Iron is Fe(III), uranium U(VI), manganese Mn(II)."""
    anion: str
    """One of ``ANIONS``: the anion that balances all charge."""
    acid: float | None = None
    """Protons of the free acid, those of HSO4- included [mol/kg water]. Either this or ``ph``."""
    ph: float | None = None
    """-log10 of the activity of H+."""
    sodium: float = 0.0
    """[mol/kg water]"""
    ammonium: float = 0.0
    """[mol/kg water]"""
    other_anions: Mapping[str, float] = field(default_factory=dict)
    """Further anions, by their names in ``ANIONS`` [mol/kg water]."""
    ferrous: float = 0.0
    """Fe(II), which is to be oxidised first [mol/kg water]."""


@dataclass(frozen=True)
class Solid:
    """One solid that fell out."""

    name: str
    formula: str
    moles: float
    """[mol/kg water of the liquor]"""


@dataclass(frozen=True)
class Neutralised:
    """A liquor at its new pH, per kilogram of water of the liquor before the base."""

    ph: float
    """-log10 of the activity of H+."""
    liquor_ph: float
    """Of the liquor before the base, nothing precipitated."""
    base: str
    dose: float
    """Base added, dry [mol of its formula/kg water]."""
    precipitated: Mapping[str, float]
    """Share of each metal of the liquor that is in solids [-]."""
    solids: tuple[Solid, ...]
    """What fell out, most first."""
    dissolved: Mapping[str, float]
    """What stays dissolved of each metal, those of the base included [mol/kg water of the liquor]."""
    carbon_dioxide: float
    """That left as gas [mol/kg water]."""
    saturation: Mapping[str, float]
    """log10 of ion product over solubility product of every solid that could form; 0: it did."""
    ionic_strength: float
    """[mol/kg water]"""
    temperature: float
    """[K]"""
    closure: float
    """Largest share of an element, of hydrogen or of charge that the check misses [-]."""
    notes: tuple[str, ...]
    """Where the computation leaves the range of its data."""
    sources: tuple[str, ...]
    """Keys of the sources that the result rests on."""
    basis: str
    """Weakest basis among them."""


def neutralised(
    liquor: Liquor, target_ph: float, base: str = "NH3", temperature: float = ROOM_TEMPERATURE
) -> Neutralised:
    """The liquor in equilibrium with its fresh solids at ``target_ph``, and the base that takes it there.

    CaseError for what cannot be meant; ConvergenceError if the pH cannot be reached (with a ``Verdict`` as
    its ``refusal``) or PHREEQC does not converge; BalanceError if the result does not close; DataError
    without the library.
    """
    _require_sound(liquor, target_ph, base, temperature)
    if liquor.ferrous > 0.0:
        raise _refused(
            Verdict.FERROUS_IRON,
            f"{liquor.ferrous:g} mol/kg of Fe(II)",
            "iron as Fe(III): ferrous hydroxide stays dissolved where rare earths fall out",
            "oxidise it first (air, hydrogen peroxide, chlorate) and give it as Fe",
        )
    solids = _solids(liquor, base)
    before, after, dose = _dosed(liquor, target_ph, base, temperature, solids)
    formed = _formed(after, solids)
    closure = _closure(_gaps(before, after, formed, base, dose))
    present = {*liquor.metals, *matter(base).atoms} & set(METALS)
    left = {metal: _held(after.species, metal) for metal in METALS if metal in present}
    fallen = {metal: _held(formed, metal) for metal in left}
    entries = _entries(liquor, base, after, solids)
    return Neutralised(
        ph=after.ph,
        liquor_ph=before.ph,
        base=base,
        dose=dose,
        precipitated={
            metal: fallen[metal] / (fallen[metal] + left[metal])
            for metal in left
            if liquor.metals.get(metal, 0.0) > 0.0
        },
        solids=tuple(
            Solid(name, matter(constants()[name].formula).name, moles)
            for name, moles in sorted(formed.items(), key=lambda item: -item[1])
            if constants()[name].phase == "solid"
        ),
        dissolved=left,
        carbon_dioxide=formed.get("CO2(g)", 0.0),
        saturation={name: after.saturation[name] for name in solids},
        ionic_strength=after.ionic_strength,
        temperature=temperature,
        closure=closure,
        notes=_notes(liquor, base, temperature, after, formed),
        sources=cited(entries),
        basis=weakest_basis(entries),
    )


def _dosed(
    liquor: Liquor, target_ph: float, base: str, temperature: float, solids: Iterable[str]
) -> tuple[State, State, float]:
    """The liquor as it is, at the pH, and the dose in between [mol/kg water].

    PHREEQC finds the dose itself, by a phase that holds the activity of H+ and takes the base to do so. Where
    that fails, ends at another pH or does not close, the dose is the root of pH less target: pH rises with
    every base.
    """
    opening = _opening(liquor, base, temperature, solids)
    ready = _reservoir(liquor)
    text = f"{opening}\nFix_pH {-target_ph!r} {BASES[base]} {ready!r}"
    try:
        before, after = computed(text, _WHERE)
    except ConvergenceError:
        return _by_root(opening, target_ph, base, ready)
    dose = ready - after.phases["Fix_pH"]
    exact = max(_gaps(before, after, _formed(after, solids), base, dose).values()) <= _CLOSURE
    if dose < 0.0 or abs(after.ph - target_ph) > _REACHED or not exact:
        return _by_root(opening, target_ph, base, ready)
    return before, after, dose


def _given(opening: str, base: str, dose: float) -> tuple[State, ...]:
    """The liquor as it is, and with that dose of base [mol/kg water]."""
    return computed(f"{opening}\nREACTION 1\n{BASES[base]} 1.0\n{dose!r} moles", _WHERE)


def _by_root(opening: str, target_ph: float, base: str, ready: float) -> tuple[State, State, float]:
    """As ``_dosed``, by bracketing the dose between none and all that stands ready."""
    from scipy.optimize import brentq

    def excess(dose: float) -> float:
        return _given(opening, base, dose)[-1].ph - target_ph

    if (low := excess(0.0)) > 0.0:
        raise _below(target_ph, f"that of the liquor with its solids, {target_ph + low:.2f}")
    if (high := excess(ready)) < 0.0:
        raise _too_weak(target_ph + high, target_ph, base)
    dose = float(brentq(excess, 0.0, ready, xtol=1e-12, rtol=1e-14))
    before, after = _given(opening, base, dose)
    if abs(after.ph - target_ph) > _REACHED:
        read, expected = f"pH {after.ph:.9g} at the dose found", f"pH {target_ph:.9g}"
        raise ConvergenceError(Fault(_WHERE, read, expected, next="choose another pH nearby"))
    return before, after, dose


def _opening(liquor: Liquor, base: str, temperature: float, solids: Iterable[str]) -> str:
    """What PHREEQC is to compute: the liquor as it is, then with its solids; the base is yet to come."""
    amounts = {**liquor.metals, "Na": liquor.sodium, "Amm": liquor.ammonium}
    amounts |= {ANIONS[name]: amount for name, amount in liquor.other_anions.items()}
    lines = [f"{name} {amount!r}" for name, amount in amounts.items() if amount > 0.0]
    anion = ANIONS[liquor.anion]
    if liquor.ph is None:
        # All totals are given, so electroneutrality sets the pH; 1 is where the search starts.
        lines += ["pH 1.0 charge", f"{anion} {_balancing(liquor)!r}"]
    else:
        lines += [f"pH {liquor.ph!r}", f"{anion} 1.0 charge"]
    return "\n".join(
        (
            "SOLUTION 1",
            f"temp {temperature - 273.15!r}",
            "units mol/kgw",
            *lines,
            "EQUILIBRIUM_PHASES 1",
            *(f"{name} 0.0 0.0" for name in solids),
        )
    )


def _charge(liquor: Liquor) -> float:
    """Of cations less that of the further anions [mol/kg water]."""
    cations = sum(matter(MASTERS[name]).charge * held for name, held in liquor.metals.items())
    others = sum(
        matter(MASTERS[ANIONS[name]]).charge * held for name, held in liquor.other_anions.items()
    )
    return cations + liquor.sodium + liquor.ammonium + (liquor.acid or 0.0) + others


def _balancing(liquor: Liquor) -> float:
    """Total of the anion that balances all charge [mol/kg water]."""
    return -_charge(liquor) / matter(MASTERS[ANIONS[liquor.anion]]).charge


def _reservoir(liquor: Liquor) -> float:
    """Base that stands ready: what would neutralise all acid and metals, and as much again [mol/kg water]."""
    acid = 10.0 ** -min(liquor.ph, 7.0) if liquor.ph is not None else 0.0
    return 2.0 * (abs(_charge(liquor)) + acid) + 2.0


def _solids(liquor: Liquor, base: str) -> dict[str, Constant]:
    """Solids and gases that could form of what is present, by name."""
    held = {name for name, amount in liquor.metals.items() if amount > 0.0}
    held |= {ANIONS[name] for name in (liquor.anion, *liquor.other_anions)}
    held |= set(matter(base).atoms)
    return {
        name: constant
        for name, constant in constants().items()
        if constant.phase != "aqueous" and constant.elements <= held
    }


def _held(amounts: Mapping[str, float], element: str) -> float:
    """Moles of an element in species or solids [mol]."""
    return sum(moles * _atoms(name).get(element, 0) for name, moles in amounts.items())


def _atoms(name: str) -> Mapping[str, int]:
    """Of a species or, by its name, of a solid."""
    constant = constants().get(name)
    solid = constant is not None and constant.phase != "aqueous"
    return matter(constant.formula if constant is not None and solid else name).atoms


def _formed(after: State, solids: Iterable[str]) -> dict[str, float]:
    """Moles of the solids and gases that there are, by name."""
    return {name: after.phases[name] for name in solids if after.phases[name] > 0.0}


def _gaps(
    before: State, after: State, formed: Mapping[str, float], base: str, dose: float
) -> dict[str, float]:
    """What is missing of each element over what came in, and of charge over all charge.

    Counted from the formulas of all species and solids, without PHREEQC's own totals. Oxygen, which follows
    from the others, is not counted.
    """
    gaps = {}
    names = {symbol for name in (*before.species, base) for symbol in _atoms(name)} - {"O"}
    for element in sorted(names):
        water = 2.0 if element == "H" else 0.0
        came = _held(before.species, element) + water * before.moles_of_water
        came += dose * matter(base).atoms.get(element, 0)
        went = _held(after.species, element) + water * after.moles_of_water
        went += _held(formed, element)
        gaps[element] = abs(went - came) / came if came > 0.0 else abs(went)
    charges = [matter(name).charge * moles for name, moles in after.species.items()]
    gaps["charge"] = abs(math.fsum(charges)) / sum(map(abs, charges))
    return gaps


def _closure(gaps: Mapping[str, float]) -> float:
    """Largest of the gaps; BalanceError with every one beyond 1e-9."""
    if faults := [
        Fault(
            f"{_WHERE}, {name}",
            f"{gap:.3g} of it missing or too much",
            f"at most {_CLOSURE:g}",
            next="this is a defect of the computation, please report it with the liquor",
        )
        for name, gap in gaps.items()
        if not gap <= _CLOSURE
    ]:
        raise BalanceError(faults)
    return max(gaps.values())


def _entries(
    liquor: Liquor, base: str, after: State, solids: Mapping[str, Constant]
) -> tuple[Cited, ...]:
    """Rows that the result rests on: solids, species that hold a share of an element, their coefficients."""
    totals = {
        element: _held(after.species, element)
        for element in {symbol for name in after.species for symbol in _atoms(name)} - {"H", "O"}
    }
    told = {
        name
        for name, moles in after.species.items()
        for element, number in _atoms(name).items()
        if element in totals and moles * number > _TRACE * totals[element]
    }
    rows: list[Row] = [row for constant in solids.values() for row in constant.rows]
    rows += [row for name in told if name in constants() for row in constants()[name].rows]
    rows += [pair.row for pair in interactions() if {pair.first, pair.second} <= told]
    rows += [*constants()["OH-"].rows]
    return tuple(rows)


def _notes(
    liquor: Liquor, base: str, temperature: float, after: State, formed: Mapping[str, float]
) -> tuple[str, ...]:
    """What a reader must know of this result, in words."""
    notes = []
    if after.ionic_strength > STRONG:
        notes.append(
            f"ionic strength {after.ionic_strength:.1f} mol/kg: interaction coefficients are meant up to "
            f"{STRONG:g}"
        )
    if missing := _without_coefficient(after):
        notes.append("no interaction coefficient, taken as 0: " + ", ".join(missing))
    if abs(temperature - ROOM_TEMPERATURE) > 5.0:
        held = [name for name in formed if constants()[name].enthalpy is None]
        guessed = [name for name in formed if len(constants()[name].rows) > 1]
        notes.append("interaction coefficients and complexes of rare earths are those of 25 degC")
        if held:
            notes.append("solubility as at 25 degC, no enthalpy known: " + ", ".join(held))
        if guessed:
            notes.append("enthalpy assumed as that of another solid: " + ", ".join(guessed))
    ammonia = liquor.ammonium > 0.0 or "N" in matter(base).atoms
    ammines = [metal for metal in _AMMINES if liquor.metals.get(metal, 0.0) > 0.0]
    if ammonia and ammines and after.ph > 6.0:
        notes.append("no complexes with ammonia are computed for " + ", ".join(ammines))
    if "sulfate" in (liquor.anion, *liquor.other_anions):
        notes.append(
            "double sulfates of rare earths and basic sulfates of iron and aluminium are not computed"
        )
    return tuple(notes)


def _without_coefficient(after: State) -> list[str]:
    """Pairs of main cation and main anion that the tables have no coefficient for."""
    known = {frozenset((pair.first, pair.second)) for pair in interactions()}
    main = [name for name, moles in after.species.items() if moles > _MAIN * after.water]
    return [
        f"{cation.replace('Amm', 'NH3').replace('NH3H', 'NH4')} with {anion}"
        for cation in main
        for anion in main
        if matter(cation).charge > 0 > matter(anion).charge
        and frozenset((cation, anion)) not in known
    ]


def _require_sound(liquor: Liquor, target_ph: float, base: str, temperature: float) -> None:
    """CaseError with everything that cannot be meant."""
    faults = [
        _unknown(where, name, known)
        for where, names, known in (
            ("liquor, metals", liquor.metals, METALS),
            ("liquor, anion", (liquor.anion,), ANIONS),
            ("liquor, other_anions", liquor.other_anions, ANIONS),
            ("base", (base,), BASES),
        )
        for name in names
        if name not in known
    ]
    amounts = {
        **{f"metals.{name}": held for name, held in liquor.metals.items()},
        **{f"other_anions.{name}": held for name, held in liquor.other_anions.items()},
        **{name: getattr(liquor, name) for name in ("sodium", "ammonium", "ferrous")},
        **({"acid": liquor.acid} if liquor.acid is not None else {}),
    }
    faults += [
        Fault(f"liquor, {name}", f"{held:g} mol/kg", "a finite amount, 0 or more")
        for name, held in amounts.items()
        if not 0.0 <= held < math.inf
    ]
    if (liquor.acid is None) == (liquor.ph is None):
        read = "neither" if liquor.acid is None else "both"
        faults.append(Fault("liquor, acid and ph", read, "one of the two"))
    if liquor.anion in liquor.other_anions:
        read = f"{liquor.anion} twice"
        faults.append(Fault("liquor, other_anions", read, "anions beside the one that balances"))
    for where, value, (low, high), unit in (
        ("target_ph", target_ph, PH, ""),
        ("liquor, ph", target_ph if liquor.ph is None else liquor.ph, PH, ""),
        ("temperature", temperature, TEMPERATURES, " K"),
    ):
        if not low <= value <= high:
            faults.append(Fault(where, f"{value:g}{unit}", f"{low:g} to {high:g}{unit}"))
    if faults:
        raise CaseError(faults)
    if liquor.ph is None and _balancing(liquor) <= 0.0:
        raise CaseError(
            Fault(
                f"liquor, {liquor.anion}",
                f"{_balancing(liquor):g} mol/kg, from the charge of all other ions",
                "more than 0",
                next="give metals or free acid, or less of the other anions",
            )
        )


def _unknown(where: str, name: str, known: Iterable[str]) -> Fault:
    return Fault(where, name, "one of: " + ", ".join(known), nearest(name, known))


def _below(target_ph: float, own: str) -> ConvergenceError:
    return _refused(
        Verdict.TARGET_BELOW_LIQUOR,
        f"a target of pH {target_ph:g}",
        f"a pH above {own}",
        "raise the target; a liquor already above it needs acid, not base",
    )


def _too_weak(reached: float, target_ph: float, base: str) -> ConvergenceError:
    return _refused(
        Verdict.BASE_TOO_WEAK,
        f"pH {reached:.2f} with as much {base} as dissolves",
        f"pH {target_ph:g}",
        "lower the target or take a stronger base, such as NaOH",
    )


def _refused(verdict: Verdict, read: str, expected: str, cure: str) -> ConvergenceError:
    return ConvergenceError(Fault(_WHERE, read, expected, next=cure), verdict)
