"""A circuit through time against scipy: every vessel written out by hand, equilibrium by bisection.

Nothing of the solver is used but the constants as listed. One organic loop with a tank, two metals, four
stages, each with a mixer and the two phases of a settler; the strip acid fails half-way.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.integrate import solve_ivp  # type: ignore[import-untyped]
from scipy.optimize import brentq  # type: ignore[import-untyped]

from running import four_stages
from shapes import padded_to
from ytterby.circuit import Circuit
from ytterby.circuit.dynamics import Event, Hold, HoldUp, WeakerAcid
from ytterby.circuit.dynamics.simulate import simulate_circuit
from ytterby.circuit.solved import Array
from ytterby.datasets import parameter_set

MIXER, ORGANIC, AQUEOUS, TANK = 0.1, 0.3, 0.4, 0.7
"""Residence times [h], and the volume of the tank [m3]."""
FAILS, END, SHARE = 1.5, 3.0, 0.4
AGREEMENT = 1e-7


@pytest.fixture(autouse=True)
def one_shape(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    padded_to(monkeypatch, stages=16, elements=4, takes=(4,))
    yield


class ByHand:
    """The same circuit as a system of ordinary differential equations.

    State: mixer (Nd, Gd, charge), settler aqueous (the same), settler organic (Nd, Gd) of each stage, then
    the tank (Nd, Gd). ``charge``: acid and the anions of metals, which follow the water.
    """

    def __init__(self, circuit: Circuit) -> None:
        constants = parameter_set(circuit.equilibrium).constants
        self.k = np.array([10 ** constants[it].numbers["log10_kex"] for it in circuit.elements])
        self.organic, self.dimers = circuit.organic.flow, circuit.organic.extractant / 2
        self.base = circuit.base
        feed, scrub, strip = (section.inlet for section in circuit.sections)
        assert feed and scrub and strip
        self.metals = feed.flow * np.array([feed.concentrations[it] for it in circuit.elements])
        self.feed_charge = feed.flow * feed.acid + 3 * self.metals.sum()
        self.scrub_charge, self.strip_charge = scrub.flow * scrub.acid, strip.flow * strip.acid
        self.aqueous = np.array([feed.flow + scrub.flow] * 2 + [scrub.flow, strip.flow])

    def empty(self) -> Array:
        """No metal; the charge of the steady state as acid."""
        carried = [self.feed_charge + self.scrub_charge] * 2
        flows = np.array([carried[0] - self.base, carried[1], self.scrub_charge, self.strip_charge])
        state = np.zeros(4 * 8 + 2)
        state[2:32:8], state[5:32:8] = MIXER * flows, AQUEOUS * flows
        return state

    def split(self, metals: Array, charge: float, aqueous: float) -> tuple[Array, Array]:
        """x and y [mol/m3] of a mixer that passes on so much an hour."""

        def phases(driver: float) -> tuple[Array, Array]:
            ratio = self.k * np.exp(3 * driver)
            x = metals / (aqueous + self.organic * ratio)
            return x, ratio * x

        def excess(driver: float) -> float:
            x, y = phases(driver)
            dimer, acid = self.dimers - 3 * y.sum(), charge / aqueous - 3 * x.sum()
            if acid <= 0.0:
                return 1e3
            return -1e3 if dimer <= 0.0 else float(np.log(dimer / acid) - driver)

        return phases(brentq(excess, -60.0, 60.0, xtol=1e-13, rtol=1e-14))

    def slope(self, time: float, state: Array, strip_charge: float) -> Array:
        """What every vessel gains per hour."""
        mixers, waters = state[:32].reshape(4, 8)[:, :3], state[:32].reshape(4, 8)[:, 3:6]
        organics, tank = state[:32].reshape(4, 8)[:, 6:], state[32:]
        gains = np.zeros_like(state)
        stages = gains[:32].reshape(4, 8)
        rising = organics / ORGANIC
        falling = waters / AQUEOUS
        arriving = np.vstack([tank / (TANK / self.organic), rising[:3]])
        for stage in range(4):
            through = mixers[stage] / MIXER
            x, y = self.split(through[:2], through[2], self.aqueous[stage])
            into = np.append(arriving[stage], 0.0)
            if stage in (0, 1):  # scrub liquor flows on into extraction, the strip liquor leaves
                into = into + falling[stage + 1]
            if stage == 0:
                into[2] -= self.base
            if stage == 1:
                into += np.append(self.metals, self.feed_charge)
            if stage == 2:
                into[2] += self.scrub_charge
            if stage == 3:
                into[2] += strip_charge
            fell = np.append(self.aqueous[stage] * x, through[2])
            stages[stage, :3] = into - through
            stages[stage, 3:6] = fell - falling[stage]
            stages[stage, 6:] = self.organic * y - rising[stage]
        gains[32:] = rising[3] - arriving[0]
        return gains

    def run(self, state: Array, begin: float, end: float, strip_charge: float) -> Array:
        """The state later."""
        done = solve_ivp(
            self.slope, (begin, end), state, "Radau", args=(strip_charge,), rtol=1e-8, atol=1e-9
        )
        assert done.success
        found: Array = done.y[:, -1]
        return found


def by_hand() -> list[Array]:
    """The state when the acid fails and at the end."""
    system = ByHand(four_stages())
    first = system.run(system.empty(), 0.0, FAILS, system.strip_charge)
    return [first, system.run(first, FAILS, END, SHARE * system.strip_charge)]


def test_filling_and_an_acid_failure_are_those_of_the_equations_written_out() -> None:
    holdup = HoldUp(Hold(MIXER), Hold(ORGANIC), Hold(AQUEOUS), Hold(TANK, "volume"))
    failure = Event("strip acid fails", FAILS, WeakerAcid("strip acid", SHARE))
    found = simulate_circuit(four_stages(), END, holdup=holdup, events=[failure], tolerance=1e-8)
    times = [found.courses[0].end - 1, found.courses[1].end - 1]
    assert [found.time[at] for at in times] == [FAILS, END]
    for at, state in zip(times, by_hand(), strict=True):
        stages, tank = state[:32].reshape(4, 8), state[32:]
        places = found.inventory.places[:, at]
        largest = np.max(stages[:, :2], axis=0)
        mixers, waters, organics = stages[:, :2], stages[:, 3:5], stages[:, 6:]
        for section, rows in enumerate(([0, 1], [2], [3])):
            held = places[:, section]
            assert held[0] + held[1] == pytest.approx(
                mixers[rows].sum(axis=0), abs=AGREEMENT * largest.min()
            )
            assert held[2] == pytest.approx(waters[rows].sum(axis=0), rel=AGREEMENT)
            assert held[3] == pytest.approx(organics[rows].sum(axis=0), rel=AGREEMENT)
        assert found.inventory.tank[at] == pytest.approx(tank, rel=AGREEMENT)
        raffinate, liquor = found.outlets["raffinate"], found.outlets["strip liquor"]
        assert raffinate.metals[at] == pytest.approx(waters[0] / AQUEOUS, rel=AGREEMENT)
        assert liquor.metals[at] == pytest.approx(waters[3] / AQUEOUS, rel=AGREEMENT)
