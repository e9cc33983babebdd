"""What was announced about a plant, judged by what its study computes.

A claim agrees where every reading of the computed figure lies within the claim's tolerance, contradicts where
every reading lies outside on one side, and cannot be judged where readings differ, the figure's own range
crosses the tolerance, or nothing here computes it. Nothing is fitted: a figure that misses by little misses.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ytterby.audit import Claim, ClaimSet, Figure, shipped_set
from ytterby.audit.claims import HISTORY
from ytterby.audit.vocabulary import PRODUCTS
from ytterby.datasets.process import parameter
from ytterby.elements import element
from ytterby.errors import CaseError, Fault
from ytterby.materials import species
from ytterby.quantities import quoted
from ytterby.study.footprint import Footprint, footprint, is_magnet
from ytterby.study.plant import PlantStudy
from ytterby.study.tracing import traced_element
from ytterby.unitops.contract import assumed

Verdict = Literal["agrees", "contradicts", "cannot be judged"]
ROUNDING = 1e-9
"""Relative width by which a figure may pass the end of a tolerance: that of sums of floats."""
PEOPLE_PER_POST = assumed(
    5.0, 4.5, 5.5, "people", "8760 h a year over 1600 to 1950 h that one person works, as in France"
)
"""People on the payroll for a post that is kept at every hour."""
PLANT_RESULT = "ytterby.plant-result"
"""Format of the document that figures may be read from."""
SET, MADE = "set in the case", "made from the claims"
"""Why a figure is no evidence."""
OUTPUTS = (
    *(f"{name}_out" for name in (*PRODUCTS, "ndpr", "dytb")),
    *("four_oxides_out", "other_oxides_out", "oxides_out", "recycled_oxides_out"),
    "recycled_dytb_out",
)
"""Quantities that follow from what is fed."""
GROUPS: Mapping[str, tuple[str, ...]] = {
    **{f"{name}_out": (symbol,) for name, symbol in PRODUCTS.items()},
    "ndpr_out": ("Nd", "Pr"),
    "dytb_out": ("Dy", "Tb"),
    "four_oxides_out": ("Nd", "Pr", "Dy", "Tb"),
}
"""Elements that a quantity weighs in all products."""


@dataclass(frozen=True)
class Computed:
    """One reading of a figure."""

    reading: str
    """In words; empty where there is only one."""
    value: float
    low: float
    high: float
    """inf where the figure is a part of what is claimed."""
    unit: str
    how: str


@dataclass(frozen=True)
class JudgedClaim:
    """A claim beside what the plant computes of it."""

    claim: Claim
    computed: tuple[Computed, ...]
    verdict: Verdict
    no_evidence: str
    """Why agreement says nothing; empty where it does."""
    remark: str

    @property
    def figure(self) -> Figure:
        """The reading nearest to the claim; of one that is judged."""
        it = min(self.computed, key=lambda one: abs(one.value - self.claim.value))
        how = ", ".join(filter(None, (it.how, it.reading)))
        return Figure(self.claim.id, it.value, it.unit, how)


@dataclass(frozen=True)
class JudgedPlant:
    """All current claims of a set."""

    claims: ClaimSet
    judged: tuple[JudgedClaim, ...]
    """In the order of the set."""
    made_from: tuple[str, ...]
    """Materials fed that were made from these claims."""

    @property
    def asked(self) -> tuple[JudgedClaim, ...]:
        """Claims that the plant bears on."""
        return tuple(it for it in self.judged if it.computed or it.remark)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What an audit may take for computed: of each claim judged on evidence the reading nearest to it.

        A figure below zero, such as a saving that is none, is left out: an audit knows quantities from zero.
        """
        return tuple(
            it.figure
            for it in self.judged
            if it.verdict != "cannot be judged" and not it.no_evidence and it.figure.value >= 0.0
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the claims shown and of what they are compared with."""
        found = {it.claim.source for it in self.asked} | {PEOPLE_PER_POST.source}
        return tuple(sorted(found, key=str.casefold))


def judge_plant(study: PlantStudy, name: str, made: Footprint | None = None) -> JudgedPlant:
    """Every current claim of the shipped set of that name, judged; DataError if there is no such set."""
    claims = shipped_set(name)
    made_from = tuple(
        material
        for it in study.plan.feeds
        for material in it.blend
        if material in claims.without_feeds
    )
    judge = _Judge(study, claims, made or footprint(study), made_from)
    judged = tuple(judge.claim(it) for it in claims.claims.values() if it.status != HISTORY)
    return JudgedPlant(claims, judged, made_from)


def verdict(computed: Sequence[Computed], claim: Claim) -> Verdict:
    """Agrees where all readings do, contradicts where all lie on one side, each with its whole range.

    Between readings on either side lies one that would agree, so together they judge nothing.
    """
    sides = {_side(it, claim) for it in computed}
    if sides == {0}:
        return "agrees"
    return "contradicts" if sides in ({-1}, {1}) else "cannot be judged"


def _side(it: Computed, claim: Claim) -> int | None:
    """Of the claim: -1 below it, 0 within its tolerance, 1 above; None where the range crosses an end."""
    slack = ROUNDING * max(abs(it.value), abs(claim.value))
    if claim.low - slack <= it.low and it.high <= claim.high + slack:
        return 0
    if it.high < claim.low - slack:
        return -1
    return 1 if it.low > claim.high + slack else None


@dataclass(frozen=True)
class StoredFigures:
    """Figures that a result file hands to an audit."""

    file: Path
    claims: str
    """Name of the set that they belong to."""
    figures: tuple[Figure, ...]


def stored_figures(file: Path) -> StoredFigures:
    """Figures of the document of a plant that was held against claims; CaseError if it is none such."""
    where, expected = (
        str(file),
        "a result.json that `ytterby run` wrote of a case with plant.claims",
    )
    try:
        document = json.loads(file.read_text("utf-8"))
        if document["format"] != PLANT_RESULT:
            raise CaseError(Fault(where, f"the format {quoted(document['format'])}", expected))
        announcement = document["announcement"]
        if announcement is None:
            raise CaseError(Fault(where, "a plant that was held against no claims", expected))
        figures = tuple(Figure(**it) for it in announcement["figures"])
        return StoredFigures(file, str(announcement["claims"]), figures)
    except OSError as error:
        raise CaseError(Fault(where, error.strerror or str(error), expected)) from None
    except (ValueError, KeyError, TypeError) as error:
        raise CaseError(Fault(where, f"{type(error).__name__}: {error}", expected)) from None


@dataclass(frozen=True)
class _Judge:
    """Computes and judges."""

    study: PlantStudy
    claims: ClaimSet
    footprint: Footprint
    made_from: tuple[str, ...]

    def claim(self, claim: Claim) -> JudgedClaim:
        """One claim; without figure if nothing computes it."""
        computed = self._share(claim) if claim.per else self._computed(claim, claim.quantity)
        computed = tuple(it for it in computed if math.isfinite(it.value))
        return JudgedClaim(
            claim=claim,
            computed=computed,
            verdict=verdict(computed, claim),
            no_evidence=self._no_evidence(claim) if computed else "",
            remark=self._remark(claim),
        )

    def _no_evidence(self, claim: Claim) -> str:
        if claim.quantity in ("magnets_in", "concentrates_in"):
            return SET
        return MADE if self.made_from and claim.quantity in OUTPUTS else ""

    def _remark(self, claim: Claim) -> str:
        """What a reader must know of the figure, or why there is none."""
        made = self.footprint
        if claim.quantity == "co2_saving":
            low, usual, high = (made.per_oxide(it) for it in made.total)
            base = usual / (1.0 - claim.value)
            return (
                f"the plant: {usual:.3g} ({low:.3g} to {high:.3g}) kg CO2e per kg of oxides sold, gate "
                f"to gate with energy and reagents; no figure of the recyclers meant is published. It would "
                f"hold against {base:.3g} kg/kg in the same bounds"
            )
        if claim.quantity == "liquid_effluent":
            return "of this flowsheet; liquors that leave as by-product or residue are not counted in it"
        if claim.quantity == "water_saving":
            return (
                "held against recalled waste water of chloride plants without a closed loop, per t of "
                "oxides, since no figure of the recyclers meant is published"
            )
        if claim.quantity == "co2_recycled_share":
            return (
                "share of what would leave that units draw again; by settings of capture and demand"
            )
        if claim.quantity == "staff_at_opening":
            return "people in shifts are a part of all: laboratory, upkeep and office work by day"
        if claim.quantity == "staff_now":
            return "before the plant runs"
        if claim.id in self._set_aside():
            return f"set aside in the reading {self.claims.first_reading}"
        return ""

    def _set_aside(self) -> tuple[str, ...]:
        return self.claims.readings[self.claims.first_reading].without

    def _share(self, claim: Claim) -> tuple[Computed, ...]:
        """Of one quantity in another, where both have one reading."""
        parts, wholes = self._computed(claim, claim.quantity), self._computed(claim, claim.per)
        if len(parts) != 1 or len(wholes) != 1 or not wholes[0].value > 0.0:
            return ()
        share = parts[0].value / wholes[0].value
        how = f"{parts[0].how}, over {wholes[0].how}"
        return (Computed("", share, share, share, "1", how),)

    def _computed(self, claim: Claim, quantity: str) -> tuple[Computed, ...]:
        """Readings of a quantity; none where the plant says nothing of it."""
        if quantity in ("magnets_in", "concentrates_in"):
            return (self._fed(quantity == "magnets_in"),)
        if quantity in OUTPUTS:
            return (self._sold(claim, quantity),)
        methods = {
            "liquid_effluent": self._effluent,
            "water_saving": self._water_saving,
            "co2_recycled_share": self._recycled_gas,
            "staff_at_opening": self._staff,
            "boron_out": self._boron,
            "ammonium_nitrate_out": self._salt,
        }
        return methods[quantity]() if quantity in methods else ()

    # --- quantities

    def _yearly(self, flow: float) -> float:
        """Of an hourly mass [kg/h] in a year [t]."""
        return flow * self.study.hours / 1000.0

    def _fed(self, magnets: bool) -> Computed:
        mass = math.fsum(
            it.yearly * share / 1000.0
            for it in self.study.plan.feeds
            for name, share in it.blend.items()
            if is_magnet(name) == magnets
        )
        return _exact(mass, "t/y", "dry feed of the case")

    def _sold(self, claim: Claim, quantity: str) -> Computed:
        """Mass in all products sold to a specification, weighed as the first reading weighs the claim."""
        reading = self.claims.readings[self.claims.first_reading]
        metal = claim.stated_as in ("list", "repeats list") and reading.list_as == "metal"
        everything = {symbol for it in self.study.products for symbol in it.flow.rare_earths()}
        four = GROUPS["four_oxides_out"]
        symbols: Sequence[str] = GROUPS.get(quantity, tuple(sorted(everything)))
        if quantity == "other_oxides_out":
            symbols = tuple(sorted(everything - set(four)))
        weighed = "metal" if metal else "oxides as traded"
        if quantity.startswith("recycled"):
            symbols = four if quantity == "recycled_oxides_out" else GROUPS["dytb_out"]
            mass = math.fsum(
                self._of_magnets(symbol) * _per_mole(symbol, metal) for symbol in symbols
            )
            how = f"{weighed} in all products that came with magnets, every unit mixing what enters it"
        else:
            mass = math.fsum(
                it.flow.of(symbol) * _per_mole(symbol, metal)
                for it in self.study.products
                for symbol in symbols
            )
            how = f"{weighed} in all products sold to a specification"
        return _exact(self._yearly(mass), "t/y", how)

    def _of_magnets(self, symbol: str) -> float:
        """Of an element in all products that came with magnets [mol/h]."""
        ends = {it.product.end for it in self.study.products}
        shares = {
            it.name: math.fsum(share for name, share in it.blend.items() if is_magnet(name))
            for it in self.study.plan.feeds
        }
        return math.fsum(
            moles * shares.get(feed, 0.0)
            for it in traced_element(self.study.balance, symbol)
            if it.stream.end in ends
            for feed, moles in it.by_origin.items()
        )

    def _effluent(self) -> tuple[Computed, ...]:
        left = self.footprint.of("effluent")
        if any(it.volume is None for it in left):
            return ()
        hours = self.study.hours
        every = hours * math.fsum(it.volume or 0.0 for it in left)
        salty = hours * math.fsum(it.volume or 0.0 for it in left if not it.clean)
        return (
            _exact(every, "m3/y", "all liquors that leave as effluent", "with clean condensate"),
            _exact(salty, "m3/y", "effluents that are not water but for traces", "without it"),
        )

    def _water_saving(self) -> tuple[Computed, ...]:
        base = parameter("effluent", "wastewater_volume").to("m3/t")
        found = []
        for effluent in self._effluent():
            per_tonne = effluent.value / self._yearly(self.footprint.product_reo or math.nan)
            saved = [1.0 - per_tonne / it for it in (base.low, base.value, base.high) if it]
            if len(saved) == 3:
                how = f"1 - {per_tonne:.3g} m3/t over {base.low:g} to {base.high:g} m3/t"
                low, usual, high = saved
                found.append(Computed(effluent.reading, usual, low, high, "1", how))
        return tuple(found)

    def _recycled_gas(self) -> tuple[Computed, ...]:
        made = self.footprint
        again, gone = made.carbon_dioxide_returned, made.carbon_dioxide
        if not again + gone > 0.0:
            return ()
        own = again / (again + gone)
        low, usual, high = (again / (again + gone + it) for it in reversed(made.fuel))
        how = "carbon dioxide drawn from the plant's own, over it and what leaves by the stack"
        fuel = Computed(
            "of the process and of fuel burned", usual, low, high, "1", f"{how}, with that of fuel"
        )
        return (_exact(own, "1", how, "of the process"), fuel)

    def _staff(self) -> tuple[Computed, ...]:
        posts = math.fsum(it.posts for it in self.study.drivers.values())
        factor = PEOPLE_PER_POST
        usual, least = factor.typical("people") * posts, (factor.low or 0.0) * posts
        how = f"{posts:.4g} posts, {factor.value:g} ({factor.low:g} to {factor.high:g}) people each; at least"
        return (Computed("in shifts", usual, least, math.inf, "people", how),)

    def _boron(self) -> tuple[Computed, ...]:
        flows = [it.flow for it in self.study.balance.streams if it.kind == "by-product"]
        moles = math.fsum(it.of("B") for it in flows)
        whole = self._yearly(math.fsum(it.mass() for it in flows if it.of("B") > 0.0))
        mass = self._yearly(moles * species("H3BO3").molar_mass)
        how = "boron in by-products, as boric acid"
        share = f", {100.0 * mass / whole:.2g} % of the streams that hold it" if whole > 0.0 else ""
        return (_exact(mass, "t/y", how + share),)

    def _salt(self) -> tuple[Computed, ...]:
        flows = [it.flow for it in self.study.balance.streams if it.kind == "by-product"]
        moles = math.fsum(it.moles("NH4NO3") for it in flows)
        mass = self._yearly(moles * species("NH4NO3").molar_mass)
        return (_exact(mass, "t/y", "ammonium nitrate crystals in by-products"),)


def _exact(value: float, unit: str, how: str, reading: str = "") -> Computed:
    """A figure that the solved plant gives without a range of its own."""
    return Computed(reading, value, value, value, unit, how)


def _per_mole(symbol: str, metal: bool) -> float:
    """[kg/mol]"""
    return element(symbol).atomic_weight if metal else element(symbol).oxide_molar_mass
