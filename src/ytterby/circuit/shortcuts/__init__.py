"""The hand calculations of the field, each usable alone: plain numbers in, plain numbers out.

They start, bound and explain the rigorous answer; `shortcuts_beside` sets them next to it.
"""

from ytterby.circuit.shortcuts.beside import Beside as Beside
from ytterby.circuit.shortcuts.beside import shortcuts_beside as shortcuts_beside
from ytterby.circuit.shortcuts.cut import CutShortcut as CutShortcut
from ytterby.circuit.shortcuts.cut import shortcut_cut as shortcut_cut
from ytterby.circuit.shortcuts.drawn import Allowed as Allowed
from ytterby.circuit.shortcuts.drawn import DrawnCascade as DrawnCascade
from ytterby.circuit.shortcuts.drawn import SolvedDrawn as SolvedDrawn
from ytterby.circuit.shortcuts.drawn import solve_drawn as solve_drawn
from ytterby.circuit.shortcuts.exchange import Cascade as Cascade
from ytterby.circuit.shortcuts.exchange import SolvedCascade as SolvedCascade
from ytterby.circuit.shortcuts.exchange import solve_exchange as solve_exchange
from ytterby.circuit.shortcuts.fenske import fewest_stages as fewest_stages
from ytterby.circuit.shortcuts.joint import as_cut as as_cut
from ytterby.circuit.shortcuts.joint import lengthened as lengthened
from ytterby.circuit.shortcuts.joint import sharp_cut as sharp_cut
from ytterby.circuit.shortcuts.kremser import Outlets as Outlets
from ytterby.circuit.shortcuts.kremser import TraceSection as TraceSection
from ytterby.circuit.shortcuts.kremser import fraction_extracted as fraction_extracted
from ytterby.circuit.shortcuts.kremser import kremser as kremser
from ytterby.circuit.shortcuts.kremser import kremser_cascade as kremser_cascade
from ytterby.circuit.shortcuts.kremser import kremser_stages as kremser_stages
from ytterby.circuit.shortcuts.mccabe_thiele import Construction as Construction
from ytterby.circuit.shortcuts.mccabe_thiele import Diagram as Diagram
from ytterby.circuit.shortcuts.mccabe_thiele import SectionDiagram as SectionDiagram
from ytterby.circuit.shortcuts.mccabe_thiele import diagram as diagram
from ytterby.circuit.shortcuts.mccabe_thiele import step_off as step_off
from ytterby.circuit.shortcuts.pair import Pair as Pair
from ytterby.circuit.shortcuts.pair import pair_stages as pair_stages
from ytterby.circuit.shortcuts.underwood import LeastExtraction as LeastExtraction
from ytterby.circuit.shortcuts.underwood import effective_factor as effective_factor
from ytterby.circuit.shortcuts.underwood import least_extraction as least_extraction
from ytterby.circuit.shortcuts.underwood import least_for_extract as least_for_extract
from ytterby.circuit.shortcuts.underwood import least_sharp as least_sharp
from ytterby.circuit.shortcuts.xu import XuDesign as XuDesign
from ytterby.circuit.shortcuts.xu import keys_as_pair as keys_as_pair
from ytterby.circuit.shortcuts.xu import xu_design as xu_design
from ytterby.circuit.shortcuts.xu import xu_stages as xu_stages
