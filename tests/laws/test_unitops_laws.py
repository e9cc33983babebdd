"""What every operation from reception to boron keeps, for any feed: matter, charge, proportion.

A balance that does not close is refused when it is made, so the sums here are taken apart from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ytterby.errors import CaseError
from ytterby.materials import Flow, ion, species
from ytterby.unitops import (
    Balance,
    BoronRecovery,
    Demagnetisation,
    Dissolution,
    FeedGate,
    HydrogenDecrepitation,
    ImpurityRemoval,
    Milling,
    Operation,
    OxidativeRoast,
    Reception,
    SelectiveLeach,
    SideMetals,
    UraniumRemoval,
)
from ytterby.unitops.solids import Filter, dissolution, oxidation, oxide_of

METALS = ("Nd", "Pr", "Dy", "Tb", "Ce", "Gd", "Y")
CLOSED = 1e-11
"""Largest gap of an element over what passes of it: rounding, with room."""

some = st.floats(1.0, 1e4)


def upto(most: float) -> st.SearchStrategy[float]:
    """None, or more than a few atoms."""
    return st.floats(0.0, most).map(lambda it: 0.0 if it < 1e-9 else it)


amount = upto(1e4)


@st.composite
def magnets(draw: st.DrawFn) -> Flow:
    """Metals with iron, coating, oxygen, carbon, glue and moisture."""
    found = {"Nd": draw(some), "Fe": draw(some)}
    for name in ("Pr", "Dy", "Tb", "Ce", "Gd", "B", "Co", "Ni", "Cu", "Al", "Ga", "Zr", "C"):
        found[name] = draw(amount)
    found |= {name: draw(amount) for name in ("Nd2O3", "CH2", "C5H8O2", "H2O", "SiO2")}
    return Flow("solid", found)


@st.composite
def roasted(draw: st.DrawFn) -> Flow:
    found = {oxide_of("Nd"): draw(some)}
    for symbol in (
        "Pr",
        "Dy",
        "Tb",
        "Ce",
        "Fe",
        "Co",
        "Ni",
        "Cu",
        "Al",
        "B",
        "Ga",
        "Si",
        "Mn",
        "Ca",
    ):
        found[oxide_of(symbol)] = draw(upto(30.0))
    return Flow("solid", found)


@st.composite
def concentrates(draw: st.DrawFn) -> Flow:
    """Carbonate, oxide and hydroxide in one heap."""
    found = {"Nd2(CO3)3": draw(some)}
    for name in ("Dy2(CO3)3", "Y2O3", "Pr6O11", "Tb4O7", "CeO2", "Gd(OH)3", "H2O", "CaCO3"):
        found[name] = draw(amount)
    for name in ("Fe(OH)3", "Al(OH)3", "SiO2", "UO2(OH)2", "Th(OH)4", "Co3O4", "UO3"):
        found[name] = draw(upto(10.0))
    return Flow("solid", found)


@st.composite
def liquors(draw: st.DrawFn) -> Flow:
    """Nitrates at 0.3 to 1.5 mol/kg of rare earths, with impurities and a little acid."""
    water = draw(st.floats(1e4, 1e5))
    kilograms = water * species("H2O").molar_mass
    strength = draw(st.floats(0.3, 1.5))
    found = {"Nd+3": strength * kilograms, "H+": draw(st.floats(1e-3, 0.05)) * kilograms}
    for symbol in ("Dy", "Tb", "Co", "Ni", "Cu", "Al", "Fe", "Th", "U"):
        found[ion(symbol)] = draw(upto(0.02)) * kilograms
    charge = sum(species(name).charge * value for name, value in found.items())
    return Flow(
        "liquor",
        {**found, "NO3-": charge, "H3BO3": draw(upto(0.3)) * kilograms, "H2O": water},
    )


CASES: Mapping[str, tuple[Operation, str, Callable[[], st.SearchStrategy[Flow]]]] = {
    "reception": (Reception(name="o"), "magnets", magnets),
    "demagnetisation": (Demagnetisation(name="o"), "magnets", magnets),
    "milling": (Milling(name="o"), "magnets", magnets),
    "decrepitation": (HydrogenDecrepitation(name="o"), "magnets", magnets),
    "degassed": (HydrogenDecrepitation(name="o", degas=True), "magnets", magnets),
    "roast": (OxidativeRoast(name="o"), "powder", magnets),
    "leach": (SelectiveLeach(name="o"), "oxides", roasted),
    "leach with peroxide": (
        SelectiveLeach(name="o", medium="chloride", reductant=True),
        "oxides",
        roasted,
    ),
    "dissolution": (Dissolution(name="o"), "concentrate", concentrates),
    "dissolution with peroxide": (
        Dissolution(name="o", medium="chloride", reductant=True),
        "concentrate",
        concentrates,
    ),
    "uranium": (UraniumRemoval(name="o"), "liquor", liquors),
    "sulfides": (SideMetals(name="o", method="sulfide"), "liquor", liquors),
    "resin": (SideMetals(name="o"), "liquor", liquors),
    "boron resin": (BoronRecovery(name="o"), "liquor", liquors),
    "boric acid": (BoronRecovery(name="o", method="crystallisation"), "liquor", liquors),
}
EVERY = pytest.mark.parametrize("name", CASES)


def balanced(name: str, flow: Flow) -> Balance:
    """The balance of a case; a feed that the operation refuses, and says so, is not what is tested."""
    operation, port, _ = CASES[name]
    try:
        return operation.balance({port: flow})
    except CaseError as error:
        assert error.faults[0].where.startswith("operation o")
        assume(False)
        raise


def gaps(balance: Balance) -> dict[str, float]:
    """What leaves less what enters, over what enters, by element; charge over all charge."""
    came: dict[str, float] = {}
    charges = scale = 0.0
    entering = [*balance.inlets.values(), *balance.drawn.values()]
    for sign, flows in ((1.0, entering), (-1.0, list(balance.outlets.values()))):
        for flow in flows:
            for name, value in flow.amounts.items():
                known = species(name)
                charges += sign * known.charge * value
                scale += abs(known.charge) * value
                for symbol, count in known.atoms.items():
                    came[symbol] = came.get(symbol, 0.0) + sign * count * value
    totals: dict[str, float] = {}
    for flow in entering:
        for symbol, value in flow.atoms().items():
            totals[symbol] = totals.get(symbol, 0.0) + value
    found = {
        symbol: abs(gap) / totals[symbol] for symbol, gap in came.items() if totals.get(symbol)
    }
    made = [symbol for symbol, gap in came.items() if gap and not totals.get(symbol)]
    assert not made
    return found | {"charge": abs(charges) / scale if scale else 0.0}


def same(one: Balance, other: Balance, factor: float, rel: float) -> None:
    """Every stream of ``other`` is that of ``one`` times a factor, but for rounding."""
    for found, expected in ((other.outlets, one.outlets), (other.drawn, one.drawn)):
        assert found.keys() == expected.keys()
        for port, flow in expected.items():
            size = max([*flow.amounts.values(), 0.0])
            for name, value in flow.amounts.items():
                got = found[port].moles(name)
                assert got == pytest.approx(factor * value, rel=rel, abs=1e-12 * factor * size)


@EVERY
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_element_and_charge_close(name: str, data: st.DataObject) -> None:
    balance = balanced(name, data.draw(CASES[name][2]()))
    assert max(gaps(balance).values()) < CLOSED


@EVERY
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), factor=st.sampled_from([0.25, 3.0, 1000.0]))
def test_a_larger_feed_scales_everything(name: str, data: st.DataObject, factor: float) -> None:
    flow = data.draw(CASES[name][2]())
    same(balanced(name, flow), balanced(name, flow.scaled(factor)), factor, 1e-9)


@EVERY
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_order_of_species_is_without_meaning(name: str, data: st.DataObject) -> None:
    flow = data.draw(CASES[name][2]())
    order = data.draw(st.permutations(list(flow.amounts)))
    turned = Flow(flow.state, {it: flow.amounts[it] for it in order})
    same(balanced(name, flow), balanced(name, turned), 1.0, 1e-9)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(flow=liquors(), ph=st.sampled_from([4.0, 4.7, 5.3]), factor=st.sampled_from([0.5, 20.0]))
def test_impurity_removal_closes_and_scales(flow: Flow, ph: float, factor: float) -> None:
    """Its equilibrium is computed per kilogram of water, so only that library's rounding scales."""
    unit = ImpurityRemoval(name="o", own={"ph": _ph(ph)})
    balance, other = (unit.balance({"liquor": it}) for it in (flow, flow.scaled(factor)))
    assert max(gaps(balance).values()) < CLOSED
    same(balance, other, factor, 1e-6)


@settings(max_examples=50, deadline=None)
@given(flow=concentrates())
def test_the_gate_changes_nothing(flow: Flow) -> None:
    unit = FeedGate(name="o")
    try:
        assert unit.balance({"concentrate": flow}).outlets["concentrate"] == flow
    except CaseError as error:
        assert all(fault.next for fault in error.faults)


@settings(max_examples=60, deadline=None)
@given(
    filter=st.builds(Filter, st.floats(0.05, 0.8), st.floats(0.5, 0.999), st.floats(0.5, 3.0)),
    solid=st.floats(0.1, 100.0),
    solute=st.floats(1.0, 1000.0),
    wanted=st.floats(1e3, 1e6),
)
def test_the_water_of_a_slurry_makes_the_liquor_asked_for(
    filter: Filter, solid: float, solute: float, wanted: float
) -> None:
    """All solutes in ``wanted`` water: the filtrate with its wash has that ratio."""
    dry = {"Fe2O3": solid}
    try:
        water = filter.water_before("o", dry, wanted)
    except CaseError:
        assume(False)
    liquor = filter.part("o", dry, {"NaNO3": solute}, water).liquor
    assert liquor.moles("H2O") / liquor.moles("NaNO3") == pytest.approx(wanted / solute, rel=1e-9)


@pytest.mark.parametrize("symbol", [*METALS, "Fe", "Co", "Ni", "Cu", "Al", "Mn", "Ca", "Th", "B"])
def test_what_burns_to_an_oxide_dissolves_in_acid(symbol: str) -> None:
    """Two reactions that meet in the oxide; the first takes up oxygen, the second takes up acid or water."""
    burning, dissolving = oxidation(symbol), dissolution(oxide_of(symbol))
    assert burning is not None and dissolving is not None
    assert burning.coefficients["O2"] < 0.0
    assert dissolving.coefficients["H2O" if symbol == "B" else "H+"] < 0.0


def _ph(value: float):  # type: ignore[no-untyped-def]
    from ytterby.unitops.contract import assumed

    return assumed(value, value, value, "1", "of the test")
