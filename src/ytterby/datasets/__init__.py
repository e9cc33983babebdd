"""Curated numbers of the literature: tables by topic and source, and parameter sets.

A number comes in only with a unit, a basis, a confidence and a source key; a file that lacks one of
them is refused as a whole, with every fault in it. See ``data/README.md`` for the file format.
"""

from ytterby.datasets.basis import BASES as BASES
from ytterby.datasets.basis import CONFIDENCES as CONFIDENCES
from ytterby.datasets.basis import Cited as Cited
from ytterby.datasets.basis import cited as cited
from ytterby.datasets.basis import weakest_basis as weakest_basis
from ytterby.datasets.contacts import Contact as Contact
from ytterby.datasets.contacts import ContactMetal as ContactMetal
from ytterby.datasets.contacts import contacts_of as contacts_of
from ytterby.datasets.contacts import shipped_contacts as shipped_contacts
from ytterby.datasets.sets import TERMS as TERMS
from ytterby.datasets.sets import VALID as VALID
from ytterby.datasets.sets import Constant as Constant
from ytterby.datasets.sets import General as General
from ytterby.datasets.sets import ParameterSet as ParameterSet
from ytterby.datasets.sets import Range as Range
from ytterby.datasets.sets import extractant as extractant
from ytterby.datasets.sets import extractants as extractants
from ytterby.datasets.sets import parameter_set as parameter_set
from ytterby.datasets.sets import parameter_sets as parameter_sets
from ytterby.datasets.sets import read_parameter_set as read_parameter_set
from ytterby.datasets.tables import TOPICS as TOPICS
from ytterby.datasets.tables import Row as Row
from ytterby.datasets.tables import TableFile as TableFile
from ytterby.datasets.tables import Topic as Topic
from ytterby.datasets.tables import read_rows as read_rows
from ytterby.datasets.tables import table as table
from ytterby.datasets.tables import tables as tables
from ytterby.datasets.written import parameter_set_text as parameter_set_text
