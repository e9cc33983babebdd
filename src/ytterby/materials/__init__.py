"""What flows: liquors by concentration, and whole streams of a plant by species."""

from ytterby.materials.flows import Flow, State, mixed
from ytterby.materials.forms import carbonate, hydroxide, ion, oxalate, oxide
from ytterby.materials.reactions import Reaction, reaction
from ytterby.materials.species import Species, species
from ytterby.materials.streams import Phase, Stream, is_rare_earth
from ytterby.materials.volumes import liquor_volume, water_for_volume

__all__ = [
    "Flow",
    "Phase",
    "Reaction",
    "Species",
    "State",
    "Stream",
    "carbonate",
    "hydroxide",
    "ion",
    "is_rare_earth",
    "liquor_volume",
    "mixed",
    "oxalate",
    "oxide",
    "reaction",
    "species",
    "water_for_volume",
]
