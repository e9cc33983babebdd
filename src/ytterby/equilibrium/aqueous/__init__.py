"""Acid liquors neutralised: what falls out of them by pH, from cited constants through PHREEQC."""

from ytterby.equilibrium.aqueous.neutralise import ANIONS as ANIONS
from ytterby.equilibrium.aqueous.neutralise import BASES as BASES
from ytterby.equilibrium.aqueous.neutralise import METALS as METALS
from ytterby.equilibrium.aqueous.neutralise import Liquor as Liquor
from ytterby.equilibrium.aqueous.neutralise import Neutralised as Neutralised
from ytterby.equilibrium.aqueous.neutralise import Solid as Solid
from ytterby.equilibrium.aqueous.neutralise import Verdict as Verdict
from ytterby.equilibrium.aqueous.neutralise import neutralised as neutralised
