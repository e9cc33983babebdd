"""Between two events a circuit is one system: inputs that do not change, vessels, passive things.

Passive things (volumes, acid, anion charge, salt, sulfate) do not know of the metals, so within an implicit
step they are solved before them, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from ytterby.arrays import jax, jnp
from ytterby.circuit.chain import Links, Passage, transport
from ytterby.circuit.duties import (
    duties,
    passive_links,
    passive_passage,
    passive_sources,
    stays_organic,
)
from ytterby.circuit.dynamics.vessels import (
    Flows,
    Held,
    Lags,
    Sources,
    Vessels,
    carried_in_step,
    flows_of,
    lags_of,
    settling,
)
from ytterby.circuit.network import Inputs, Layout
from ytterby.circuit.stage import Duty, Phases
from ytterby.equilibrium import Distribution, Site

VOLUMES = 2
"""The first passive things are volumes of aqueous and organic; they pass settlers and tanks at once."""
ACID, CHARGE, SALT, SULFATE = 2, 3, 4, 5
"""The others: acid less base, charge of the metals that the liquors brought, inert cations, sulfate."""


class Amounts(NamedTuple):
    """All that a circuit holds."""

    metals: Held
    passive: Held


class Watched(NamedTuple):
    """What is told of a circuit while it runs."""

    source: jax.Array
    """Stage that an outlet leaves, axis ``outlet``."""
    organic: jax.Array
    """1 where an outlet is organic line, 0 where it is aqueous, axis ``outlet``."""
    sections: jax.Array
    """1 for the stages of a section, (section, stage)."""
    lowest_acid: jax.Array
    """[H+] of stage 1 at which the model of the saponification ends [mol/m3]; 0 without saponification."""
    solubility: jax.Array
    """log10 [M]/[H+]^3 in mol/L at which hydroxide precipitates, axis ``element``; infinite if unknown."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Regime:
    """What is imposed on a circuit between two events."""

    duty: Duty
    """As at the steady state of these inputs; volumes and site change on the way there."""
    links: Links
    passive_links: Links
    passage: Passage
    """Of passive things."""
    sources: Sources
    """Passive things from outside [m3/h, mol/h]."""
    line: jax.Array
    """Passive things that arrive with the lines at the steady state, (stage, passive)."""
    content: jax.Array
    """Passive things that flow through the contacts at the steady state, (stage, passive)."""
    vessels: Vessels
    entering: jax.Array
    """Organic that enters the circuit where a link ends [m3/h], axis ``link``."""
    watched: Watched
    leaving: jax.Array
    """Share of what a stage gives that leaves the circuit there, axis ``outlet``."""
    real: jax.Array
    """1 for stages of a circuit, 0 for padding."""


@jax.jit
def regime_of(
    inputs: Inputs, layout: Layout, model: Distribution, vessels: Vessels, watched: Watched
) -> Regime:
    """The regime of constant inputs."""
    duty, links = duties(inputs, layout, model)
    sources = Sources(*passive_sources(inputs, layout, model))
    passage = passive_passage(inputs, stays_organic(), duty.up, duty.down)
    kept = passive_links(layout, links, stays_organic())
    line, content = transport(passage, kept, *sources)
    return Regime(
        duty=duty,
        links=links,
        passive_links=kept,
        passage=passage,
        sources=sources,
        line=line,
        content=content,
        vessels=vessels,
        entering=(layout.begins @ inputs.organic_flow)[links.target],
        watched=watched,
        leaving=_leaving(duty, links, watched),
        real=layout.real,
    )


def _leaving(duty: Duty, links: Links, watched: Watched) -> jax.Array:
    """What neither goes on to the neighbour nor into a link, axis ``outlet``."""
    stage = watched.source
    onward = jnp.where(watched.organic > 0, duty.up[stage], duty.down[stage])
    same = (links.source == stage[:, None]) & (links.organic == watched.organic[:, None])
    return 1.0 - onward - jnp.sum(jnp.where(same, links.share, 0.0), axis=1)


def at_outlets(regime: Regime, onward: jax.Array, downward: jax.Array) -> jax.Array:
    """What leaves the circuit of what leaves the stages, (outlet, what)."""
    stage, organic = regime.watched.source, regime.watched.organic[:, None]
    given = organic * onward[stage] + (1.0 - organic) * downward[stage]
    return regime.leaving[:, None] * given


def volumes_out(regime: Regime, line: jax.Array, content: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Volume that leaves each stage with the organic line and with the aqueous, both phases [m3/h]."""
    volumes = slice(0, VOLUMES)
    settled = settling(line[:, volumes], content[:, volumes], _some(regime.passage, volumes))
    return jnp.sum(settled[0], axis=1), jnp.sum(settled[1], axis=1)


def residence_of(regime: Regime, organic_flow: jax.Array, aqueous_flow: jax.Array) -> Held:
    """Residence times of what is dissolved [h], by the volumes that leave the stages [m3/h]."""
    vessels = regime.vessels
    # Links without a tank may end where no organic enters.
    entering = jnp.where(vessels.tank > 0, regime.entering, 1.0)
    times = (
        vessels.mixer,
        vessels.organic / organic_flow,
        vessels.aqueous / aqueous_flow,
        vessels.tank / entering,
    )
    return Held(*(hours[:, None] for hours in times))


def residence_at_rest(regime: Regime) -> Held:
    """Residence times at the steady state [h]."""
    return residence_of(regime, *volumes_out(regime, regime.line, regime.content))


def metal_passage(split: Phases, duty: Duty) -> Passage:
    """How stages pass metals on that share themselves so."""
    return Passage(
        split.rising,
        split.falling,
        duty.efficiency[:, None],
        duty.up[:, None],
        duty.down[:, None],
        jnp.asarray(1.0),
    )


class Passive(NamedTuple):
    """Passive things at the end of an implicit step."""

    line: jax.Array
    """(stage, passive)"""
    content: jax.Array
    """(stage, passive)"""
    flows: Flows


def passive_step(regime: Regime, before: Held, pace: jax.Array) -> tuple[Passive, Lags]:
    """Passive things, and the lags of what is dissolved: volumes first, then what they carry."""
    stage, link = regime.real[:, None], regime.entering[:, None]
    at_once = Held(regime.vessels.mixer[:, None], 0.0 * stage, 0.0 * stage, 0.0 * link)
    volumes = _part_step(regime, before, slice(0, VOLUMES), lags_of(at_once, pace))
    flowing = jnp.sum(volumes.flows.onward, axis=1), jnp.sum(volumes.flows.downward, axis=1)
    lags = lags_of(residence_of(regime, *flowing), pace)
    dissolved = _part_step(regime, before, slice(VOLUMES, None), lags)
    both: Passive = jax.tree.map(
        lambda one, other: jnp.concatenate([one, other], axis=1), volumes, dissolved
    )
    return both, lags


def _part_step(regime: Regime, before: Held, part: slice, lags: Lags) -> Passive:
    """An implicit step of some passive things."""
    passage = _some(regime.passage, part)
    links = replace(regime.passive_links, share=regime.passive_links.share[:, part])
    sources = Sources(*(values[:, part] for values in regime.sources))
    held = Held(*(values[:, part] for values in before))
    line, content = carried_in_step(passage, links, lags, held, sources)
    return Passive(line, content, flows_of(line, content, passage, links, lags, held, sources))


def _some(passage: Passage, part: slice) -> Passage:
    """The passage of some passive things."""
    return passage._replace(rising=passage.rising[:, part], falling=passage.falling[:, part])


def duty_at(regime: Regime, passive: Passive) -> Duty:
    """What is imposed on the stages at this time: volumes and inert things as they are now."""
    aqueous = passive.content[:, 0]
    inert = (passive.content[:, number] / aqueous for number in (ACID, CHARGE, SALT, SULFATE))
    return replace(
        regime.duty,
        aqueous=aqueous,
        organic=passive.content[:, 1],
        arriving=passive.line[:, 1],
        site=Site(regime.duty.site.extractant, *inert),
    )
