"""Unit operations of a refinery, one file each; each answers balance, size and consumption."""

from collections.abc import Mapping

from ytterby.unitops.blend import Blending
from ytterby.unitops.boron import BoronRecovery
from ytterby.unitops.calcine import Calcination
from ytterby.unitops.calciothermic import CalciothermicReduction
from ytterby.unitops.capture import CarbonDioxideCapture
from ytterby.unitops.condition import Conditioning
from ytterby.unitops.contract import (
    Balance,
    Drivers,
    Equipment,
    Inventory,
    Operation,
    Setting,
)
from ytterby.unitops.crystallise import Crystallisation
from ytterby.unitops.decrepitate import HydrogenDecrepitation
from ytterby.unitops.demagnetise import Demagnetisation
from ytterby.unitops.dissolve import Dissolution
from ytterby.unitops.electrolysis import FluorideElectrolysis
from ytterby.unitops.evaporate import Evaporation
from ytterby.unitops.feeds import Assay, assay, catalogue_assay, feed_flow
from ytterby.unitops.gate import FeedGate
from ytterby.unitops.leach import SelectiveLeach
from ytterby.unitops.magnets import GrainBoundaryDiffusion, MagnetMaking
from ytterby.unitops.mill import Milling
from ytterby.unitops.neutralise import Neutralisation
from ytterby.unitops.precipitate import CarbonatePrecipitation, OxalatePrecipitation
from ytterby.unitops.purify import ImpurityRemoval
from ytterby.unitops.reagents import ACID, ANION, BASE, CATION, REAGENTS, Reagent, drawn
from ytterby.unitops.reception import Reception
from ytterby.unitops.recover_acid import AcidRecovery
from ytterby.unitops.roast import OxidativeRoast
from ytterby.unitops.side_metals import SideMetals
from ytterby.unitops.solvent_extraction import SolventExtraction, StoredCut
from ytterby.unitops.strip_cast import StripCasting
from ytterby.unitops.uranium import UraniumRemoval

KINDS: Mapping[str, type[Operation]] = {
    cls.KIND: cls
    for cls in (
        AcidRecovery,
        Blending,
        BoronRecovery,
        Calcination,
        CalciothermicReduction,
        CarbonDioxideCapture,
        CarbonatePrecipitation,
        Conditioning,
        Crystallisation,
        Demagnetisation,
        Dissolution,
        Evaporation,
        FeedGate,
        FluorideElectrolysis,
        GrainBoundaryDiffusion,
        HydrogenDecrepitation,
        ImpurityRemoval,
        MagnetMaking,
        Milling,
        Neutralisation,
        OxalatePrecipitation,
        OxidativeRoast,
        Reception,
        SelectiveLeach,
        SideMetals,
        SolventExtraction,
        StripCasting,
        UraniumRemoval,
    )
}
"""Classes of operations by what a case file calls them."""

__all__ = [
    "ACID",
    "ANION",
    "BASE",
    "CATION",
    "KINDS",
    "REAGENTS",
    "AcidRecovery",
    "Assay",
    "Balance",
    "Blending",
    "BoronRecovery",
    "Calcination",
    "CalciothermicReduction",
    "CarbonDioxideCapture",
    "CarbonatePrecipitation",
    "Conditioning",
    "Crystallisation",
    "Demagnetisation",
    "Dissolution",
    "Drivers",
    "Equipment",
    "Evaporation",
    "FeedGate",
    "FluorideElectrolysis",
    "GrainBoundaryDiffusion",
    "HydrogenDecrepitation",
    "ImpurityRemoval",
    "Inventory",
    "MagnetMaking",
    "Milling",
    "Neutralisation",
    "Operation",
    "OxalatePrecipitation",
    "OxidativeRoast",
    "Reagent",
    "Reception",
    "SelectiveLeach",
    "Setting",
    "SideMetals",
    "SolventExtraction",
    "StoredCut",
    "StripCasting",
    "UraniumRemoval",
    "assay",
    "catalogue_assay",
    "drawn",
    "feed_flow",
]
