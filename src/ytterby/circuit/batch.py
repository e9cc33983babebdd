"""Many circuits at once: threads on processors, one batched program on an accelerator. Same source for both.

A processor gains nothing from batching: the linear recursions already fill it, and a batch runs until its
slowest circuit has converged. So each thread solves circuits one after the other. An accelerator solves all
circuits of one compiled shape together.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ytterby.arrays import jax, jnp
from ytterby.circuit.solve import ACCEPTED, ATTEMPTS, Attempt, Problem, attempt, find_steady

BATCH = 512
"""Circuits that an accelerator solves together."""


def find_many(problems: Sequence[Problem], workers: int | None = None) -> list[Attempt]:
    """Steady states of many circuits, in their order; judge each by its ``steady.error``.

    ``workers`` threads on a processor, all cores by default; without meaning on an accelerator.
    """
    if jax.default_backend() != "cpu":
        return _batched(problems)
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        return list(pool.map(_waited_for, problems))


def _waited_for(problem: Problem) -> Attempt:
    found: Attempt = jax.block_until_ready(find_steady(*problem))
    return found


def _batched(problems: Sequence[Problem]) -> list[Attempt]:
    """All circuits of one shape together; those that an attempt leaves open go on to the next."""
    found: dict[int, Attempt] = {}
    for numbers in _by_shape(problems):
        for begin in range(0, len(numbers), BATCH):
            left = numbers[begin : begin + BATCH]
            for limits in ATTEMPTS:
                stacked = jax.tree.map(
                    lambda *parts: jnp.stack(parts), *(problems[it] for it in left)
                )
                tried = jax.tree.map(np.asarray, _attempts(stacked, *map(np.asarray, limits)))
                for place, number in enumerate(left):
                    found[number] = jax.tree.map(lambda part, at=place: part[at], tried)
                left = [it for it in left if not float(found[it].steady.error) <= ACCEPTED]
                if not left:
                    break
    return [found[number] for number in range(len(problems))]


@jax.jit
def _attempts(problems: Problem, *limits: jax.Array) -> Attempt:
    """``attempt`` on problems with a leading ``circuit`` axis."""
    tried: Attempt = jax.vmap(lambda one: attempt(*one, *limits))(problems)
    return tried


def _by_shape(problems: Sequence[Problem]) -> Iterable[list[int]]:
    """Numbers of the problems that one compilation serves."""
    groups: dict[object, list[int]] = {}
    for number, problem in enumerate(problems):
        leaves, tree = jax.tree.flatten(problem)
        groups.setdefault((tree, tuple(np.shape(leaf) for leaf in leaves)), []).append(number)
    return groups.values()
