"""Steps of a sequence: cuts of two outlets, joint circuits of three, and every way to put them together.

Products are numbered in the order of extraction. A joint circuit gives its lightest products as raffinate,
its heaviest as strip liquor, and those between by a side draw of aqueous: from the extraction section,
where the draw holds no heavy product, or from the scrub section, where it holds no light one. What else the
draw holds is parted from it by a smaller circuit, the finisher, whose other outlet joins that of the joint
circuit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Side = Literal["extraction", "scrub"]
DRAW = "side draw"
"""What the third outlet of a joint circuit is called."""


@dataclass(frozen=True)
class Span:
    """Products ``first`` to ``end``, exclusive, together in one liquor."""

    first: int
    end: int

    @property
    def single(self) -> bool:
        """Whether it is one product."""
        return self.end - self.first == 1


@dataclass(frozen=True)
class Joint:
    """A circuit of three outlets: products before ``split`` | drawn | from ``upper`` on."""

    first: int
    split: int
    upper: int
    end: int
    side: Side
    """Section of the draw."""

    @property
    def drawn(self) -> Span:
        """Products that leave with the draw."""
        return Span(self.split, self.upper)

    @property
    def boundary(self) -> int:
        """First product of the strip side at the cut that the joint circuit makes sharp for all its feed."""
        return self.upper if self.side == "extraction" else self.split

    @property
    def source(self) -> Span:
        """What it is fed with."""
        return Span(self.first, self.end)

    @property
    def finisher(self) -> Cut:
        """The smaller circuit that frees the draw of what does not belong to it."""
        if self.side == "extraction":
            return Cut(self.first, self.split, self.upper, self)
        return Cut(self.split, self.upper, self.end, self)

    @property
    def outlets(self) -> dict[str, Span]:
        """What leaves to other circuits or as product, the draw left out."""
        return {
            "raffinate": Span(self.first, self.split),
            "strip liquor": Span(self.upper, self.end),
        }


@dataclass(frozen=True)
class Cut:
    """A cut of products ``first`` to ``end``; those before ``split`` go to the raffinate."""

    first: int
    split: int
    end: int
    of: Joint | None = None
    """The joint circuit whose draw it finishes."""

    @property
    def boundary(self) -> int:
        """First product of the strip side."""
        return self.split

    @property
    def outlets(self) -> dict[str, Span]:
        """What leaves to other circuits or as product."""
        return {
            "raffinate": Span(self.first, self.split),
            "strip liquor": Span(self.split, self.end),
        }

    @property
    def source(self) -> Span | Joint:
        """What it is fed with: products in one liquor, or the draw of a joint circuit."""
        return self.of or Span(self.first, self.end)


Step = Cut | Joint
Tree = tuple[Step, ...]
"""Steps of a sequence, each before those of its outlets."""


def trees(first: int, end: int, side_draws: bool = False) -> Iterator[Tree]:
    """All ways to part products ``first`` to ``end``.

    By cuts of two outlets alone their number is a Catalan number.
    """
    if end - first < 2:
        yield ()
        return
    for split in range(first + 1, end):
        for light in trees(first, split, side_draws):
            for heavy in trees(split, end, side_draws):
                yield (Cut(first, split, end), *light, *heavy)
    if not side_draws:
        return
    for joint in joints(first, end):
        for light in trees(first, joint.split, side_draws):
            for drawn in trees(joint.split, joint.upper, side_draws):
                for heavy in trees(joint.upper, end, side_draws):
                    yield (joint, joint.finisher, *light, *drawn, *heavy)


def joints(first: int, end: int) -> Iterator[Joint]:
    """All joint circuits for products ``first`` to ``end``."""
    sides: tuple[Side, ...] = ("extraction", "scrub")
    for split in range(first + 1, end - 1):
        for upper in range(split + 1, end):
            for side in sides:
                yield Joint(first, split, upper, end, side)


def goes_on(step: Step, outlet: str) -> bool:
    """Whether an outlet feeds another circuit, as a draw always does."""
    return outlet == DRAW or not step.outlets[outlet].single
