"""Claims of an announcement held against each other, against mass balances and against what feeds can be."""

from ytterby.audit.audit import Alone as Alone
from ytterby.audit.audit import Answer as Answer
from ytterby.audit.audit import Audited as Audited
from ytterby.audit.audit import AuditTask as AuditTask
from ytterby.audit.audit import Closing as Closing
from ytterby.audit.audit import Contradiction as Contradiction
from ytterby.audit.audit import Judged as Judged
from ytterby.audit.audit import ReadingResult as ReadingResult
from ytterby.audit.audit import audit as audit
from ytterby.audit.audit import contradicting_sets as contradicting_sets
from ytterby.audit.claims import Claim as Claim
from ytterby.audit.claims import ClaimSet as ClaimSet
from ytterby.audit.claims import Figure as Figure
from ytterby.audit.claims import Range as Range
from ytterby.audit.read_set import claim_sets as claim_sets
from ytterby.audit.read_set import read_set as read_set
from ytterby.audit.read_set import shipped_set as shipped_set
