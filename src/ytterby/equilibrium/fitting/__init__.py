"""Constants of a mass-action set fitted to shake-outs, judged on sources left out, and what to shake next."""

from ytterby.equilibrium.fitting.fit import Fit as Fit
from ytterby.equilibrium.fitting.fit import FittedConstant as FittedConstant
from ytterby.equilibrium.fitting.fit import Settings as Settings
from ytterby.equilibrium.fitting.fit import fit as fit
from ytterby.equilibrium.fitting.fitted_set import fitted_set as fitted_set
from ytterby.equilibrium.fitting.identify import Held as Held
from ytterby.equilibrium.fitting.identify import Weak as Weak
from ytterby.equilibrium.fitting.mixed import ErrorModel as ErrorModel
from ytterby.equilibrium.fitting.next_shakeout import Advice as Advice
from ytterby.equilibrium.fitting.next_shakeout import Candidate as Candidate
from ytterby.equilibrium.fitting.next_shakeout import next_shakeouts as next_shakeouts
from ytterby.equilibrium.fitting.predict import Cell as Cell
from ytterby.equilibrium.fitting.predict import Column as Column
from ytterby.equilibrium.fitting.predict import Shaken as Shaken
from ytterby.equilibrium.fitting.predict import predict as predict
from ytterby.equilibrium.fitting.predict import shaken as shaken
from ytterby.equilibrium.fitting.validate import LeftOut as LeftOut
from ytterby.equilibrium.fitting.validate import Score as Score
from ytterby.equilibrium.fitting.validate import leave_one_source_out as leave_one_source_out
from ytterby.equilibrium.fitting.validate import score as score
