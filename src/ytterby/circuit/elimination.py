"""The Newton system of a circuit, solved in time proportional to stages x elements squared.

Unknowns per stage: changes of the content and of the arriving line of each metal, and of the few couplings.
Metals meet only through the couplings, so each metal alone is a ``chain``. A change v of the couplings lets
metal cross over in the contact, from the aqueous to the organic line:

    content, line = chain(sources + crossing v),    G content + H v = coupling right-hand side.

Eliminating the metals leaves a system for v whose matrix falls off from its diagonal by one factor per stage
and metal (``climb`` upward, ``drop`` downward): it is semiseparable, and its LU factors follow from one
element x element matrix carried along the stages. Each link adds one unknown flow per metal, solved at the
end. Derivation: ``docs/explanation/solver.md``.
"""

from __future__ import annotations

from typing import NamedTuple

from ytterby.arrays import jax, jnp
from ytterby.circuit.chain import Chain, Links, carried, solve_dense, taken, unit_links, with_links


class Coupled(NamedTuple):
    """How content and couplings of a stage act on each other, axis ``stage`` first."""

    crossing: jax.Array
    """Metal that goes over to the organic line per coupling, (stage, element, coupling)."""
    by_content: jax.Array
    """Coupling balance by content, G (stage, coupling, element)."""
    by_coupling: jax.Array
    """Coupling balance by coupling, H (stage, coupling, coupling)."""


class Sides(NamedTuple):
    """Right-hand sides, or the change that answers them."""

    line: jax.Array
    """(stage, element)"""
    content: jax.Array
    """(stage, element)"""
    coupling: jax.Array
    """(stage, coupling)"""


def solve_newton(chain: Chain, coupled: Coupled, sides: Sides, links: Links) -> Sides:
    """Change of line, content and couplings for the given right-hand sides."""
    line, content = _alone(chain, sides, links)
    rhs = -coupled.by_content[..., None] * content[:, None]  # (stage, coupling, element, side)
    rhs = jnp.concatenate(
        [(sides.coupling + jnp.sum(rhs[..., 0], axis=2))[..., None], _flat(rhs[..., 1:])], axis=2
    )
    v, moved_line, moved = _couplings(chain, coupled, rhs)
    flows = _link_flows(chain, coupled, links, (line, content), (v, moved_line, moved))
    v = with_links(v, flows)
    moved_line, moved = with_links(moved_line, flows), with_links(moved, flows)
    per_link = flows.reshape(links.source.shape[0], content.shape[1]).T  # (element, link)
    return Sides(with_links(line, per_link) + moved_line, with_links(content, per_link) + moved, v)


def _alone(chain: Chain, sides: Sides, links: Links) -> tuple[jax.Array, jax.Array]:
    """Line and content (stage, element, 1 + link) without couplings: of the sides, and a unit per link."""
    to_line, to_content = unit_links(links, sides.content.shape)
    return carried(
        chain,
        jnp.concatenate([sides.line[..., None], to_line], axis=2),
        jnp.concatenate([sides.content[..., None], to_content], axis=2),
    )


def _flat(values: jax.Array) -> jax.Array:
    """(stage, row, element, link) to (stage, row, link x element)."""
    swapped = jnp.swapaxes(values, 2, 3)
    return swapped.reshape(*swapped.shape[:2], -1)


def _couplings(
    chain: Chain, coupled: Coupled, sides: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """v (stage, coupling, side) and the line and content (stage, element, side) that it moves.

    Notation of the derivation: U, V what a coupling sends up and down in all, own what it leaves in its
    stage. The recursion carries how eliminated stages answer what falls on them (``answer``) and what they
    send up for each side.
    """
    passage = chain.passage
    to_line = passage.up[..., None] * coupled.crossing
    to_fall = -passage.down[..., None] * coupled.crossing
    own = chain.own_line[..., None] * to_line + chain.own_fall[..., None] * to_fall
    sent_down = (passage.down * passage.falling)[..., None] * own + to_fall
    passing = (passage.up * (1.0 - passage.efficiency))[..., None]
    echoed = chain.echo[..., None] * sent_down
    sent_up = (passage.up * passage.rising)[..., None] * own + passing * echoed + to_line
    from_below = coupled.by_content * chain.by_line[:, None]
    from_above = coupled.by_content * chain.by_fall[:, None]
    diagonal = coupled.by_coupling + _times(coupled.by_content, own)
    size, count = chain.climb.shape[1], sides.shape[2]

    def eliminate(carry: jax.Array, row: tuple[jax.Array, ...]):  # type: ignore[no-untyped-def]
        below, above, block, side, up, down, climb, drop = row
        answered = _times(carry[:, :size], down)
        reach = _times(below, carry)
        inverse = _inverse(block - _times(below, answered))
        scale = jnp.concatenate([drop, jnp.ones(count)])
        solved = _few_times(inverse, jnp.hstack([above, side]) - reach * scale)
        column = up - climb[:, None] * answered
        return climb[:, None] * carry * scale + _few_times(column, solved), solved

    def substitute(fallen: jax.Array, row: tuple[jax.Array, ...]):  # type: ignore[no-untyped-def]
        solved, down, drop = row
        v = solved[:, size:] - _times(solved[:, :size], fallen)
        return _few_times(down, v) + drop[:, None] * fallen, (v, fallen)

    def accumulate(risen: jax.Array, row: tuple[jax.Array, ...]):  # type: ignore[no-untyped-def]
        v, up, climb = row
        return climb[:, None] * risen + _few_times(up, v), risen

    nothing = jnp.zeros((size, size + count))
    rows = (from_below, from_above, diagonal, sides, sent_up, sent_down, chain.climb, chain.drop)
    _, solved = jax.lax.scan(eliminate, nothing, rows)
    none = jnp.zeros((size, count))
    back = (solved, sent_down, chain.drop)
    _, (v, fallen) = jax.lax.scan(substitute, none, back, reverse=True)
    _, risen = jax.lax.scan(accumulate, none, (v, sent_up, chain.climb))
    mine = _few_times(own, v)
    content = mine + chain.by_line[..., None] * risen + chain.by_fall[..., None] * fallen
    onward = chain.drop[..., None] * fallen + _few_times(sent_down, v)
    return v, risen + chain.echo[..., None] * onward, content


def _link_flows(
    chain: Chain,
    coupled: Coupled,
    links: Links,
    alone: tuple[jax.Array, jax.Array],
    moved: tuple[jax.Array, jax.Array, jax.Array],
) -> jax.Array:
    """Change of each link's flow of each metal, (link x element)."""
    count, size = links.source.shape[0], chain.climb.shape[1]
    if count == 0:
        return jnp.zeros(0)
    v, moved_line, moved_content = moved
    crossed = _times(coupled.crossing[links.source], v[links.source])
    of_moved = taken(chain.passage, links, moved_line, moved_content, crossed)
    of_alone = taken(chain.passage, links, *alone)
    given = of_moved[..., 0] + of_alone[..., 0]
    # A unit flow of link k of one metal acts on that metal directly, on all through the couplings.
    direct = of_alone[..., 1:, None] * jnp.eye(size)[None, :, None, :]
    square = (count * size, count * size)
    matrix = direct.reshape(square) + of_moved[..., 1:].reshape(square)
    return solve_dense(jnp.eye(count * size) - matrix, given.reshape(-1))


def _times(left: jax.Array, right: jax.Array) -> jax.Array:
    """Matrix product as a fused sum: inside a scan, matrix libraries cost more than they save."""
    return jnp.sum(left[..., :, :, None] * right[..., None, :, :], axis=-2)


def _few_times(left: jax.Array, right: jax.Array) -> jax.Array:
    """The same over couplings, which are few: written out, it fuses with what follows."""
    terms = [left[..., :, i, None] * right[..., i, None, :] for i in range(left.shape[-1])]
    return sum(terms[1:], start=terms[0])


def _inverse(matrix: jax.Array) -> jax.Array:
    """Inverse of a coupling x coupling matrix, by its adjugate: at most three couplings."""
    inverse: jax.Array
    size = matrix.shape[0]
    if size == 1:
        inverse = 1.0 / matrix
        return inverse
    if size == 2:
        (a, b), (c, d) = matrix
        inverse = jnp.array([[d, -b], [-c, a]]) / (a * d - b * c)
        return inverse
    first, second, third = matrix.T
    rows = jnp.stack([jnp.cross(second, third), jnp.cross(third, first), jnp.cross(first, second)])
    inverse = rows / (first @ rows[0])
    return inverse
