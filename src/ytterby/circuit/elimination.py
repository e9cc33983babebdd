"""The Newton system of a circuit, solved in time proportional to stages x elements squared.

Unknowns per stage: a change x of each metal and a change v of the two couplings (ln d, ln h). Elements meet
only through the couplings, so each element alone is a tridiagonal system T over the stages:

    T x + B v = metals,    G x + H v = couplings.

Eliminating x leaves S = H - G T^-1 B for v. The inverse of a tridiagonal matrix falls off from its diagonal
by one factor per stage (``rise`` above, ``fall`` below), so S is semiseparable and its LU factors follow from
one element x element matrix carried along the stages. The organic that returns from the last stage to the
first adds one unknown flow per element, solved at the end. Derivation: ``docs/explanation/solver.md``.
"""

from __future__ import annotations

from typing import NamedTuple

from ytterby.arrays import jax, jnp

COUPLINGS = 2
"""ln d and ln h."""


class Jacobian(NamedTuple):
    """Derivatives of the stage equation, without its zeros; axis ``stage`` first.

    ``by_below`` and ``by_below_v`` of the first stage are by the stage ``last``, whose organic returns.
    """

    by_below: jax.Array
    """Metal balance by the same metal in the stage below, (stage, element)."""
    by_here: jax.Array
    """Metal balance by the same metal here, (stage, element)."""
    by_above: jax.Array
    """Metal balance by the same metal in the stage above, (stage, element)."""
    by_below_v: jax.Array
    """Metal balance by the couplings of the stage below, (stage, element, coupling)."""
    by_here_v: jax.Array
    """Metal balance by the couplings here, (stage, element, coupling)."""
    couplings: jax.Array
    """Extractant and charge balance by the metals here, (stage, coupling, element)."""
    couplings_v: jax.Array
    """Extractant and charge balance by the couplings here, (stage, coupling, coupling)."""


class _Elements(NamedTuple):
    """Every element's tridiagonal system, factored; all (stage, element)."""

    lower: jax.Array
    pivot: jax.Array
    rise: jax.Array
    """x_j / x_(j+1) of what enters above stage j."""
    fall: jax.Array
    """x_j / x_(j-1) of what enters below stage j."""
    gain: jax.Array
    """Diagonal of T^-1."""


def solve_newton(
    jacobian: Jacobian, metals: jax.Array, couplings: jax.Array, last: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """x (stage, element) and v (stage, coupling) for the right-hand sides of the same shapes."""
    elements = _factor(jacobian)
    stages, size = metals.shape
    source = jacobian.by_here_v  # couplings of a stage act on its own metals ...
    passed = _above(jacobian.by_below_v)  # ... and on those of the stage above it
    alone = _solve_elements(elements, metals)
    returned = jnp.cumprod(
        elements.fall.at[0].set(elements.gain[0]), axis=0
    )  # T^-1 of a unit in stage 1
    sides = jnp.concatenate(
        [
            (couplings - _product(jacobian.couplings, alone))[..., None],
            -jacobian.couplings * returned[:, None, :],
        ],
        axis=2,
    )
    moved, v = _solve_couplings(jacobian, elements, source, passed, sides)
    # Metals of the last stage for each right-hand side: the given one, and a unit of each returned element.
    ends = jnp.hstack([alone[last][:, None], jnp.diag(returned[last])]) - moved[last]
    back = jacobian.by_below[0][:, None] * ends + jacobian.by_below_v[0] @ v[last]
    flow = _solve_dense(jnp.eye(size) + back[:, 1:], back[:, 0])
    v = v[..., 0] - _product(v[..., 1:], jnp.broadcast_to(flow, (stages, size)))
    acting = _product(source, v) + _below(_product(passed, v))
    return _solve_elements(elements, metals.at[0].add(-flow) - acting), v


def _factor(jacobian: Jacobian) -> _Elements:
    """Eliminate each element from both ends of the circuit; the returning organic is left out."""
    lower = jacobian.by_below.at[0].set(0.0)
    diagonal, upper = jacobian.by_here, jacobian.by_above
    none = jnp.zeros_like(diagonal[0])

    def up(
        rise: jax.Array, row: tuple[jax.Array, ...]
    ) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        below, here, above = row
        pivot = here + below * rise
        return -above / pivot, (pivot, -above / pivot)

    def down(fall: jax.Array, row: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
        below, here, above = row
        fall = -below / (here + above * fall)
        return fall, fall

    rows = (lower, diagonal, upper)
    _, (pivot, rise) = jax.lax.scan(up, none, rows)
    _, fall = jax.lax.scan(down, none, rows, reverse=True)
    gain = 1.0 / (pivot + upper * _above(fall))
    return _Elements(lower, pivot, rise, fall, gain)


def _solve_elements(elements: _Elements, rhs: jax.Array) -> jax.Array:
    """T^-1 rhs, both (stage, element)."""

    def forward(solved: jax.Array, row: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
        side, below, pivot = row
        solved = (side - below * solved) / pivot
        return solved, solved

    def backward(above: jax.Array, row: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
        solved, rise = row
        here = solved + rise * above
        return here, here

    none = jnp.zeros_like(rhs[0])
    _, solved = jax.lax.scan(forward, none, (rhs, elements.lower, elements.pivot))
    _, result = jax.lax.scan(backward, none, (solved, elements.rise), reverse=True)
    return result


def _solve_couplings(
    jacobian: Jacobian,
    elements: _Elements,
    source: jax.Array,
    passed: jax.Array,
    sides: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """v of S v = sides, (stage, coupling, side), and what v of this and earlier stages moves, T^-1 B v,
    (stage, element, side).

    Below its diagonal S is -couplings_j (product of ``fall``) onward_k, above it -couplings_j (product of
    ``rise``) back_k; the LU recursion carries what eliminated stages left to the later ones (``left``).
    """
    own = elements.gain[..., None] * source
    next_up = _above(elements.gain)[..., None] * passed
    here = own + elements.rise[..., None] * next_up
    onward = next_up + _above(elements.fall)[..., None] * own
    back = _below(elements.rise)[..., None] * here
    diagonal = jacobian.couplings_v - _times(jacobian.couplings, here)
    size, count = elements.gain.shape[1], sides.shape[2]
    row_of = -jacobian.couplings

    def eliminate(left: jax.Array, row: tuple[jax.Array, ...]):  # type: ignore[no-untyped-def]
        row_here, back_here, onward_here, block, side, fall, rise = row
        met = _times(left[:, :size], back_here)
        reach = _times(row_here, left)
        inverse = _inverse(block - _times(row_here, met))
        column = onward_here - fall[:, None] * met
        top = jnp.hstack([row_here - reach[:, :size] * rise, side - reach[:, size:]])
        solved = _times(inverse, top)
        scale = jnp.concatenate([rise, jnp.ones(count)])
        return fall[:, None] * left * scale + _times(column, solved), solved

    def substitute(later: jax.Array, row: tuple[jax.Array, ...]):  # type: ignore[no-untyped-def]
        solved, back_here, rise = row
        v = solved[:, size:] - _times(solved[:, :size], later)
        return _times(back_here, v) + rise[:, None] * later, v

    def accumulate(earlier: jax.Array, row: tuple[jax.Array, ...]):  # type: ignore[no-untyped-def]
        v, onward_here, fall = row
        return fall[:, None] * earlier + _times(onward_here, v), earlier

    fall_next, rise_before = _above(elements.fall), _below(elements.rise)
    nothing = jnp.zeros((size, size + count))
    rows = (row_of, back, onward, diagonal, sides, fall_next, rise_before)
    _, solved = jax.lax.scan(eliminate, nothing, rows)
    none = jnp.zeros((size, count))
    _, v = jax.lax.scan(substitute, none, (solved, back, rise_before), reverse=True)
    _, earlier = jax.lax.scan(accumulate, none, (v, onward, fall_next))
    return earlier + _times(here, v), v


def _above(values: jax.Array) -> jax.Array:
    """Value of the next stage at each stage, zero at the end."""
    return jnp.concatenate([values[1:], jnp.zeros_like(values[:1])])


def _below(values: jax.Array) -> jax.Array:
    """Value of the stage before at each stage, zero at the start."""
    return jnp.concatenate([jnp.zeros_like(values[:1]), values[:-1]])


def _times(left: jax.Array, right: jax.Array) -> jax.Array:
    """Matrix product as a fused sum: inside a scan, matrix libraries cost more than they save."""
    return jnp.sum(left[..., :, :, None] * right[..., None, :, :], axis=-2)


def _product(matrix: jax.Array, vector: jax.Array) -> jax.Array:
    """Matrix times vector on every stage."""
    return jnp.sum(matrix * vector[:, None, :], axis=-1)


def _solve_dense(matrix: jax.Array, rhs: jax.Array) -> jax.Array:
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


def _inverse(matrix: jax.Array) -> jax.Array:
    """Inverse of a coupling x coupling matrix, COUPLINGS = 2."""
    (a, b), (c, d) = matrix
    inverse: jax.Array = jnp.array([[d, -b], [-c, a]]) / (a * d - b * c)
    return inverse
