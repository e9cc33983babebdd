"""Passage along the stages against one dense matrix, and against conservation."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from circuits import closely
from ytterby.arrays import jax, jnp
from ytterby.circuit.chain import carried, chain, solve_dense, transport

dense = runpy.run_path(str(Path(__file__).with_name("dense.py")))
LINKS, as_jax, drawn = dense["LINKS"], dense["as_jax"], dense["drawn"]


def test_sources_are_carried_as_by_the_dense_matrix() -> None:
    """Three sides at once, each as if alone."""
    system = drawn(3, 0, "no link")
    draw = np.random.default_rng(4)
    lines, contents = draw.normal(size=(2, 9, 4, 3))
    passage = as_jax(system.passage)
    found = jax.jit(lambda *sources: carried(chain(passage), *sources))(lines, contents)
    for side in range(3):
        expected = system.solved(lines[..., side], contents[..., side], np.zeros((9, 0)))
        for got, wanted in zip(found, expected, strict=False):
            assert np.asarray(got)[..., side] == pytest.approx(wanted, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("links", LINKS)
def test_transport_is_that_of_the_dense_matrix(links: str) -> None:
    system = drawn(len(links), 0, links)
    line, content = np.random.default_rng(5).uniform(0.0, 2.0, (2, 9, 4))
    found = jax.jit(transport)(as_jax(system.passage), as_jax(system.links), line, content)
    expected = system.solved(line, content, np.zeros((9, 0)))
    for got, wanted in zip(found, expected, strict=False):
        assert np.asarray(got) == closely(wanted, rel=1e-11)


def test_a_share_of_a_link_may_differ_by_element() -> None:
    """As the volume of organic does not come back, and all that is in it does."""
    system = drawn(8, 0, "three links")
    share = np.random.default_rng(6).uniform(0.0, 1.0, (3, 4))
    system = replace(system, links=replace(system.links, share=share))
    line, content = np.random.default_rng(7).uniform(0.0, 2.0, (2, 9, 4))
    found = jax.jit(transport)(as_jax(system.passage), as_jax(system.links), line, content)
    expected = system.solved(line, content, np.zeros((9, 0)))
    for got, wanted in zip(found, expected, strict=False):
        assert np.asarray(got) == closely(wanted, rel=1e-11)


def test_what_is_held_may_differ_by_stage() -> None:
    """As mixers of one volume hold their flows for different times."""
    system = drawn(1, 0, "an organic link")
    hold = np.random.default_rng(8).uniform(1.0, 50.0, (9, 1))
    system = replace(system, passage=system.passage._replace(hold=hold))
    line, content = np.random.default_rng(9).uniform(0.0, 2.0, (2, 9, 4))
    found = jax.jit(transport)(as_jax(system.passage), as_jax(system.links), line, content)
    expected = system.solved(line, content, np.zeros((9, 0)))
    for got, wanted in zip(found, expected, strict=False):
        assert np.asarray(got) == closely(wanted, rel=1e-11)


def test_what_enters_leaves() -> None:
    """Ideal stages, no loss on the way: the last line and the first aqueous take out all sources."""
    system = drawn(1, 0, "no link")
    whole = system.passage._replace(
        up=np.array([[1.0]] * 8 + [[0.0]]),
        down=np.array([[0.0]] + [[1.0]] * 8),
        hold=np.asarray(1.0),
    )
    line_in, content_in = np.random.default_rng(2).uniform(0.0, 2.0, (2, 9, 4))
    line, content = (
        np.asarray(part)[..., 0]
        for part in carried(chain(as_jax(whole)), line_in[..., None], content_in[..., None])
    )
    out = (1 - whole.efficiency[8]) * line[8] + whole.rising[8] * content[8]
    out = out + whole.falling[0] * content[0]
    assert out == closely(line_in.sum(axis=0) + content_in.sum(axis=0), rel=1e-13)
    assert np.all(line > 0) and np.all(content > 0)


def test_thirty_decades_of_a_long_chain_keep_their_digits() -> None:
    """Fed at one end, passed on by a thousandth: x_j = 1e-3^j, to the last."""
    stages, share = 12, 1e-3
    ones = np.ones((stages, 1))
    passage = as_jax(
        drawn(0, 0, "no link").passage._replace(
            rising=share * ones,
            falling=(1 - share) * ones,
            efficiency=ones,
            up=ones,
            down=0 * ones,
            hold=np.asarray(1.0),
        )
    )
    content = np.zeros((stages, 1))
    content[0] = 1.0
    _, found = carried(chain(passage), jnp.zeros((stages, 1, 1)), jnp.asarray(content)[..., None])
    assert np.asarray(found)[:, 0, 0] == closely(share ** np.arange(stages), rel=1e-12)


@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_a_small_dense_system_is_solved(size: int) -> None:
    draw = np.random.default_rng(size)
    matrix, rhs = draw.normal(size=(size, size)), draw.normal(size=size)
    found = np.asarray(jax.jit(solve_dense)(matrix, rhs))
    assert found == closely(np.linalg.solve(matrix, rhs), rel=1e-9)


def test_rows_are_exchanged_where_the_pivot_is_nothing() -> None:
    matrix = jnp.asarray([[0.0, 2.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 4.0]])
    found = np.asarray(solve_dense(matrix, jnp.asarray([6.0, 5.0, 8.0])))
    assert found.tolist() == [5.0, 3.0, 2.0]
