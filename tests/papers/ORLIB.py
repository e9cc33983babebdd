"""Capacitated warehouse location: the optima that the OR-Library gives for its instances cap41 and cap72."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import coo_array

from ytterby.chain.certificate import certify
from ytterby.chain.program import Program, solve

FOLDER = Path(__file__).parent.parent / "data" / "orlib"


def location(name: str) -> Program:
    """The instance: columns share[warehouse, customer], then whether each warehouse is open."""
    numbers = [float(it) for it in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split()]
    warehouses, customers = int(numbers[0]), int(numbers[1])
    sites = np.array(numbers[2 : 2 + 2 * warehouses]).reshape(warehouses, 2)
    asked = np.array(numbers[2 + 2 * warehouses :]).reshape(customers, 1 + warehouses)
    demand, supply = asked[:, 0], asked[:, 1:].T
    shares = warehouses * customers
    share = np.arange(shares).reshape(warehouses, customers)
    opened = shares + np.arange(warehouses)
    # Rows: each customer is served; capacity of an open warehouse; nothing from a closed one, by customer.
    places = [
        (np.tile(np.arange(customers), warehouses), share.ravel(), np.ones(shares)),
        (
            customers + np.repeat(np.arange(warehouses), customers),
            share.ravel(),
            np.tile(demand, warehouses),
        ),
        (customers + np.arange(warehouses), opened, -sites[:, 0]),
        (customers + warehouses + np.arange(shares), share.ravel(), np.ones(shares)),
        (
            customers + warehouses + np.arange(shares),
            np.repeat(opened, customers),
            -np.ones(shares),
        ),
    ]
    rows, columns, values = (np.concatenate(it) for it in zip(*places, strict=True))
    size = (customers + warehouses + shares, shares + warehouses)
    below = warehouses + shares
    return Program(
        cost=np.concatenate([supply.ravel(), sites[:, 1]]),
        lower=np.zeros(size[1]),
        upper=np.ones(size[1]),
        row_lower=np.concatenate([np.ones(customers), np.full(below, -np.inf)]),
        row_upper=np.concatenate([np.ones(customers), np.zeros(below)]),
        matrix=coo_array((values, (rows, columns)), shape=size).tocsc(),
        integer=np.arange(size[1]) >= shares,
    )


@pytest.mark.parametrize(("name", "optimum"), [("cap41", 1_040_444.375), ("cap72", 977_799.400)])
def test_optimum_as_given(name: str, optimum: float) -> None:
    program = location(name)
    certificate = certify(program, solve(program))
    assert certificate.cost == pytest.approx(optimum, rel=1e-9)
    assert certificate.bound == pytest.approx(optimum, rel=1e-6)
    assert certificate.proof == "solver"
