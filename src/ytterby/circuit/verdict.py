"""How a circuit can end: one name per outcome, each with its cause and its cure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Meaning:
    """What a verdict says to a user."""

    cause: str
    cure: str


class Verdict(Enum):
    """Outcome of a circuit; only ``SOLVED`` comes with numbers."""

    SOLVED = "solved"
    ACID_BALANCE_IMPOSSIBLE = "acid_balance_impossible"
    NO_METAL = "no_metal"
    NO_CHARGE = "no_charge"
    STRIP_ACID_SHORT = "strip_acid_short"
    ORGANIC_SATURATED = "organic_saturated"
    OUTSIDE_SAPONIFICATION_MODEL = "outside_saponification_model"
    NO_STRIPPING_MODEL = "no_stripping_model"
    PRECIPITATION = "precipitation_ph_passed"
    THIRD_PHASE = "third_phase_limit_passed"
    NOT_CONVERGED = "not_converged"

    @property
    def meaning(self) -> Meaning:
        """Cause and cure in words."""
        return _MEANINGS[self]


_MEANINGS = {
    Verdict.SOLVED: Meaning("every balance closes", ""),
    Verdict.ACID_BALANCE_IMPOSSIBLE: Meaning(
        "the base carried by the saponified organic exceeds the acid and metals that the liquors bring "
        "to stage 1, so no positive acid concentration exists there",
        "lower saponification or organic flow, or raise feed, scrub flow or scrub acid",
    ),
    Verdict.NO_METAL: Meaning(
        "there is nothing to separate", "give the feed a concentration above 0"
    ),
    Verdict.NO_CHARGE: Meaning(
        "plain water enters, so its stages have no anion for metals and acid to balance",
        "give the liquor some acid",
    ),
    Verdict.STRIP_ACID_SHORT: Meaning(
        "the strip liquor brings less acid than the metals that the organic carries to it",
        "raise strip flow or strip acid, or lower saponification or organic flow",
    ),
    Verdict.ORGANIC_SATURATED: Meaning(
        "the metals that cannot leave with the raffinate exceed the capacity of the organic, one metal "
        "charge per dimer",
        "raise organic flow or extractant concentration, or lower saponification",
    ),
    Verdict.OUTSIDE_SAPONIFICATION_MODEL: Meaning(
        "the acid of stage 1 falls so low that the saponified extractant would no longer release all its "
        "base there; no constant for that exchange is in the data",
        "lower saponification or organic flow, or raise feed or scrub acid",
    ),
    Verdict.NO_STRIPPING_MODEL: Meaning(
        "constant separation factors exchange every proton for metal, so no free acid strips",
        "end the circuit with the scrub, or use a set with a mass-action model",
    ),
    Verdict.PRECIPITATION: Meaning(
        "the hydroxide of an element would precipitate there, and the model has no solid",
        "lower saponification or organic flow, raise feed or scrub acid, or take the element out before",
    ),
    Verdict.THIRD_PHASE: Meaning(
        "the organic would gel or split into two phases, and the model has one organic phase",
        "lower saponification, or give the diluent a modifier and say so in `diluent`",
    ),
    Verdict.NOT_CONVERGED: Meaning(
        "the iteration did not close the balances; the circuit may have no steady state near its limits "
        "of acid or loading",
        "move away from full loading (more organic or less base), check the strip acid, then report the case",
    ),
}
