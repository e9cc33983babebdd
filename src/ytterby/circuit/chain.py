"""Passage of conserved things along the stages: each stage takes in, passes up, passes down. Linear, exact.

Alone, a metal (or water, or an anion) whose stages share it in known proportions obeys two recursions:

    line[j+1]    = up_j ((1 - efficiency_j) line[j] + rising_j content[j]) + line sources
    content[j]   = efficiency_j line[j] + down_(j+1) falling_(j+1) content[j+1] + content sources

``Links`` carry a share of what leaves a stage to any other stage: the organic that returns to stage 1, strip
liquor that serves as scrub, the raffinate that feeds the next circuit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ytterby.arrays import jax, jnp


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Links:
    """Flows from one stage to another that are not neighbours, arrays over ``link``."""

    source: jax.Array
    """Index of the stage whose outflow is taken."""
    target: jax.Array
    """Index of the stage that receives it."""
    organic: jax.Array
    """1: from organic line to organic line; 0: from aqueous to contact."""
    share: jax.Array
    """Share of the outflow that is taken; may have an axis ``element``."""


class Passage(NamedTuple):
    """How stages pass things on, broadcast over (stage, element)."""

    rising: jax.Array
    """Share of the content that leaves with the organic line."""
    falling: jax.Array
    """Share of the content that leaves with the aqueous."""
    efficiency: jax.Array
    up: jax.Array
    down: jax.Array
    hold: jax.Array
    """1 + hold-up per hour of residence (implicit time step); 1 at steady state."""


class Chain(NamedTuple):
    """The passage solved for every element alone, links left out; axes ``stage element``."""

    passage: Passage
    echo: jax.Array
    """What comes back up, of what falls from a stage to those below."""
    pivot: jax.Array
    """Content's own coefficient once the stages below are eliminated."""
    by_line: jax.Array
    """Content here per unit that arrives with the line from below."""
    by_fall: jax.Array
    """Content here per unit that arrives with the aqueous from above."""
    climb: jax.Array
    """Line to the next stage per unit of line that arrives here."""
    drop: jax.Array
    """Aqueous to the stage before per unit of aqueous that arrives here."""
    own_line: jax.Array
    """Content here per unit that is added to the line that leaves upward."""
    own_fall: jax.Array
    """Content here per unit that is added to the aqueous that leaves downward."""


def chain(passage: Passage) -> Chain:
    """Eliminate each element from both ends."""
    rising, falling, efficiency, up, down, hold = passage
    climbing, dropping = up * rising, down * falling
    passing = up * (1.0 - efficiency)
    # Both directions are one recursion: what comes back at a stage of what is sent to it, from below and
    # from above. ``met`` turns round in the contact, ``sent`` goes on, ``past`` goes on after turning.
    met = _both(efficiency * dropping, climbing)
    sent = _both(climbing, dropping * efficiency)
    past = _both(passing * dropping, dropping * passing)
    hold = jnp.broadcast_to(hold, climbing.shape)

    def eliminate(echo: jax.Array, row: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        pivot = row[3] - echo * row[0]
        return (row[1] + echo * row[2]) / pivot, (echo, pivot)

    rows = jnp.stack([met, sent, past, _both(hold, hold)], axis=1)
    _, (echoes, pivots) = jax.lax.scan(eliminate, jnp.zeros_like(met[0]), rows)
    echo, echo_above = echoes[:, 0], echoes[::-1, 1]
    pivot, pivot_above = pivots[:, 0], pivots[::-1, 1]
    entry = efficiency + echo_above * passing
    by_line = entry / pivot_above
    by_fall = 1.0 / pivot
    gain = 1.0 / (pivot - echo_above * (climbing + passing * echo * dropping))
    return Chain(
        passage=passage,
        echo=echo,
        pivot=pivot,
        by_line=by_line,
        by_fall=by_fall,
        climb=passing + climbing * by_line,
        drop=dropping * by_fall,
        own_line=gain * echo_above,
        own_fall=gain * entry * echo,
    )


def _both(upward: jax.Array, downward: jax.Array) -> jax.Array:
    """Factors (stage, 2, element) for the sweep up and, last stage first, for the sweep down."""
    upward, downward = jnp.broadcast_arrays(upward, downward)
    return jnp.stack([upward, downward[::-1]], axis=1)


def carried(chain: Chain, line: jax.Array, content: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Line and content (stage, element, side) that sources into both bring, of the same shape."""
    rising, falling, efficiency, up, down, _ = chain.passage
    climbing, dropping, passing = up * rising, down * falling, up * (1.0 - efficiency)
    factors = jnp.broadcast_arrays(
        efficiency / chain.pivot,
        passing,
        climbing + passing * chain.echo * dropping,  # what falls from here comes back and passes by
        1.0 / chain.pivot,
        dropping,
    )
    known = jnp.stack(factors, axis=1)[..., None]  # (stage, factor, element, 1)

    def rise(
        arrived: jax.Array, row: tuple[jax.Array, ...]
    ) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        source, own, factor = row
        arrived = source + arrived
        partial = factor[0] * arrived + factor[3] * own
        return factor[1] * arrived + factor[2] * partial, (arrived, partial)

    def fall(fallen: jax.Array, row: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
        partial, factor = row
        here = partial + factor[3] * fallen
        return factor[4] * here, here

    none = jnp.zeros_like(line[0])
    _, (arrived, partial) = jax.lax.scan(rise, none, (line, content, known))
    _, contents = jax.lax.scan(fall, none, (partial, known), reverse=True)
    return arrived + (chain.echo * dropping)[..., None] * contents, contents


def transport(
    passage: Passage, links: Links, line: jax.Array, content: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Line and content (stage, element) that sources of the same shape bring, links included.

    For whatever stages share in known proportions: water, organic, anions.
    """
    to_line, to_content = unit_links(links, content.shape)
    lines, contents = carried(
        chain(passage),
        jnp.concatenate([line[..., None], to_line], axis=2),
        jnp.concatenate([content[..., None], to_content], axis=2),
    )
    count = links.source.shape[0]
    if count == 0:
        return lines[..., 0], contents[..., 0]
    table = jnp.swapaxes(taken(passage, links, lines, contents), 0, 1)  # (element, link, side)
    flows = jax.vmap(solve_dense)(jnp.eye(count) - table[..., 1:], table[..., 0])
    return with_links(lines, flows), with_links(contents, flows)


def with_links(sides: jax.Array, flows: jax.Array) -> jax.Array:
    """Of (stage, element, 1 + link): the first side, and the links' times their flows (element, link)."""
    total: jax.Array = sides[..., 0] + jnp.sum(sides[..., 1:] * flows, axis=-1)
    return total


def taken(
    passage: Passage,
    links: Links,
    line: jax.Array,
    content: jax.Array,
    crossed: jax.Array | float = 0.0,
) -> jax.Array:
    """What links take, (link, element, side), of lines and contents (stage, element, side).

    ``crossed``, of the same shape as the answer, went over to the organic line besides.
    """
    rising, falling, efficiency = (
        jnp.broadcast_to(part, line.shape[:2])[links.source][..., None] for part in passage[:3]
    )
    here, held = line[links.source], content[links.source]
    in_line = (1.0 - efficiency) * here + rising * held + crossed
    in_aqueous = falling * held - crossed
    organic = links.organic[:, None, None]
    share = jnp.reshape(links.share, (links.source.shape[0], -1, 1))
    return share * (organic * in_line + (1.0 - organic) * in_aqueous)


def unit_links(links: Links, shape: tuple[int, ...]) -> tuple[jax.Array, jax.Array]:
    """Sources of one unit at the target of each link: into the line, into the content; (*shape, link)."""
    count = links.target.shape[0]
    arrives = jnp.zeros((shape[0], count)).at[links.target, jnp.arange(count)].set(1.0)
    into = (arrives * links.organic, arrives * (1.0 - links.organic))
    line, content = (jnp.broadcast_to(part[:, None], (*shape, count)) for part in into)
    return line, content


def solve_dense(matrix: jax.Array, rhs: jax.Array) -> jax.Array:
    """Gauss-Jordan elimination with row pivoting, for one small system; loading LAPACK takes users longer."""

    def step(column: jax.Array, table: jax.Array) -> jax.Array:
        below = jnp.arange(size) >= column
        best = jnp.argmax(jnp.where(below, jnp.abs(table[:, column]), -1.0))
        table = table.at[jnp.stack([column, best])].set(table[jnp.stack([best, column])])
        row = table[column] / table[column, column]
        return (table - table[:, column, None] * row).at[column].set(row)

    size = rhs.shape[0]
    reduced: jax.Array = jax.lax.fori_loop(0, size, step, jnp.hstack([matrix, rhs[:, None]]))
    return reduced[:, -1]
