"""What is imposed on every stage: flows, shares and inert things, from the arrays of a network.

Water, organic, anions, inert cations and base pass the stages in known proportions, so they are computed
before any chemistry, with the same linear recursions as a metal whose distribution is known.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ytterby.arrays import jax, jnp
from ytterby.circuit.chain import Links, Passage, transport
from ytterby.circuit.network import Inputs, Layout, Takes
from ytterby.circuit.stage import Duty
from ytterby.equilibrium import Distribution, Site


@jax.jit
def duties(inputs: Inputs, layout: Layout, model: Distribution) -> tuple[Duty, Links]:
    """What is imposed on every stage, and the flows between stages that are not neighbours."""
    lines, contents = passive_sources(inputs, layout, model)
    shares = _drawn_shares(inputs, layout, lines, contents)
    up, down, links = _routes(inputs, layout, shares)
    passage = passive_passage(inputs, stays_organic(), up, down)
    line, content = transport(
        passage, passive_links(layout, links, stays_organic()), lines, contents
    )
    aqueous = content[:, 0]
    metals = inputs.inlet_flow[:, None] * inputs.inlet_metals
    entering = layout.begins @ (inputs.organic_flow[:, None] * inputs.organic_metals)
    inert = (content[:, number] / aqueous for number in (2, 3, 4, 5))
    duty = Duty(
        aqueous=aqueous,
        organic=content[:, 1],
        arriving=line[:, 1],
        efficiency=inputs.efficiency,
        aqueous_carried=inputs.aqueous_carried,
        organic_carried=inputs.organic_carried,
        up=up,
        down=down,
        feed=layout.enters @ metals,
        organic_feed=layout.enters_line @ metals + entering,
        site=Site(layout.belongs @ inputs.extractant, *inert),
    )
    return duty, links


_PHASE = np.array([0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
"""Passive things: aqueous and organic volume, then acid, metal charge, salt and sulfate with the aqueous."""


def stays_organic(count: int = len(_PHASE)) -> jax.Array:
    """1 for the passive thing that stays in the organic."""
    return jnp.asarray(_PHASE[:count])


def passive_sources(
    inputs: Inputs, layout: Layout, model: Distribution
) -> tuple[jax.Array, jax.Array]:
    """Passive things that enter lines and contacts from outside, (stage, passive)."""
    padding = 1.0 - layout.real
    base = base_flows(inputs)
    nothing = jnp.zeros_like(padding)
    concentrations = (
        inputs.inlet_acid,
        inputs.inlet_metals @ model.charge,
        inputs.inlet_salt,
        inputs.inlet_sulfate,
    )
    acid, charge, salt, sulfate = (
        layout.enters @ (inputs.inlet_flow * each) for each in concentrations
    )
    released = layout.begins @ base
    content = (
        layout.enters @ inputs.inlet_flow + padding,
        padding,
        acid - released + padding,
        charge,
        salt + released,
        sulfate,
    )
    organic = layout.begins @ inputs.organic_flow + layout.enters_line @ inputs.inlet_flow
    line = (nothing, organic, nothing, nothing, nothing, nothing)
    return jnp.stack(line, axis=1), jnp.stack(content, axis=1)


def base_flows(inputs: Inputs) -> jax.Array:
    """Base that the saponified organic releases in stage 1 of each circuit [mol/h]."""
    return inputs.saponification * inputs.extractant * inputs.organic_flow


def passive_passage(inputs: Inputs, organic: jax.Array, up: jax.Array, down: jax.Array) -> Passage:
    """How stages pass on what stays in its phase, but for entrainment."""
    aqueous_out, organic_out = inputs.aqueous_carried[:, None], inputs.organic_carried[:, None]
    rising = organic * (1.0 - organic_out) + (1.0 - organic) * aqueous_out
    falling = organic * organic_out + (1.0 - organic) * (1.0 - aqueous_out)
    return Passage(
        rising,
        falling,
        inputs.efficiency[:, None],
        up[:, None],
        down[:, None],
        jnp.asarray(1.0),
    )


def _drawn_shares(
    inputs: Inputs, layout: Layout, lines: jax.Array, contents: jax.Array
) -> jax.Array:
    """Share of a stage's outflow that each draw takes of its phase."""
    draws = layout.draws
    if draws.source.shape[0] == 0:
        return jnp.zeros(0)
    volumes = lines[:, :2], contents[:, :2]

    def refined(_: int, shares: jax.Array) -> jax.Array:
        """Entrainment moves volume by shares, so it is known only with them; the rest holds at once."""
        out = _volumes_out(inputs, layout, volumes, _routes(inputs, layout, shares))
        return inputs.taken_flow / _at_draws(out, draws)

    nominal = inputs.taken_flow / _at_draws(_nominal_volumes(inputs, layout, volumes), draws)
    shares: jax.Array = jax.lax.fori_loop(0, REFINEMENTS, refined, nominal)
    return shares


REFINEMENTS = 8
"""Each leaves of the error of a drawn share about what entrainment is of the flow."""
_Volumes = tuple[jax.Array, jax.Array]


def _nominal_volumes(inputs: Inputs, layout: Layout, sources: _Volumes) -> _Volumes:
    """Aqueous and organic that leave each stage as such [m3/h] if there were no entrainment."""
    draws = layout.draws
    none = jnp.zeros_like(inputs.efficiency)
    whole = replace(inputs, aqueous_carried=none, organic_carried=none)
    # What a draw takes is missing where it would have gone on, and arrives at its target.
    organic, aqueous = inputs.taken_flow * draws.organic, inputs.taken_flow * (1.0 - draws.organic)
    above = jnp.minimum(draws.source + 1, none.shape[0] - 1)
    below = jnp.maximum(draws.source - 1, 0)
    line = sources[0].at[above, 1].add(-organic * layout.up[draws.source])
    line = line.at[draws.target, 1].add(organic * draws.linked)
    content = sources[1].at[below, 0].add(-aqueous * layout.down[draws.source])
    content = content.at[draws.target, 0].add(aqueous * draws.linked)
    up, down, links = _routes(inputs, layout, jnp.zeros_like(inputs.taken_flow))
    return _volumes_out(whole, layout, (line, content), (up, down, links))


def _volumes_out(
    inputs: Inputs,
    layout: Layout,
    sources: _Volumes,
    routes: tuple[jax.Array, jax.Array, Links],
) -> _Volumes:
    """Aqueous and organic that leave each stage as such [m3/h]."""
    up, down, links = routes
    kept = passive_links(layout, links, stays_organic(2))
    line, content = transport(passive_passage(inputs, stays_organic(2), up, down), kept, *sources)
    aqueous = (1.0 - inputs.aqueous_carried) * content[:, 0]
    organic = (1.0 - inputs.organic_carried) * content[:, 1]
    return aqueous, organic + (1.0 - inputs.efficiency) * line[:, 1]


def _at_draws(volumes: _Volumes, draws: Takes) -> jax.Array:
    aqueous, organic = volumes
    return jnp.where(draws.organic > 0, organic[draws.source], aqueous[draws.source])


def passive_links(layout: Layout, links: Links, organic: jax.Array) -> Links:
    """Links for passive things: volume of organic is made up where it returns, all else comes with it."""
    none = jnp.zeros_like(layout.draws.organic)
    refilled = jnp.concatenate([none, layout.returns.refilled])
    share = jnp.where(refilled[:, None] * organic > 0, 0.0, links.share[:, None])
    return replace(links, share=share)


def _routes(inputs: Inputs, layout: Layout, drawn: jax.Array) -> tuple[jax.Array, jax.Array, Links]:
    """Shares of the organic line and of the aqueous that go on to the neighbour, and all links."""
    draws, returns = layout.draws, layout.returns
    source = jnp.concatenate([draws.source, returns.source])
    organic = jnp.concatenate([draws.organic, returns.organic])
    share = jnp.concatenate([drawn, inputs.taken_share])
    taken = jnp.zeros_like(layout.real)
    up = layout.up * (1.0 - taken.at[source].add(share * organic))
    down = layout.down * (1.0 - taken.at[source].add(share * (1.0 - organic)))
    linked = jnp.concatenate([draws.linked, jnp.ones_like(inputs.taken_share)])
    target = jnp.concatenate([draws.target, returns.target])
    return up, down, Links(source, target, organic, share * linked)
