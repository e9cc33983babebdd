"""What holds for circuits with everything that may happen on the way: sections split, bypass, entrainment,
draws,
reflux, bleed, side feeds, and trains of circuits that feed each other.

Where D is constant, a circuit is a linear system; ``linear`` writes it from the circuit as described, in
NumPy alone, and knows no chemistry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from circuits import (
    P507,
    closely,
    extraction,
    leaky_neodymium,
    organic,
    profiles_with,
    samarium_gadolinium,
    scaled_flows,
    scrub,
    solve_with,
    strip,
    with_feed,
)
from shapes import padded_to
from ytterby.arrays import jax, jnp
from ytterby.circuit import Circuit, Inlet, Section
from ytterby.circuit.balance import closure
from ytterby.circuit.circuit import Draw, Place, Reflux, SideFeed, Train, Transfer
from ytterby.circuit.duties import duties
from ytterby.circuit.network import Inputs, Layout
from ytterby.circuit.solve import arrays_of, find_steady, solve_circuit, solve_train, steady_state
from ytterby.circuit.solved import Array, Profiles, SolvedCircuit, SolvedTrain
from ytterby.circuit.steady import TOLERANCE, split_of
from ytterby.elements import element
from ytterby.equilibrium import MassAction

SAME = 1e-10
"""Relative difference within which two solves of one circuit agree."""


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=32, elements=4, takes=(4,))
    yield


def differing(found: Profiles, expected: Profiles) -> float:
    """Largest difference of concentrations, over each element's largest in that phase [-]."""

    def worst(one: Array, other: Array) -> float:
        scale = np.max(np.abs(other), axis=0)
        return float(np.max(np.abs(one - other) / np.where(scale > 0, scale, 1.0)))

    names = ("aqueous", "organic", "acid", "free_extractant", "onward", "fallen")
    return max(worst(getattr(found, name), getattr(expected, name)) for name in names)


def with_losses(circuit: Circuit, **losses: Any) -> Circuit:
    """The circuit with those losses in every section."""
    return replace(
        circuit, sections=tuple(replace(section, **losses) for section in circuit.sections)
    )


# --- a circuit with constant D as a linear system


class Linear:
    """Shares and sources of a circuit with constant D; stages from 0 along the organic."""

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self.stages = [part for part in circuit.sections for _ in range(part.stages)]
        self.exits = {circuit.spans()[number][0] for number in circuit.aqueous_exits()}
        self.taken = np.zeros(len(circuit.draws) + len(circuit.refluxes))
        for _ in range(60):  # entrainment moves volumes by the shares sought
            self.taken = self._shares()

    def _shares(self) -> Array:
        """Of its phase that each draw, then each reflux, takes."""
        onward, fallen = self.volumes()
        shares = []
        for draw in self.circuit.draws:
            leaving = onward[0] if draw.phase == "organic" else fallen[1]
            shares.append(draw.flow / leaving[self.circuit.index(draw.place)])
        for reflux in self.circuit.refluxes:
            shares.append(reflux.flow / fallen[1][self.circuit.outlet_stage(reflux.outlet)])
        return np.array(shares)

    def volumes(self) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        """Organic and aqueous that leave each stage: with the line, and with the aqueous [m3/h]."""
        organic, aqueous = self.contacts()
        return (organic[1], aqueous[1]), (organic[2], aqueous[2])

    def contacts(self) -> tuple[tuple[Array, Array, Array], tuple[Array, Array, Array]]:
        """Organic and aqueous: in each contact, and as ``volumes`` [m3/h]."""
        count = len(self.stages)
        carried = {
            True: np.array([part.organic_carried for part in self.stages]),
            False: np.array([part.aqueous_carried for part in self.stages]),
        }
        line, content = np.zeros(count), np.zeros(count)
        line[0] = self.circuit.organic.flow
        for inlet, stage, phase in self.circuit.inlets():
            (line if phase == "organic" else content)[stage] += inlet.flow
        nothing = np.zeros(count)
        organic = self.transported(1 - carried[True], carried[True], line, nothing, made_up=True)
        aqueous = self.transported(carried[False], 1 - carried[False], nothing, content)
        return organic, aqueous

    def transported(
        self, rising: Array, falling: Array, line: Array, content: Array, made_up: bool = False
    ) -> tuple[Array, Array, Array]:
        """Content of each contact, what leaves with the line and with the aqueous, of something whose content
        leaves in these shares and that enters from outside in these amounts. ``made_up``: what returns with
        the organic is in ``line`` already."""
        count, circuit = len(self.stages), self.circuit
        matrix = np.eye(2 * count)  # lines, then contents
        up, down = np.ones(count), np.ones(count)
        moves: list[tuple[int, int, bool, float]] = []
        for draw, share in zip(circuit.draws, self.taken, strict=False):
            (up if draw.phase == "organic" else down)[circuit.index(draw.place)] -= share
        for reflux, share in zip(circuit.refluxes, self.taken[len(circuit.draws) :], strict=True):
            source = circuit.outlet_stage(reflux.outlet)
            moves.append((source, circuit.index(reflux.place), False, float(share)))
        if circuit.organic.closed and not made_up:
            moves.append((count - 1, 0, True, 1 - circuit.organic.bleed))
        moves += [(stage, stage + 1, True, float(up[stage])) for stage in range(count - 1)]
        moves += [
            (stage, stage - 1, False, float(down[stage]))
            for stage in range(count)
            if stage not in self.exits
        ]
        for stage, part in enumerate(self.stages):
            matrix[count + stage, stage] -= part.efficiency
        for source, target, by_organic, share in moves:
            row = matrix[target if by_organic else count + target]
            row[count + source] -= share * (rising if by_organic else falling)[source]
            if by_organic:
                row[source] -= share * (1 - self.stages[source].efficiency)
        both = np.linalg.solve(matrix, np.concatenate([line, content]))
        bypassed = (1 - np.array([part.efficiency for part in self.stages])) * both[:count]
        held = both[count:]
        return held, bypassed + rising * held, falling * held

    def profile(self, symbol: str, ratio: float) -> tuple[Array, Array]:
        """x and y of one element with that constant D [mol/m3]."""
        (contact, _, _), (water, _, _) = self.contacts()
        held = water + contact * ratio
        lost_organic = np.array([part.organic_carried for part in self.stages])
        lost_aqueous = np.array([part.aqueous_carried for part in self.stages])
        in_organic, in_aqueous = contact * ratio / held, water / held
        line, content = np.zeros(len(self.stages)), np.zeros(len(self.stages))
        for inlet, stage, phase in self.circuit.inlets():
            brought = inlet.flow * inlet.concentrations.get(symbol, 0.0)
            (line if phase == "organic" else content)[stage] += brought
        found, _, _ = self.transported(
            (1 - lost_organic) * in_organic + lost_aqueous * in_aqueous,
            lost_organic * in_organic + (1 - lost_aqueous) * in_aqueous,
            line,
            content,
        )
        return found / held, ratio * found / held


RATIOS = (0.3, 1.0, 2.5)
"""Constant D of three elements, from one that stays in the raffinate to one that is extracted."""


def constant_d(circuit: Circuit, ratios: Sequence[float] = RATIOS) -> Profiles:
    """The circuit solved by the engine with constant D: orders 0 in dimer and acid, no dimer bound."""
    inputs, layout, _ = arrays_of(circuit)
    padding = [0.0] * (4 - len(ratios))
    nothing = jnp.zeros(4)
    charges = jnp.asarray([3.0] * len(ratios) + padding)
    ln_d = jnp.asarray([*np.log(ratios).tolist(), *padding])
    return profiles_with(
        circuit, inputs, layout, MassAction(ln_d, nothing, nothing, nothing, charges)
    )


TRIO = ("Nd", "Sm", "Gd")


def acidic(closed: bool = False) -> Circuit:
    """Extraction, scrub and strip of three elements, with so much acid that base and metals matter little."""
    metals = {"Nd": 60.0, "Sm": 90.0, "Gd": 45.0}
    return Circuit(
        name="acidic",
        equilibrium=P507,
        elements=TRIO,
        organic=organic(1.0, 1000.0, 0.01, closed),
        sections=(extraction(6, 1.0, 3000.0, metals), scrub(5, 0.4, 3000.0), strip(5, 3.0, 4000.0)),
    )


def busy() -> Circuit:
    """Nine stages with all that may happen, in strong acid."""
    circuit = leaky_neodymium()
    sections = [
        replace(part, inlet=replace(part.inlet, acid=4000.0))
        for part in circuit.sections
        if part.inlet
    ]
    return replace(circuit, sections=tuple(sections))


LINEAR_CASES: dict[str, Callable[[], Circuit]] = {
    "open": acidic,
    "closed": lambda: acidic(closed=True),
    "Murphree": lambda: with_losses(acidic(closed=True), efficiency=0.7),
    "aqueous entrained": lambda: with_losses(acidic(closed=True), aqueous_carried=0.05),
    "organic entrained": lambda: with_losses(acidic(closed=True), organic_carried=0.05),
    "a bleed": lambda: replace(acidic(True), organic=replace(acidic(True).organic, bleed=0.2)),
    "draws": lambda: replace(
        acidic(closed=True),
        draws=(
            Draw("middle", Place("extraction", 4), "aqueous", 0.2),
            Draw("loaded", Place("scrub", 2), "organic", 0.2),
        ),
    ),
    "a reflux": lambda: replace(
        acidic(closed=True), refluxes=(Reflux("strip liquor", Place("scrub", 5), 0.5),)
    ),
    "all of it": busy,
}


@pytest.mark.parametrize("name", LINEAR_CASES)
def test_constant_d_is_a_linear_system(name: str) -> None:
    """Every stage and element; entrainment is there volumes that go the other way."""
    circuit = LINEAR_CASES[name]()
    found, expected = constant_d(circuit), Linear(circuit)
    (contact, onward, _), (water, _, _) = expected.contacts()
    assert found.aqueous_volume == closely(water, rel=SAME)
    assert found.organic_volume == closely(contact, rel=SAME)
    assert found.organic_out == closely(onward, rel=SAME)
    for index, (symbol, ratio) in enumerate(zip(TRIO, RATIOS, strict=True)):
        aqueous, loaded = expected.profile(symbol, ratio)
        assert found.aqueous[:, index] == closely(aqueous, rel=SAME)
        assert found.organic[:, index] == closely(loaded, rel=SAME)


def test_one_section_follows_kremser_with_an_efficiency() -> None:
    """x_j / x_feed = (E l^(j-1) - 1) / (E l^N - 1) with E = D O/A and l = 1 + efficiency (E - 1); stage 1 at
    the
    raffinate. An efficiency of 1 gives Kremser's own."""
    stages, flow = 12, 1.3
    for efficiency in (1.0, 0.7):
        metals = dict.fromkeys(TRIO, 10.0)
        section = replace(extraction(stages, 1.0, 3000.0, metals), efficiency=efficiency)
        circuit = Circuit(
            "kremser", P507, TRIO, organic(flow, 1000.0, 0.0, False), sections=(section,)
        )
        found = constant_d(circuit)
        number = np.arange(stages)
        for index, ratio in enumerate(RATIOS):
            factor = ratio * flow
            apparent = 1 + efficiency * (factor - 1)
            expected = (factor * apparent**number - 1) / (factor * apparent**stages - 1)
            assert found.aqueous[:, index] / 10.0 == closely(expected, rel=SAME)


def test_two_sections_follow_kremser_from_both_ends() -> None:
    """The organic that leaves the feed stage is the raffinate times E(E^n - 1)/(E - 1), and the extract times
    (1 - S^-(m+1))/(1 - 1/S), S being D O/A of the scrub section."""
    circuit = replace(acidic(), sections=acidic().sections[:2])
    found = constant_d(circuit)
    for index, (symbol, ratio) in enumerate(zip(TRIO, RATIOS, strict=True)):
        factor, washed = ratio * 1.0 / 1.4, ratio * 1.0 / 0.4
        of_raffinate = factor * (factor**6 - 1) / (factor - 1)
        of_extract = (1 - washed**-6) / (1 - 1 / washed)
        fed = circuit.sections[0].inlet.concentrations[symbol]  # type: ignore[union-attr]
        raffinate = fed / (1 + of_raffinate / of_extract)
        assert found.fallen[0, index] == closely(raffinate, rel=SAME)
        assert found.onward[-1, index] == closely(fed - raffinate, rel=SAME)
        assert found.onward[5, index] == closely(raffinate * of_raffinate, rel=SAME)


def test_equal_constant_d_changes_the_products_and_parts_nothing() -> None:
    """D of 1 instead of mass action: every purity is that of the feed, every recovery one and the same."""
    circuit = acidic(closed=True)
    feed = np.array([60.0, 90.0, 45.0])
    found, real = constant_d(circuit, (1.0, 1.0, 1.0)), solve_with(circuit, {})
    for phase in (found.aqueous, found.organic):
        shares = phase / phase.sum(axis=1, keepdims=True)
        assert shares == closely(np.tile(feed / feed.sum(), (16, 1)), rel=SAME)
    recovered = found.fallen[0] / feed
    assert recovered == closely(np.full(3, recovered[0]), rel=SAME)
    assert abs(float(recovered[0]) - float(real.fallen[0, 0]) / 60.0) > 0.05


# --- what must change nothing


@pytest.mark.parametrize("name", ["plain", "leaky"])
@pytest.mark.parametrize("first", [1, 3])
def test_a_scrub_split_in_two_is_one_scrub(name: str, first: int) -> None:
    circuit = samarium_gadolinium() if name == "plain" else five_scrubs()
    extract, whole, stripped = circuit.sections
    parts = (
        replace(whole, stages=first, inlet=None, name="first scrub"),
        replace(whole, stages=whole.stages - first, name="second scrub"),
    )
    split = replace(
        circuit,
        sections=(extract, *parts, stripped),
        side_feeds=tuple(replace(it, place=moved(it.place, first)) for it in circuit.side_feeds),
        draws=tuple(replace(it, place=moved(it.place, first)) for it in circuit.draws),
        refluxes=tuple(replace(it, place=moved(it.place, first)) for it in circuit.refluxes),
    )
    found, expected = solve_circuit(split), solve_circuit(circuit)
    assert differing(found.profiles, expected.profiles) <= SAME
    assert found.outlets == expected.outlets


def five_scrubs() -> Circuit:
    """The leaky circuit with five scrub stages."""
    circuit = leaky_neodymium()
    extract, whole, stripped = circuit.sections
    return replace(circuit, sections=(extract, replace(whole, stages=5), stripped))


def moved(place: Place, first: int) -> Place:
    """The same stage where the first so many stages of the scrub are a section of their own."""
    if place.section != "scrub":
        return place
    if place.stage <= first:
        return Place("first scrub", place.stage)
    return Place("second scrub", place.stage - first)


def test_a_draw_of_nothing_changes_nothing() -> None:
    """The change falls with the draw, to none."""
    circuit = samarium_gadolinium()
    expected = solve_circuit(circuit).profiles
    changes = []
    for flow in (1e-3, 1e-6, 0.0):
        draws = (
            Draw("middle", Place("extraction", 4), "aqueous", flow),
            Draw("loaded", Place("scrub", 2), "organic", flow),
        )
        changes.append(differing(solve_circuit(replace(circuit, draws=draws)).profiles, expected))
    assert changes[1] == pytest.approx(1e-3 * changes[0], rel=0.05)
    assert changes[2] <= SAME < changes[1]


@pytest.mark.parametrize("phase", ["aqueous", "organic"])
def test_a_draw_takes_out_what_the_products_lose(phase: Any) -> None:
    circuit = samarium_gadolinium()
    place = Place("extraction" if phase == "aqueous" else "scrub", 3)
    drawn = solve_circuit(replace(circuit, draws=(Draw("middle", place, phase, 0.15),)))
    assert drawn.streams["middle"].flow == closely(0.15, rel=1e-12)
    for name in circuit.elements:
        shares = [drawn.recovery(name, outlet) for outlet in drawn.outlets]
        assert sum(shares) == closely(1.0, rel=SAME)
    assert drawn.recovery("Sm", "middle") > 0.01
    stage = 2 if phase == "aqueous" else 8
    cells = getattr(drawn.profiles, phase)[stage]
    assert list(drawn.streams["middle"].metals.values()) == closely(cells, rel=1e-12)


def test_reflux_is_scrub_of_that_composition() -> None:
    """The same liquor from outside, composition and acid, does the same."""
    circuit = samarium_gadolinium()
    place = Place("scrub", 5)
    refluxed = solve_circuit(replace(circuit, refluxes=(Reflux("strip liquor", place, 0.03),)))
    back = refluxed.streams["reflux of strip liquor"]
    assert back.flow == closely(0.03, rel=1e-12) and back.acid is not None
    liquor = Inlet("bought liquor", back.flow, back.acid, dict(back.metals))
    bought = solve_circuit(replace(circuit, side_feeds=(SideFeed(liquor, place),)))
    assert differing(bought.profiles, refluxed.profiles) <= SAME
    assert differing(refluxed.profiles, solve_circuit(circuit).profiles) > 1e-3


def test_a_loop_that_is_bled_in_full_is_open() -> None:
    closed = samarium_gadolinium(closed=True)
    bled = replace(closed, organic=replace(closed.organic, bleed=1.0))
    found = solve_circuit(bled).profiles
    assert differing(found, solve_circuit(samarium_gadolinium(closed=False)).profiles) <= SAME
    little = replace(closed, organic=replace(closed.organic, bleed=1e-12))
    assert differing(solve_circuit(little).profiles, solve_circuit(closed).profiles) <= SAME


@pytest.mark.parametrize("order", [(2, 0, 1), (1, 0, 2)])
def test_relabelling_elements_relabels_a_leaky_circuit(order: tuple[int, ...]) -> None:
    circuit = leaky_neodymium()
    shuffled = replace(circuit, elements=tuple(circuit.elements[place] for place in order))
    found, expected = solve_circuit(shuffled).profiles, solve_circuit(circuit).profiles
    names = ("aqueous", "organic", "onward", "fallen")
    relabelled = replace(expected, **{name: getattr(expected, name)[:, order] for name in names})
    assert differing(found, relabelled) <= SAME


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_scaling_all_flows_of_a_leaky_circuit_changes_no_concentration(factor: float) -> None:
    circuit = leaky_neodymium()
    scaled = replace(
        scaled_flows(circuit, factor),
        side_feeds=tuple(
            replace(it, inlet=replace(it.inlet, flow=factor * it.inlet.flow))
            for it in circuit.side_feeds
        ),
        draws=tuple(replace(it, flow=factor * it.flow) for it in circuit.draws),
        refluxes=tuple(replace(it, flow=factor * it.flow) for it in circuit.refluxes),
    )
    found, expected = solve_circuit(scaled).profiles, solve_circuit(circuit).profiles
    carried = {name: factor * getattr(expected, name) for name in ("onward", "fallen")}
    assert differing(found, replace(expected, **carried)) <= SAME


def test_feed_strength_is_no_scale() -> None:
    """From 1 to 100 g/L, the rest unchanged: the organic of a leaky circuit loads more, and more of every
    metal is left in the raffinate."""
    metals = {"Nd": 60.0, "Sm": 90.0, "Gd": 45.0}
    strong = sum(c * element(name).atomic_weight for name, c in metals.items())  # g/L
    loading, lost = [], []
    for strength in (1.0, 10.0, 100.0):
        circuit = with_feed(
            leaky_neodymium(), {name: strength / strong * c for name, c in metals.items()}
        )
        solved = solve_circuit(circuit)
        loading.append(float(solved.profiles.organic[3].sum()) / (1000 / 6))
        lost.append([solved.recovery(name, "raffinate") for name in metals])
    assert loading == sorted(loading) and loading[-1] - loading[0] > 0.1
    assert np.all(np.diff(np.array(lost), axis=0) > 0)


# --- trains


def second(**changes: Any) -> Circuit:
    """A circuit without a feed of its own; with the first, a train."""
    circuit = samarium_gadolinium()
    sections = (
        Section("extraction", 6, None),
        scrub(5, 0.1, 800.0),
        strip(5, 0.2, 4000.0),
    )
    fresh = replace(circuit.organic, flow=0.6)
    return replace(circuit, name="second", organic=fresh, sections=sections, **changes)


ONWARD = Transfer("first", "raffinate", "second", Place("extraction", 6))
BACK = Transfer("second", "strip liquor", "first", Place("extraction", 6), 0.1)


def first(**changes: Any) -> Circuit:
    return replace(samarium_gadolinium(), name="first", **changes)


@cache
def train(*transfers: Transfer) -> SolvedTrain:
    return solve_train(Train("both", (first(), second()), transfers))


def salt_of(solved: SolvedCircuit) -> float:
    """Inert cations of its raffinate [mol/m3]: all the base, where nothing is entrained."""
    circuit = solved.circuit
    brought = sum(inlet.flow * inlet.salt for inlet, _, _ in circuit.inlets())
    return (circuit.base + brought) / solved.streams["raffinate"].flow


def as_liquor(name: str, solved: SolvedCircuit, outlet: str, share: float, salt: float) -> Inlet:
    """A share of an outlet, the same whether it was bought or given."""
    stage = solved.circuit.outlet_stage(outlet)
    profiles = solved.profiles
    metals = dict(zip(solved.circuit.elements, profiles.aqueous[stage].tolist(), strict=True))
    flow = share * float(profiles.aqueous_volume[stage])
    return Inlet(name, flow, float(profiles.acid[stage]), metals, salt)


def fed_by(solved: SolvedCircuit) -> SolvedCircuit:
    """The second circuit solved alone, with that raffinate as its feed."""
    liquor = as_liquor("raffinate of first", solved, "raffinate", 1.0, salt_of(solved))
    return solve_circuit(second(side_feeds=(SideFeed(liquor, ONWARD.place),)))


def test_a_train_without_a_way_back_is_one_circuit_after_the_other() -> None:
    together, alone = train(ONWARD), solve_circuit(first())
    after = fed_by(alone)
    assert differing(together.circuits["first"].profiles, alone.profiles) <= SAME
    assert differing(together.circuits["second"].profiles, after.profiles) <= SAME
    for name, found in together.circuits["second"].streams.items():
        assert list(found.metals.values()) == pytest.approx(
            list(after.streams[name].metals.values()), rel=1e-8, abs=1e-8
        )


def test_a_train_with_a_way_back_is_the_fixed_point_of_its_circuits() -> None:
    """Each solved alone with what the other gave last, until nothing changes."""
    returned: tuple[SideFeed, ...] = ()
    found = []
    for _ in range(40):
        one = solve_circuit(first(side_feeds=returned))
        other = fed_by(one)
        # Strip liquor holds no inert cation: they leave with the raffinate.
        liquor = as_liquor("returned", other, "strip liquor", BACK.share, 0.0)
        returned = (SideFeed(liquor, BACK.place),)
        found.append((one, other))
        if len(found) > 1 and differing(one.profiles, found[-2][0].profiles) < 1e-13:
            break
    together = train(ONWARD, BACK)
    for name, expected in zip(("first", "second"), found[-1], strict=True):
        assert differing(together.circuits[name].profiles, expected.profiles) <= SAME
    once = train(ONWARD).circuits["first"].profiles
    assert differing(together.circuits["first"].profiles, once) > 1e-3


def test_a_train_closes_as_a_whole_and_loses_nothing() -> None:
    together = train(ONWARD, BACK)
    profiles = {name: solved.profiles for name, solved in together.circuits.items()}
    assert max(closure(together.train, profiles).values()) <= SAME
    one, other = together.circuits["first"], together.circuits["second"]
    for symbol in one.circuit.elements:
        fed = one.streams["feed"].moles(symbol)
        left = one.streams["strip liquor"].moles(symbol)
        left += sum(other.streams[name].moles(symbol) for name in ("raffinate", "strip liquor"))
        assert left == closely(fed, rel=SAME)


# --- gradients where they are hard


@dataclass(frozen=True)
class Hard:
    """A circuit and the elements that its gradients are taken by."""

    circuit: Circuit
    elements: tuple[str, ...]


def nearly_full() -> Circuit:
    """The organic holds over 95 % of what it can: base for 0.97, and heavy metals in excess."""
    return Circuit(
        name="full",
        equilibrium=P507,
        elements=("Gd", "Tb", "Dy", "Er"),
        organic=organic(1.0, 1000.0, 0.485, closed=False),
        sections=(
            extraction(8, 1.0, 2.0, {"Gd": 80.0, "Tb": 60.0, "Dy": 70.0, "Er": 30.0}),
            scrub(4, 0.02, 1000.0),
        ),
    )


def with_trace() -> Circuit:
    """Tb at 1e-9 of the feed beside the others."""
    circuit = nearly_full()
    return with_feed(circuit, {"Gd": 80.0, "Tb": 2.4e-7, "Dy": 130.0, "Er": 30.0})


HARD = {
    "near the loading limit": Hard(nearly_full(), ("Gd", "Dy")),
    "a trace": Hard(with_trace(), ("Tb",)),
}
AGREEMENT = 1e-5
"""Relative agreement of derivative and differences."""
STEP = 1e-4
"""Relative step of the differences; two of them cancel the error of third order."""


def outlets(state: Any, inputs: Inputs, layout: Layout, model: MassAction) -> jax.Array:
    """ln of the metals in the raffinate and on the organic of stage 8."""
    duty, _ = duties(inputs, layout, model)
    split = split_of(state, duty, model)
    return jnp.log(jnp.concatenate([split.aqueous[0], split.organic[7]]))


@jax.jit
def derivatives(inputs: Inputs, layout: Layout, model: MassAction) -> tuple[Inputs, MassAction]:
    def of(inputs: Inputs, model: MassAction) -> jax.Array:
        return outlets(steady_state(inputs, layout, model), inputs, layout, model)

    found: tuple[Inputs, MassAction] = jax.jacrev(of, argnums=(0, 1))(inputs, model)
    return found


def by_differences(at: Callable[[float], tuple[Inputs, MassAction]], layout: Layout) -> Array:
    """d outlets / d share, ``at`` giving the numbers moved by a share of one of them."""

    def solved(share: float) -> Array:
        inputs, model = at(share)
        found = find_steady(inputs, layout, model)
        assert float(found.steady.error) <= TOLERANCE
        return np.asarray(outlets(found.steady.state, inputs, layout, model))

    def central(step: float) -> Array:
        up, down = solved(step), solved(-step)
        return (up - down) / (2 * step)

    return (4 * central(STEP) - central(2 * STEP)) / 3


def test_the_organic_is_nearly_full() -> None:
    found = solve_circuit(nearly_full()).profiles
    assert 0.95 < float(found.organic[:8].sum(axis=1).max()) / (1000 / 6) < 1


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("by", ["feed", "saponification", "ln_k"])
def test_gradients_hold_where_they_are_hard(
    name: str, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """d ln outlets / d ln of feed, of base and of K, those below 1e-3 of the largest judged by that."""
    padded_to(monkeypatch, stages=16, elements=4, takes=(0,))
    hard = HARD[name]
    inputs, layout, model = arrays_of(hard.circuit)
    assert isinstance(model, MassAction)
    of_inputs, of_model = derivatives(inputs, layout, model)
    for symbol in hard.elements:
        place = hard.circuit.elements.index(symbol)

        def at(share: float, place: int = place) -> tuple[Inputs, MassAction]:
            if by == "feed":
                metals = inputs.inlet_metals.at[0, place].multiply(1 + share)
                return replace(inputs, inlet_metals=metals), model
            if by == "ln_k":
                return inputs, replace(model, ln_k=model.ln_k.at[place].add(share))
            return replace(inputs, saponification=inputs.saponification * (1 + share)), model

        if by == "feed":
            slope = of_inputs.inlet_metals[:, 0, place] * inputs.inlet_metals[0, place]
        elif by == "ln_k":
            slope = of_model.ln_k[:, place]
        else:
            slope = of_inputs.saponification[:, 0] * inputs.saponification[0]
        derivative = np.asarray(slope)
        scale = np.maximum(np.abs(derivative), 1e-3 * np.abs(derivative).max())
        apart = np.abs(by_differences(at, layout) - derivative) / scale
        assert np.abs(derivative).max() > 0.1
        assert apart.max() <= AGREEMENT, f"{by} of {symbol}: {apart.max():.1e} off"


def test_a_trace_answers_to_its_own_feed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its outlets follow its feed, d ln / d ln = 1, and it moves no other."""
    padded_to(monkeypatch, stages=16, elements=4, takes=(0,))
    inputs, layout, model = arrays_of(with_trace())
    by_feed, _ = derivatives(inputs, layout, model)
    slopes = np.asarray(by_feed.inlet_metals[:, 0, 1] * inputs.inlet_metals[0, 1])
    of_trace = np.tile(np.arange(4) == 1, 2)
    assert slopes[of_trace] == closely(np.ones(2), rel=1e-7)
    assert np.all(np.abs(slopes[~of_trace]) < 1e-7)
