"""What holds liquor and delays it: mixers, the two phases of settlers, tanks. Linear, exact.

    d mixer/dt   = line + aqueous from above + feeds - what flows through the contact
    d organic/dt = what rises from the contact + line that passed it by - what leaves upward
    d aqueous/dt = what falls from the contact - what leaves downward
    d tank/dt    = what a link takes - what it brings

A mixer's content leaves by its residence time; settler phases and tanks are well-mixed vessels of constant
volume. Within an implicit step a vessel lets through a share of what enters (``Lags``) and gives a part of
what it held, so the step has the structure of the steady state, see ``docs/explanation/dynamics.md``.

Arrays end with an axis ``what``: elements, or passive things.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from ytterby.arrays import jax, jnp
from ytterby.circuit.chain import Links, Passage, transport


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Vessels:
    """What holds liquor; constant over a run."""

    mixer: jax.Array
    """Residence time [h], axis ``stage``: the level of a mixer follows its flow."""
    organic: jax.Array
    """Volume of the settler's organic [m3], axis ``stage``."""
    aqueous: jax.Array
    """Volume of the settler's aqueous [m3], axis ``stage``."""
    tank: jax.Array
    """Volume on the way of a link [m3], axis ``link``; 0 where there is none."""


class Held(NamedTuple):
    """Amounts by place [mol; m3 for volumes], or their slopes per h, or residence times [h]."""

    mixer: jax.Array
    """(stage, what)"""
    organic: jax.Array
    """In the organic of the settler, entrained aqueous with it; (stage, what)."""
    aqueous: jax.Array
    """In the aqueous of the settler; (stage, what)."""
    tank: jax.Array
    """(link, what)"""


class Lag(NamedTuple):
    """What a vessel does within an implicit step."""

    share: jax.Array
    """Of what enters, that leaves [-]."""
    per_held: jax.Array
    """What leaves beside, per amount held before [1/h]."""


class Lags(NamedTuple):
    """How vessels delay within an implicit step; broadcast over (stage, what) or (link, what)."""

    mixer: jax.Array
    """Residence time over ``pace`` [-]."""
    organic: Lag
    aqueous: Lag
    tank: Lag
    pace: jax.Array
    """Length of the step times the diagonal of the method [h]."""


def lags_of(residence: Held, pace: jax.Array) -> Lags:
    """Lags of vessels by their residence times [h]."""

    def lag(hours: jax.Array) -> Lag:
        # What holds nothing must not gather rounding, which a short step would give back at once.
        holds = hours > 0
        per_hour = 1.0 / (hours + pace)
        return Lag(jnp.where(holds, pace * per_hour, 1.0), jnp.where(holds, per_hour, 0.0))

    return Lags(
        mixer=residence.mixer / pace,
        organic=lag(residence.organic),
        aqueous=lag(residence.aqueous),
        tank=lag(residence.tank),
        pace=pace,
    )


class Sources(NamedTuple):
    """What enters lines and contacts beside what stages send to each other, per hour; (stage, what)."""

    line: jax.Array
    content: jax.Array


class Flows(NamedTuple):
    """What moves between the vessels, per hour."""

    line: jax.Array
    """That arrives with the organic line, (stage, what)."""
    onward: jax.Array
    """That leaves the stage with the organic line, (stage, what)."""
    downward: jax.Array
    """That leaves the stage with the aqueous, (stage, what)."""
    slopes: Held
    """What the vessels gain."""


def settling(line: jax.Array, content: jax.Array, passage: Passage) -> tuple[jax.Array, jax.Array]:
    """What enters the settlers' organic and aqueous, per hour."""
    return (1.0 - passage.efficiency) * line + passage.rising * content, passage.falling * content


def flows_of(
    line: jax.Array,
    content: jax.Array,
    passage: Passage,
    links: Links,
    lags: Lags,
    before: Held,
    sources: Sources,
) -> Flows:
    """Flows where ``line`` arrives at the stages and ``content`` flows through their contacts.

    ``before``: amounts at the begin of the implicit step. What stages give, others get: slopes add up to
    what enters less what leaves, to rounding.
    """
    settled, fell = settling(line, content, passage)
    onward = lags.organic.share * settled + lags.organic.per_held * before.organic
    downward = lags.aqueous.share * fell + lags.aqueous.per_held * before.aqueous
    taken = _taken(onward, downward, links)
    brought = lags.tank.share * taken + lags.tank.per_held * before.tank
    arrived, fallen = _arriving(onward, downward, brought, passage, links, sources)
    slopes = Held(
        # What the line lacks of what arrived counts as held by the mixer; Newton makes it vanish.
        mixer=arrived - line + passage.efficiency * line + fallen - content,
        organic=settled - onward,
        aqueous=fell - downward,
        tank=taken - brought,
    )
    return Flows(arrived, onward, downward, slopes)


def _taken(onward: jax.Array, downward: jax.Array, links: Links) -> jax.Array:
    """What links take, (link, what)."""
    organic = links.organic[:, None]
    return _share(links) * (
        organic * onward[links.source] + (1.0 - organic) * downward[links.source]
    )


def _share(links: Links) -> jax.Array:
    """What links take of what leaves a stage [-], (link, what) or (link, 1)."""
    return links.share if links.share.ndim == 2 else links.share[:, None]


def _arriving(
    onward: jax.Array,
    downward: jax.Array,
    brought: jax.Array,
    passage: Passage,
    links: Links,
    sources: Sources,
) -> tuple[jax.Array, jax.Array]:
    """What arrives with the lines and at the contacts, from stages, links and from outside."""
    organic = links.organic[:, None]
    up, down = passage.up * onward, passage.down * downward
    nothing = jnp.zeros_like(up[:1])
    line = sources.line + jnp.concatenate([nothing, up[:-1]])
    fallen = sources.content + jnp.concatenate([down[1:], nothing])
    line = line.at[links.target].add(organic * brought)
    return line, fallen.at[links.target].add((1.0 - organic) * brought)


def lagged_links(links: Links, lags: Lags) -> Links:
    """The links with what the settlers they begin at and their tanks let through within the step."""
    share = _share(links) * lags.tank.share
    organic, at = links.organic[:, None], links.source
    settled = organic * lags.organic.share[at] + (1.0 - organic) * lags.aqueous.share[at]
    return replace(links, share=share * settled)


def carried_in_step(
    passage: Passage, links: Links, lags: Lags, before: Held, sources: Sources
) -> tuple[jax.Array, jax.Array]:
    """Line and content, (stage, what), of what stages share in known proportions, at the end of an implicit
    step."""
    onward = lags.organic.per_held * before.organic
    downward = lags.aqueous.per_held * before.aqueous
    brought = lags.tank.share * _taken(onward, downward, links) + lags.tank.per_held * before.tank
    line, fallen = _arriving(onward, downward, brought, passage, links, sources)
    slowed = passage._replace(
        up=passage.up * lags.organic.share,
        down=passage.down * lags.aqueous.share,
        hold=1.0 + lags.mixer,
    )
    content = fallen + before.mixer / lags.pace
    return transport(slowed, lagged_links(links, lags), line, content)


def at_rest(
    line: jax.Array, content: jax.Array, passage: Passage, links: Links, residence: Held
) -> Held:
    """Amounts that stand in the vessels at a steady state, of what passes the stages."""
    settled, fell = settling(line, content, passage)
    passing = Held(content, settled, fell, _taken(settled, fell, links))
    return Held(*(hours * flow for hours, flow in zip(residence, passing, strict=True)))
