"""What is announced, as data: claims with tolerance and date, and all that they are held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

HISTORY = "history"
"""Status of a claim that a later one replaces: kept, and not held against the others."""
WORDING = "wording"
"""Status of a word that was given a number here, such as "mainly": judged by the figures, never believed
against them."""
STATUSES = ("current", WORDING, HISTORY)
STATED_AS = ("", "oxide", "metal", "list", "repeats list")
"""What a tonnage weighs. ``list``: what the reading says; ``repeats list``: figures that repeat that list."""
FREE = "free"
"""The hypothesis that claims are told under: nothing is assumed of the concentrates but a TREO."""
GROUPS: Mapping[str, tuple[str, ...]] = {"LaCe": ("La", "Ce"), "PrNd": ("Pr", "Nd"), "Y": ("Y",)}
"""Elements that may be cut out of a basket before it is shipped, cut by cut; composition inside stays."""


@dataclass(frozen=True)
class Claim:
    """One announced figure."""

    id: str
    topic: str
    subject: str
    quantity: str
    per: str
    """Quantity that the figure is a share of; empty if it is no share."""
    value: float
    """As printed, in ``unit``."""
    low: float
    """Least value that the figure may stand for; -inf where it is a ceiling."""
    high: float
    """Largest value that the figure may stand for; inf where it is a floor."""
    unit: str
    stated_as: str
    """One of ``STATED_AS``."""
    status: str
    """One of ``STATUSES``."""
    as_of: str
    """Year or year-month of the text; empty if not known."""
    source: str
    basis: str
    confidence: str
    tolerance: str
    """How ``low`` and ``high`` follow from what is printed."""
    means: str
    note: str = ""
    where: str = ""
    """File and line, for messages."""


@dataclass(frozen=True)
class Quantity:
    """Something that is claimed beside the plant's own quantities."""

    name: str
    unit: str
    element: str = ""
    """Whose oxide it weighs, so that it can be weighed as metal; empty if neither."""
    sum: tuple[str, ...] = ()
    """Quantities that it is the sum of."""
    elsewhere: str = ""
    """What would be needed to judge it, where nothing in the set bears on it."""


@dataclass(frozen=True)
class Range:
    """One unknown of the plant and the range that is taken for it."""

    name: str
    low: float
    typical: float
    """Where draws gather."""
    high: float
    unit: str
    says: str
    source: str
    basis: str
    confidence: str
    note: str = ""


@dataclass(frozen=True)
class Relation:
    """Arithmetic between quantities: low <= sum of factor times quantity <= high."""

    name: str
    says: str
    terms: Mapping[str, float]
    metal: Mapping[str, float]
    """Factors of quantities that are weighed as metal."""
    low: float
    high: float
    source: str
    basis: str


@dataclass(frozen=True)
class Reading:
    """One way to read the tonnages, kept open beside the others."""

    name: str
    says: str
    list_as: str
    """Weight of the element list and of what repeats it: oxide or metal."""
    other_oxides: bool
    """Whether oxides beside Pr, Nd, Tb and Dy may be sold and counted."""
    without: tuple[str, ...] = ()
    """Claims that this reading sets aside."""


@dataclass(frozen=True)
class Hypothesis:
    """What the concentrates may be."""

    name: str
    says: str
    treo: tuple[float, float] | None
    """Share of TREO in what is shipped [kg/kg]; None: as the feed has it."""
    treo_of: Mapping[str, tuple[float, float]]
    """The same by category of the feed, before ``treo``."""
    cut: Mapping[str, tuple[float, float]]
    """Least and most that is cut out before, by group of ``GROUPS``; what is not named is not cut."""
    categories: tuple[str, ...] | None
    """Of feeds; None: all."""
    leave_out: tuple[str, ...]
    feeds: tuple[str, ...] | None
    """By name; None: all. Empty: no concentrates."""


@dataclass(frozen=True)
class Completion:
    """Shares of a feed that its table does not give, and the TREO of what is shipped."""

    feed: str
    shares: Mapping[str, float]
    """Of TREO [kg/kg]."""
    treo: tuple[float, float] | None
    says: str
    source: str
    basis: str


@dataclass(frozen=True)
class Question:
    """A quantity, or a share of another, whose range is asked of every reading."""

    name: str
    of: str
    per: str
    says: str


@dataclass(frozen=True)
class ClaimSet:
    """All claims about one plant and what they are held against."""

    name: str
    title: str
    claims: Mapping[str, Claim]
    """By id, in the order in which they are believed."""
    quantities: Mapping[str, Quantity]
    ranges: Mapping[str, Range]
    relations: Mapping[str, Relation]
    readings: Mapping[str, Reading]
    hypotheses: Mapping[str, Hypothesis]
    completions: Mapping[str, Completion]
    questions: Mapping[str, Question]
    first_reading: str
    """The reading that claims are told in; the others are beside it."""
    without_feeds: tuple[str, ...] = ()
    """Feeds that are no evidence, being made of the claims themselves."""


@dataclass(frozen=True)
class Figure:
    """A value that was computed elsewhere, to judge a claim by."""

    claim: str
    value: float
    unit: str
    source: str
    """What computed it, in words or as a source key."""
