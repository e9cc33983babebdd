"""The structured Newton solve against dense matrices: of its equations, and of a circuit's residuals."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from circuits import leaky_neodymium, organic, samarium_gadolinium, strip
from ytterby.arrays import jax, jnp
from ytterby.circuit import Circuit, Inlet, Section
from ytterby.circuit.chain import Links, chain
from ytterby.circuit.circuit import Place, Train, Transfer
from ytterby.circuit.duties import duties
from ytterby.circuit.elimination import Sides, solve_newton
from ytterby.circuit.solve import arrays_of
from ytterby.circuit.solved import Array
from ytterby.circuit.stage import Duty, State
from ytterby.circuit.steady import Residuals, newton_change, residuals
from ytterby.equilibrium import Distribution

dense = runpy.run_path(str(Path(__file__).with_name("dense.py")))
LINKS, as_jax, drawn = dense["LINKS"], dense["as_jax"], dense["drawn"]
STAGES, ELEMENTS = 9, 4


def sides_of(seed: int, couplings: int) -> Sides:
    draw = np.random.default_rng(seed)
    metals = draw.normal(size=(2, STAGES, ELEMENTS))
    return Sides(*metals, draw.normal(size=(STAGES, couplings)))


structured = jax.jit(
    lambda passage, coupled, sides, links: solve_newton(chain(passage), coupled, sides, links)
)


# --- random systems


@pytest.mark.parametrize(("couplings", "links"), list(product([1, 2, 3], LINKS)))
def test_structured_solve_is_the_dense_one(couplings: int, links: str) -> None:
    for seed in range(4):
        system, sides = drawn(seed, couplings, links), sides_of(seed + 10, couplings)
        found = structured(*map(as_jax, (system.passage, system.coupled, sides, system.links)))
        for got, wanted in zip(found, system.solved(*sides), strict=True):
            scale = np.max(np.abs(wanted))
            assert np.asarray(got) == pytest.approx(wanted, rel=1e-9, abs=1e-10 * scale)


@pytest.mark.parametrize("stages", [1, 2])
def test_few_stages_are_the_dense_ones(stages: int) -> None:
    system = drawn(stages, 2, "no link", stages, ELEMENTS)
    draw = np.random.default_rng(1)
    sides = Sides(*draw.normal(size=(2, stages, ELEMENTS)), draw.normal(size=(stages, 2)))
    found = structured(*map(as_jax, (system.passage, system.coupled, sides, system.links)))
    for got, wanted in zip(found, system.solved(*sides), strict=True):
        assert np.asarray(got) == pytest.approx(wanted, rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("link", range(3))
def test_every_link_matters(link: int) -> None:
    """Without one of them the answer is another."""
    system, sides = drawn(1, 2, "three links"), sides_of(2, 2)
    cut = system.links.share.copy()
    cut[link] = 0.0
    whole, without = (
        structured(*map(as_jax, (system.passage, system.coupled, sides, links)))
        for links in (system.links, replace(system.links, share=cut))
    )
    assert np.max(np.abs(np.asarray(whole.content - without.content))) > 1e-2


def test_the_solve_is_linear_in_reverse_too() -> None:
    system = drawn(2, 3, "three links")
    parts = tuple(map(as_jax, (system.passage, system.coupled)))
    rhs, weights = as_jax(sides_of(3, 3)), as_jax(sides_of(4, 3))
    found, pull = jax.vjp(lambda sides: structured(*parts, sides, as_jax(system.links)), rhs)
    forward = sum(float(jnp.vdot(w, x)) for w, x in zip(weights, found, strict=True))
    back = sum(float(jnp.vdot(g, r)) for g, r in zip(pull(weights)[0], rhs, strict=True))
    assert forward == pytest.approx(back, rel=1e-10)


# --- circuits: the Jacobian by automatic differentiation of the residuals


def of_three_feeds(equilibrium: str, elements: tuple[str, ...]) -> Circuit:
    """Extraction and scrub without a link, for any model."""
    feed = dict.fromkeys(elements, 60.0)
    liquor = Inlet("feed", 1.0, 20.0, feed, 500.0)
    return Circuit(
        name="open",
        equilibrium=equilibrium,
        elements=elements,
        organic=organic(1.5, 1000.0, 0.1, closed=False),
        sections=(
            Section("extraction", 5, liquor, efficiency=0.9),
            Section("scrub", 3, Inlet("scrub acid", 0.2, 100.0, {}, 1000.0)),
        ),
    )


def train() -> Train:
    """Raffinate goes to the second circuit and its organic back to the first: a loop of two links."""
    first = samarium_gadolinium(closed=False)
    second = replace(
        samarium_gadolinium(closed=False),
        name="second",
        organic=organic(1.5, 1000.0, 0.05, closed=False),
        sections=(Section("extraction", 4, None), strip(3, 0.2, 4000.0)),
    )
    return Train(
        "both",
        (first, second),
        (
            Transfer(first.name, "raffinate", "second", Place("extraction", 4), 0.7),
            Transfer("second", "stripped organic", first.name, Place("extraction", 2), 0.9),
        ),
    )


@dataclass(frozen=True)
class Iterate:
    """A state that is no solution, with everything that acts on it."""

    state: State
    duty: Duty
    model: Distribution
    links: Links

    def change(self, per_hour: float) -> tuple[State, Residuals]:
        """The structured step, and what it answers."""
        residual = residuals(self.state, self.duty, self.model, self.links)
        step = jax.jit(newton_change)
        parts = (self.duty, self.model, self.links, jnp.asarray(per_hour))
        return step(self.state, residual, *parts), residual

    def dense_change(self, residual: Residuals, per_hour: float) -> State:
        """The step of the dense Jacobian; implicit Euler holds back the contents."""

        def balances(state: State) -> Residuals:
            return residuals(state, self.duty, self.model, self.links)

        matrix = jax.jit(jax.jacfwd(balances))(self.state)
        order = ("line", "content", "coupling")
        rows = []
        for balance in order:
            by = getattr(matrix, balance)
            count = np.asarray(getattr(residual, balance)).size
            columns = [np.asarray(getattr(by, name)).reshape(count, -1) for name in order]
            rows.append(np.hstack(columns))
        whole = np.vstack(rows)
        metals = np.asarray(residual.line).size
        held = np.arange(metals, 2 * metals)
        whole[held, held] -= per_hour
        sides = np.concatenate([np.asarray(getattr(residual, name)).ravel() for name in order])
        found = np.linalg.solve(whole, -sides)
        parts = np.split(found, [metals, 2 * metals])
        line, content, coupling = (
            jnp.asarray(part.reshape(np.asarray(getattr(residual, name)).shape))
            for part, name in zip(parts, order, strict=True)
        )
        return State(content, line, coupling)


def iterate_of(plan: Circuit | Train, seed: int = 5) -> Iterate:
    """Random contents and couplings of the circuit's size; padding empty."""
    inputs, layout, model = arrays_of(plan)
    duty, links = duties(inputs, layout, model)
    draw = np.random.default_rng(seed)
    fed = np.sum(np.asarray(duty.feed + duty.organic_feed), axis=0)
    shape = (layout.real.shape[0], fed.shape[0])
    real = np.asarray(layout.real)[:, None]
    scales = np.asarray(jax.vmap(model.scales)(duty.site))
    return Iterate(
        State(
            content=jnp.asarray(real * fed * draw.uniform(0.2, 2.0, shape)),
            line=jnp.asarray(real * fed * draw.uniform(0.1, 1.0, shape)),
            coupling=jnp.asarray(np.log(scales * draw.uniform(0.2, 0.8, scales.shape))),
        ),
        duty,
        model,
        links,
    )


PLANS: dict[str, tuple[Callable[[], Circuit | Train], int, int]] = {
    "closed loop": (samarium_gadolinium, 2, 1),
    "open": (lambda: samarium_gadolinium(closed=False), 2, 0),
    "leaks, two links, three couplings": (lambda: leaky_neodymium(("complexing",)), 3, 2),
    "train": (train, 2, 2),
    "one coupling": (lambda: of_three_feeds("Naphthenic-HCl-Z16", ("Y", "La", "Nd")), 1, 0),
    "solvation": (lambda: of_three_feeds("TBP-HNO3-K05", ("Y", "La", "Nd")), 2, 0),
    "lines of log D": (lambda: of_three_feeds("D2EHPA-TBP-H2SO4-KEIM19", ("Y", "La", "Nd")), 2, 0),
}
"""Plan, its couplings, and how many links take something."""


@pytest.mark.parametrize("name", PLANS)
def test_a_newton_step_of_a_circuit_is_that_of_its_dense_jacobian(name: str) -> None:
    plan, couplings, count = PLANS[name]
    at = iterate_of(plan())
    assert at.state.coupling.shape[1] == couplings
    assert np.count_nonzero(np.asarray(at.links.share)) == count
    for per_hour in (0.0, 0.3):
        found, residual = at.change(per_hour)
        expected = at.dense_change(residual, per_hour)
        for got, wanted in zip(found, expected, strict=True):
            close = largest(np.asarray(got) - np.asarray(wanted)) <= 1e-9 * largest(wanted)
            assert close, (per_hour, largest(np.asarray(got) - np.asarray(wanted)), largest(wanted))


def largest(values: object) -> float:
    array: Array = np.abs(np.asarray(values))
    return float(np.max(array))
