"""The linear systems of chain and elimination, written as one matrix from their equations. NumPy alone.

Every unknown stands in one vector: line and content of each stage and element, then the couplings. What
leaves a stage is written once, in ``leaving``; neighbours and links take it from there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ytterby.arrays import jnp
from ytterby.circuit.chain import Links, Passage
from ytterby.circuit.elimination import Coupled
from ytterby.circuit.solved import Array


@dataclass(frozen=True)
class System:
    """A passage, what couples its elements, and links; arrays of NumPy."""

    passage: Passage
    links: Links
    coupled: Coupled
    stages: int
    elements: int
    couplings: int

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return self.stages * (2 * self.elements + self.couplings)

    def line(self, stage: int, element: int) -> int:
        """Place of a line in the vector."""
        return stage * self.elements + element

    def content(self, stage: int, element: int) -> int:
        """Place of a content in the vector."""
        return (self.stages + stage) * self.elements + element

    def coupling(self, stage: int, number: int) -> int:
        """Place of a coupling in the vector."""
        return 2 * self.stages * self.elements + stage * self.couplings + number

    def part(self, name: str, stage: int, element: int) -> float:
        """A share of the passage at a stage."""
        shape = (self.stages, self.elements)
        return float(
            np.broadcast_to(np.asarray(getattr(self.passage, name)), shape)[stage, element]
        )

    def leaving(self, stage: int, element: int, organic: bool) -> Array:
        """What leaves a stage upward or downward, as a row over the unknowns."""
        row = np.zeros(self.size)
        share = "rising" if organic else "falling"
        row[self.content(stage, element)] = self.part(share, stage, element)
        if organic:
            row[self.line(stage, element)] = 1.0 - self.part("efficiency", stage, element)
        for number in range(self.couplings):
            crossed = np.asarray(self.coupled.crossing)[stage, element, number]
            row[self.coupling(stage, number)] = crossed if organic else -crossed
        return row

    def matrix(self) -> Array:
        """Rows: line, content, coupling balances; what is held less what arrives."""
        rows = np.zeros((self.size, self.size))
        for stage in range(self.stages):
            for element in range(self.elements):
                line = rows[self.line(stage, element)]
                line[self.line(stage, element)] += 1.0
                content = rows[self.content(stage, element)]
                content[self.content(stage, element)] += self.part("hold", stage, element)
                content[self.line(stage, element)] -= self.part("efficiency", stage, element)
                if stage > 0:
                    up = self.part("up", stage - 1, element)
                    line -= up * self.leaving(stage - 1, element, True)
                if stage + 1 < self.stages:
                    down = self.part("down", stage + 1, element)
                    content -= down * self.leaving(stage + 1, element, False)
            for number in range(self.couplings):
                row = rows[self.coupling(stage, number)]
                for element in range(self.elements):
                    given = np.asarray(self.coupled.by_content)[stage, number, element]
                    row[self.content(stage, element)] += given
                for other in range(self.couplings):
                    given = np.asarray(self.coupled.by_coupling)[stage, number, other]
                    row[self.coupling(stage, other)] += given
        for link in range(len(np.asarray(self.links.source))):
            source, target = int(self.links.source[link]), int(self.links.target[link])
            organic = bool(self.links.organic[link])
            place = self.line if organic else self.content
            for element in range(self.elements):
                share = np.broadcast_to(np.asarray(self.links.share[link]), self.elements)[element]
                rows[place(target, element)] -= share * self.leaving(source, element, organic)
        return rows

    def solved(self, line: Array, content: Array, coupling: Array) -> tuple[Array, Array, Array]:
        """Line, content and couplings that answer right-hand sides of the same shapes."""
        sides = np.concatenate([line.ravel(), content.ravel(), coupling.ravel()])
        found = np.linalg.solve(self.matrix(), sides)
        metals = self.stages * self.elements
        return (
            found[:metals].reshape(line.shape),
            found[metals : 2 * metals].reshape(content.shape),
            found[2 * metals :].reshape(coupling.shape),
        )


LINKS = {
    "no link": (),
    "an organic link": ((8, 0, True),),
    "an aqueous link": ((5, 8, False),),
    "three links": ((8, 0, True), (5, 7, False), (0, 4, False)),
    "two links from one stage": ((8, 0, True), (8, 3, True), (2, 2, False)),
}
"""Source, target and whether organic, for nine stages."""


def drawn(seed: int, couplings: int, links: str, stages: int = 9, elements: int = 4) -> System:
    """Random stages that bypass, leak and lose, with links that take a share of theirs."""
    draw = np.random.default_rng(seed)
    rising = draw.uniform(0.02, 0.9, (stages, elements))
    passage = Passage(
        rising=rising,
        falling=1.0 - rising,
        efficiency=draw.uniform(0.6, 1.0, (stages, 1)),
        up=draw.uniform(0.7, 1.0, (stages, 1)),
        down=draw.uniform(0.7, 1.0, (stages, 1)),
        hold=np.asarray(1.0 + draw.uniform(0.0, 0.5)),
    )
    taken = LINKS[links]
    table = Links(
        source=np.array([source for source, _, _ in taken], dtype=np.int64),
        target=np.array([target for _, target, _ in taken], dtype=np.int64),
        organic=np.array([organic for _, _, organic in taken], dtype=float),
        share=draw.uniform(0.2, 0.9, len(taken)),
    )
    coupled = Coupled(
        crossing=draw.normal(size=(stages, elements, couplings)),
        by_content=0.3 * draw.normal(size=(stages, couplings, elements)),
        by_coupling=draw.normal(size=(stages, couplings, couplings)) + 5 * np.eye(couplings),
    )
    return System(passage, table, coupled, stages, elements, couplings)


def as_jax(values):  # type: ignore[no-untyped-def]
    """The same NamedTuple or dataclass with arrays of JAX."""
    if isinstance(values, Links):
        return Links(*(jnp.asarray(part) for part in vars(values).values()))
    return type(values)(*(jnp.asarray(part) for part in values))
