"""Fewest stages: total reflux, where the products are nothing beside what circulates (Fenske)."""

from __future__ import annotations

import math

from ytterby.circuit.shortcuts.feeds import refuse, share_between


def fewest_stages(separation_factor: float, lost_light: float, lost_heavy: float) -> float:
    """Stages of equilibrium, not rounded, below which no cascade parts two elements so far.

    ``N = ln( (1 - l)/l (1 - h)/h ) / ln(beta)`` with the shares l of the less extracted element that leaves
    with the extract and h of the better extracted one that leaves with the raffinate. Each stage multiplies
    the ratio of both by beta at most. All stages count, the one where the extract leaves and the one where
    the raffinate leaves among them. With Xu's enrichments a and b of a pair: ``ln(ab) / ln(beta)``.

    CaseError where the factor is not above 1 or a share is not between 0 and 1.
    """
    if not separation_factor > 1.0:
        expected = "a separation factor above 1, better extracted over less extracted"
        raise refuse("fewest stages", f"{separation_factor:g}", expected, "swap the elements")
    light = share_between(lost_light, 0.0, 1.0, "share of the less extracted element lost")
    heavy = share_between(lost_heavy, 0.0, 1.0, "share of the better extracted element lost")
    parted = math.log1p(-light) - math.log(light) + math.log1p(-heavy) - math.log(heavy)
    return max(0.0, parted) / math.log(separation_factor)
