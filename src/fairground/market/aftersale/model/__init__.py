"""After-sale as values: cases and their moves, what may be claimed, the rules."""

from fairground.market.aftersale.model.cases import ANSWERS as ANSWERS
from fairground.market.aftersale.model.cases import ENDED as ENDED
from fairground.market.aftersale.model.cases import GOODS_BACK as GOODS_BACK
from fairground.market.aftersale.model.cases import OPEN as OPEN
from fairground.market.aftersale.model.cases import SILENCE as SILENCE
from fairground.market.aftersale.model.cases import TRANSITIONS as TRANSITIONS
from fairground.market.aftersale.model.cases import Answer as Answer
from fairground.market.aftersale.model.cases import Bearer as Bearer
from fairground.market.aftersale.model.cases import Case as Case
from fairground.market.aftersale.model.cases import CaseDeed as CaseDeed
from fairground.market.aftersale.model.cases import CaseDraft as CaseDraft
from fairground.market.aftersale.model.cases import CaseId as CaseId
from fairground.market.aftersale.model.cases import CaseKind as CaseKind
from fairground.market.aftersale.model.cases import CaseReason as CaseReason
from fairground.market.aftersale.model.cases import CaseState as CaseState
from fairground.market.aftersale.model.cases import Outcome as Outcome
from fairground.market.aftersale.model.cases import Revision as Revision
from fairground.market.aftersale.model.cases import Ruling as Ruling
from fairground.market.aftersale.model.cases import ShopCase as ShopCase
from fairground.market.aftersale.model.cases import Side as Side
from fairground.market.aftersale.model.cases import Stage as Stage
from fairground.market.aftersale.model.cases import TimelineEntry as TimelineEntry
from fairground.market.aftersale.model.cases import answers_for as answers_for
from fairground.market.aftersale.model.cases import bearer_for as bearer_for
from fairground.market.aftersale.model.cases import may_answer as may_answer
from fairground.market.aftersale.model.rules import AftersaleRules as AftersaleRules
