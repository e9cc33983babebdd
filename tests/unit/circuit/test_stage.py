"""One mixer-settler: exact equilibrium of a given content in every model, and its balances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest

from circuits import closely
from ytterby.arrays import jax, jnp
from ytterby.circuit.solved import Array
from ytterby.circuit.stage import (
    Duty,
    Phases,
    State,
    coupling_balance,
    equilibrate,
    leaving,
    metal_balance,
    phases,
)
from ytterby.datasets import parameter_set
from ytterby.equilibrium import Conditions, Distribution, MassAction, Site, chemistry

ELEMENTS = ("La", "Nd", "Dy")
MODEL = chemistry(parameter_set("P507-HCl-v0"), ELEMENTS)
GUESS = jnp.log(jnp.asarray([500.0, 100.0]))
settle = jax.jit(equilibrate)


def site(**totals: float) -> Site:
    """1000 mol/m3 of extractant; nothing else unless given."""
    known = {"extractant": 1000.0, "acid": 0.0, "metal_charge": 0.0, "salt": 0.0, "sulfate": 0.0}
    return Site(**{name: jnp.asarray(value) for name, value in (known | totals).items()})


def duty(where: Site, fed: Sequence[float] = (0.0, 0.0, 0.0), **shares: float) -> Duty:
    """An ideal stage, unless ``shares`` say otherwise: an aqueous of 2 m3/h and an organic of 3 m3/h."""
    plain = {
        **{"aqueous": 2.0, "organic": 3.0, "arriving": 3.0, "efficiency": 1.0},
        **{"aqueous_carried": 0.0, "organic_carried": 0.0, "up": 1.0, "down": 1.0},
    }
    numbers = {name: jnp.asarray(value) for name, value in (plain | shares).items()}
    return Duty(feed=jnp.asarray(fed), organic_feed=jnp.zeros(len(fed)), site=where, **numbers)


def with_free_charge(free: float) -> Duty:
    """The ideal stage, with anions for that much acid and metal charge [mol/m3]."""
    return duty(site(acid=free))


@pytest.mark.parametrize(
    ("metals", "free_charge"),
    [
        ((60.0, 200.0, 100.0), 400.0),
        ((0.0, 500.0, 0.0), 900.0),
        ((1e-12, 1e-6, 1e-3), 1e-2),
        ((10.0, 10.0, 470.0), 3.0),  # organic all but full, acid all but gone
        ((300.0, 300.0, 300.0), 1000.0),
    ],
)
def test_equilibrate_meets_all_conditions(metals: tuple[float, ...], free_charge: float) -> None:
    content, load = jnp.asarray(metals), with_free_charge(free_charge)
    coupling = settle(content, GUESS, load, MODEL)
    found = phases(content, coupling, load, MODEL)
    aqueous, loaded = np.asarray(found.aqueous), np.asarray(found.organic)
    dimer, acid = np.exp(np.asarray(coupling))
    assert 2.0 * aqueous + 3.0 * loaded == closely(np.asarray(metals), rel=1e-12)
    assert dimer + 3 * loaded.sum() == closely(500.0, rel=1e-12)
    assert acid + 3 * aqueous.sum() == closely(free_charge, rel=1e-11)
    ratio = 10 ** np.asarray(MODEL.ln_k / np.log(10.0)) * (dimer / acid) ** 3
    assert loaded == closely(ratio * aqueous, rel=1e-12)


def test_equilibrate_does_not_depend_on_its_guess() -> None:
    metals = jnp.asarray([60.0, 200.0, 100.0])
    near, far = (
        settle(metals, jnp.log(jnp.asarray(guess)), with_free_charge(400.0), MODEL)
        for guess in ([500.0, 100.0], [1e-9, 1e6])
    )
    assert np.asarray(near) == closely(np.asarray(far), rel=1e-13)


# --- every model, on random contents


@dataclass(frozen=True)
class Family:
    """A model with what its stages may hold."""

    name: str
    elements: tuple[str, ...]
    terms: tuple[str, ...] = ()

    @property
    def model(self) -> Distribution:
        conditions = Conditions(terms=self.terms)
        return chemistry(parameter_set(self.name), self.elements, None, conditions)

    def drawn(self, draw: np.random.Generator) -> tuple[Array, Duty]:
        """A content that has an equilibrium and its stage; decades of dilution, some all but full."""
        shares = 10 ** draw.uniform(-6.0, 0.0, len(self.elements))
        acid, charge, salt = 10 ** draw.uniform([1.0, 0.0, 0.0], [3.3, 3.0, 3.5])
        where = site(acid=acid, metal_charge=charge, salt=salt)
        if "H2SO4" in self.name:
            where = site(extractant=150.0, acid=acid, metal_charge=charge, sulfate=acid + charge)
        load = duty(where, np.zeros(len(self.elements)), organic=float(draw.uniform(0.5, 5.0)))
        low, high = self.limits(load)
        filled = 10 ** draw.uniform(-9.0, -0.1)
        if draw.random() < 0.5:
            filled = 0.9 if self.model.passes > 1 else 1 - 10 ** draw.uniform(-4.0, -1.0)
        held = low + filled * (high - low)
        return held * shares / (shares @ np.asarray(self.model.bound())), load

    def limits(self, load: Duty) -> tuple[float, float]:
        """Charge [mol/h] above the one and below the other of which there is an equilibrium."""
        anions = float(load.aqueous * load.site.free_charge)
        extractant = float(load.organic * load.site.extractant)
        if (
            "H2SO4" in self.name
        ):  # some lines hardly know of pH or extractant: either may be used up
            return 0.0, min(anions, extractant)
        if self.name.startswith("TBP"):
            return 0.0, 10.0 * extractant
        if self.name.startswith("Naphthenic"):  # the aqueous is full, the organic takes the rest
            return (1 + 1e-9) * anions, 100.0 * anions
        return 0.0, anions + extractant / 2


P507_TRIO = ("La", "Nd", "Dy")
FAMILIES = {
    "mass action": Family("P507-HCl-v0", P507_TRIO),
    "mass action of other orders": Family("D2EHPA-HCl-v0", P507_TRIO),
    "complexing": Family("P507-HCl-v0", P507_TRIO, ("complexing",)),
    "ionic strength": Family("P507-HCl-v0", P507_TRIO, ("ionic_strength",)),
    "loading": Family("P507-HCl-v0", P507_TRIO, ("loading",)),
    "all corrections": Family(
        "P507-HCl-v0", P507_TRIO, ("complexing", "ionic_strength", "loading")
    ),
    "lines of log D": Family("D2EHPA-TBP-H2SO4-KEIM19", ("Y", "La", "Nd", "Dy")),
    "solvation": Family("TBP-HNO3-K05", ("Y", "La", "Nd", "Dy")),
    "separation factors": Family("Naphthenic-HCl-Z16", ("Y", "La", "Nd", "Dy")),
}
DRAWN = 40
CALLS = 10
"""Times that a model whose slope is not exact is settled: each time from what the last one found."""
OFF = 1e-9
"""Relative difference of level and exp(coupling) that rounding may leave where a phase is all but full."""

settle_all = jax.jit(jax.vmap(equilibrate, (0, 0, 0, None)))
balance_all = jax.jit(jax.vmap(coupling_balance, (0, 0, 0, None)))


@dataclass(frozen=True)
class Settled:
    """Random contents brought to equilibrium from the couplings of the cold start."""

    model: Distribution
    contents: jax.Array
    duties: Duty
    coupling: jax.Array
    """After each call, (call, stage, coupling)."""

    def off(self, coupling: jax.Array) -> float:
        """Largest of levels over exp(coupling), less one."""
        levels = balance_all(self.contents, coupling, self.duties, self.model)
        return float(np.max(np.abs(np.asarray(levels / jnp.exp(coupling)))))

    def again(self, guess: jax.Array, calls: int = 1) -> jax.Array:
        """Couplings after so many calls, (call, stage, coupling)."""
        found = []
        for _ in range(calls):
            guess = settle_all(self.contents, guess, self.duties, self.model)
            found.append(guess)
        return jnp.stack(found)


@pytest.fixture(scope="module", params=FAMILIES)
def settled(request: pytest.FixtureRequest) -> Settled:
    family, draw = FAMILIES[request.param], np.random.default_rng(7)
    contents, loads = zip(*(family.drawn(draw) for _ in range(DRAWN)), strict=True)
    stacked = jax.tree.map(lambda *parts: jnp.stack(parts), *loads)
    model = family.model
    guess = jnp.log(0.3 * jax.vmap(model.scales)(stacked.site))
    unsettled = Settled(model, jnp.asarray(np.array(contents)), stacked, guess)
    calls = 1 if model.passes == 1 else CALLS
    return replace(unsettled, coupling=unsettled.again(guess, calls))


def test_levels_are_what_the_couplings_say(settled: Settled) -> None:
    assert np.all(np.isfinite(np.asarray(settled.coupling)))
    assert settled.off(settled.coupling[-1]) <= OFF


def test_each_call_comes_nearer(settled: Settled) -> None:
    """The part of ln D that is held shrinks with the change of the driver: at least tenfold a call."""
    off = [settled.off(coupling) for coupling in settled.coupling]
    assert off[0] <= (OFF if settled.model.passes == 1 else 1.0)
    assert all(after <= max(before / 10, OFF) for before, after in pairwise(off))


def test_the_root_itself_is_a_good_guess(settled: Settled) -> None:
    """Newton's step from the root is rounding, of either sign: the bracket must not throw it out."""
    (again,) = settled.again(settled.coupling[-1])
    assert np.max(np.abs(np.asarray(again - settled.coupling[-1]))) <= OFF
    assert settled.off(again) <= OFF


@pytest.mark.parametrize("far", [(-30.0, 5.0, 3.0), (2.0, -25.0, -3.0), (-20.0, -20.0, 8.0)])
def test_a_guess_far_away_leads_to_the_same_root(settled: Settled, far: tuple[float, ...]) -> None:
    last = settled.coupling[-1]
    found = settled.again(last + jnp.asarray(far[: last.shape[1]]), 2 * len(settled.coupling))
    assert np.max(np.abs(np.asarray(found[-1] - last))) <= 10 * OFF


def test_more_driver_extracts_more(settled: Settled) -> None:
    """What makes the equilibrium one equation: every ln D rises with the driver, or stays."""
    model = settled.model
    first = jax.tree.map(lambda values: values[0], settled.duties)
    here = settled.coupling[-1, 0]
    signs = jnp.asarray(model.direction)
    up = model.ln_distribution(here + 0.01 * signs, first.site)
    assert np.all(np.asarray(up - model.ln_distribution(here, first.site)) >= 0)
    assert np.all(np.asarray(model.slope) >= 0) and np.any(np.asarray(model.slope) > 0)


# --- balances of a stage


def test_the_balance_is_what_enters_less_what_leaves() -> None:
    load = replace(
        duty(site(acid=400.0), (5.0, 0.0, 7.0)), organic_feed=jnp.asarray([0.0, 2.0, 0.0])
    )
    content, line = jnp.asarray([60.0, 200.0, 100.0]), jnp.asarray([20.0, 30.0, 40.0])
    here = State(content, line, settle(content, GUESS, load, MODEL))
    below, above = jnp.asarray([25.0, 20.0, 41.0]), jnp.asarray([30.0, 90.0, 10.0])
    onto_line, into_contact = metal_balance(here, below, above, load)
    assert np.asarray(onto_line) == closely([5.0, -8.0, 1.0], rel=1e-12)
    assert np.asarray(into_contact) == closely([-5.0, -80.0, -43.0], rel=1e-12)
    split = phases(content, here.coupling, load, MODEL)
    onward, fallen = leaving(here, split, load)
    assert np.asarray(onward) == closely(3.0 * np.asarray(split.organic), rel=1e-13)
    assert np.asarray(fallen) == closely(2.0 * np.asarray(split.aqueous), rel=1e-13)


def carrying_over() -> tuple[State, Phases, Duty]:
    """A stage of 80 % efficiency that carries 3 % of its aqueous up and 2 % of its organic down."""
    shares = {"efficiency": 0.8, "aqueous_carried": 0.03, "organic_carried": 0.02}
    load = duty(site(acid=400.0), **shares)
    content, line = jnp.asarray([60.0, 200.0, 100.0]), jnp.asarray([20.0, 30.0, 40.0])
    here = State(content, line, settle(content, GUESS, load, MODEL))
    return here, phases(content, here.coupling, load, MODEL), load


def test_what_goes_astray_goes_with_the_other_phase() -> None:
    here, split, load = carrying_over()
    onward, fallen = (np.asarray(part) for part in leaving(here, split, load))
    in_organic, in_aqueous = 3.0 * np.asarray(split.organic), 2.0 * np.asarray(split.aqueous)
    passed = 0.2 * np.asarray(here.line)
    assert onward == closely(passed + 0.98 * in_organic + 0.03 * in_aqueous, rel=1e-13)
    assert fallen == closely(0.97 * in_aqueous + 0.02 * in_organic, rel=1e-13)
    assert onward + fallen == closely(passed + np.asarray(here.content), rel=1e-13)


def test_the_shares_of_a_phase_that_holds_hardly_anything_keep_their_digits() -> None:
    """1 - rising would be 0: falling is computed by itself."""
    coupling = jnp.log(jnp.asarray([490.0, 1e-4]))
    split = phases(jnp.asarray([1.0, 1.0, 1.0]), coupling, with_free_charge(10.0), MODEL)
    ratio = np.exp(np.asarray(MODEL.ln_distribution(coupling, site())))
    assert np.all(ratio > 1e14)
    assert np.asarray(split.falling) == closely(2.0 / (2.0 + 3.0 * ratio), rel=1e-13)


def test_the_line_that_passes_by_is_not_in_the_contact() -> None:
    here, _, load = carrying_over()
    nothing = jnp.zeros(3)
    onto_line, into_contact = metal_balance(here, here.line, nothing, load)
    assert np.asarray(onto_line) == pytest.approx(np.zeros(3), abs=1e-13)
    expected = 0.8 * np.asarray(here.line) - np.asarray(here.content)
    assert np.asarray(into_contact) == closely(expected, rel=1e-13)


def test_the_balance_sees_free_extractant_and_acid_off() -> None:
    content = jnp.asarray([60.0, 200.0, 100.0])
    coupling = settle(content, GUESS, with_free_charge(400.0), MODEL)
    other = duty(site(acid=403.0, extractant=1004.0))
    found = np.asarray(coupling_balance(content, coupling, other, MODEL))
    assert found == pytest.approx([2.0, 3.0], abs=1e-9)


def test_distribution_follows_its_orders() -> None:
    """ln D gains q per ln dimer and loses n per ln acid; K is D at 1 mol/L of both."""
    model = MassAction(
        ln_k=jnp.asarray([0.5]),
        order_dimer=jnp.asarray([2.38]),
        order_proton=jnp.asarray([2.0]),
        dimers=jnp.asarray([3.0]),
        charge=jnp.asarray([2.0]),
    )
    litre, doubled = np.log(1000.0), np.log(2000.0)

    def at(dimer: float, acid: float) -> float:
        return float(model.ln_distribution(jnp.asarray([dimer, acid]), site())[0])

    assert at(litre, litre) == pytest.approx(0.5)
    assert at(doubled, litre) - 0.5 == pytest.approx(2.38 * np.log(2.0))
    assert at(litre, doubled) - 0.5 == pytest.approx(-2.0 * np.log(2.0))
