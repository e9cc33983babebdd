"""Block-tridiagonal systems with one corner block: stages in a row whose organic comes back.

Row j reads  lower_j z_(j-1) + diagonal_j z_j + upper_j z_(j+1) = rhs_j,  where the stage below the first is
the stage ``last``. Stages after ``last`` are padding and coupled to nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from ytterby.arrays import jax, jnp


class Blocks(NamedTuple):
    """Three block diagonals, each of shape (stage, unknown, unknown)."""

    lower: jax.Array
    diagonal: jax.Array
    upper: jax.Array


def solve_blocks(blocks: Blocks, rhs: jax.Array, last: jax.Array) -> jax.Array:
    """z of shape (stage, unknown): block elimination, the corner by bordering (Woodbury)."""
    stages, unknowns = rhs.shape
    corner = blocks.lower[0]
    columns = jnp.zeros((stages, unknowns, unknowns)).at[0].set(corner)
    right = jnp.concatenate([rhs[..., None], columns], axis=2)
    lower = blocks.lower.at[0].set(0.0)
    solved = _eliminate(Blocks(lower, blocks.diagonal, blocks.upper), right)
    straight, loop = solved[..., 0], solved[..., 1:]
    returned = jnp.linalg.solve(jnp.eye(unknowns) + loop[last], straight[last])
    solution: jax.Array = straight - loop @ returned
    return solution


def _eliminate(blocks: Blocks, right: jax.Array) -> jax.Array:
    """Block Thomas for several right-hand sides: one factorisation per stage, then back-substitution."""
    unknowns = right.shape[1]

    def forward(carry: tuple[jax.Array, jax.Array], row: tuple[Blocks, jax.Array]):  # type: ignore[no-untyped-def]
        above, solved = carry
        block, rhs = row
        pivot = block.diagonal - block.lower @ above
        both = jnp.linalg.solve(pivot, jnp.hstack([block.upper, rhs - block.lower @ solved]))
        return (both[:, :unknowns], both[:, unknowns:]), (both[:, :unknowns], both[:, unknowns:])

    def backward(above: jax.Array, row: tuple[jax.Array, jax.Array]):  # type: ignore[no-untyped-def]
        coupling, solved = row
        here = solved - coupling @ above
        return here, here

    start = (jnp.zeros((unknowns, unknowns)), jnp.zeros(right.shape[1:]))
    _, rows = jax.lax.scan(forward, start, (blocks, right))
    solution: jax.Array
    _, solution = jax.lax.scan(backward, jnp.zeros(right.shape[1:]), rows, reverse=True)
    return solution
