"""All templates, in the order in which they are tried on a finding."""

from diptych.audit.fixes.template import Template
from diptych.audit.fixes.templates.access import (
    CALLER_NOT_ORIGIN,
    DEPLOYER_ONLY,
    HOLDER_ONLY,
    ONCE,
    OWN_GUARD,
    OWNER_ONLY,
)
from diptych.audit.fixes.templates.arithmetic import (
    CHECKED_ARITHMETIC,
    CHECKED_CAST,
    CHECKED_SINCE_0_8,
    MULTIPLY_FIRST,
)
from diptych.audit.fixes.templates.calls import CHECKED_CALL, HAS_CODE
from diptych.audit.fixes.templates.feeds import FRESH_ANSWER
from diptych.audit.fixes.templates.functions import DEMANDED, RETURNED, WHOLE_CALLDATA
from diptych.audit.fixes.templates.language import IN_MEMORY, RENAMED, REQUIRE, TYPED_RIGHT
from diptych.audit.fixes.templates.limits import IN_TIME
from diptych.audit.fixes.templates.loops import BEFORE_THE_END
from diptych.audit.fixes.templates.order import EFFECTS_FIRST, LOCK, LOCK_ALONE, LOCK_IN_SLOT
from diptych.audit.fixes.templates.payments import PULL, WITHDRAW, WITHDRAW_OWN
from diptych.audit.fixes.templates.pragmas import PINNED
from diptych.audit.fixes.templates.rounding import COMPARED, ROUNDED_UP
from diptych.audit.fixes.templates.signatures import LOW_S, ONCE_ONLY, SOME_SIGNER
from diptych.audit.fixes.templates.stipends import ALL_GAS
from diptych.audit.fixes.templates.tokens import AT_LEAST, FROM_ZERO, WHAT_CAME
from diptych.audit.fixes.templates.wording import READABLE

__all__ = ["TEMPLATES"]

TEMPLATES: tuple[Template, ...] = (
    HAS_CODE,
    CHECKED_CALL,
    EFFECTS_FIRST,
    LOCK,
    LOCK_ALONE,
    LOCK_IN_SLOT,
    CALLER_NOT_ORIGIN,
    HOLDER_ONLY,
    OWN_GUARD,
    OWNER_ONLY,
    DEPLOYER_ONLY,
    ONCE,
    CHECKED_ARITHMETIC,
    CHECKED_SINCE_0_8,
    CHECKED_CAST,
    MULTIPLY_FIRST,
    PULL,
    WITHDRAW_OWN,
    WITHDRAW,
    SOME_SIGNER,
    LOW_S,
    FRESH_ANSWER,
    TYPED_RIGHT,
    IN_MEMORY,
    RENAMED,
    REQUIRE,
    ALL_GAS,
    ONCE_ONLY,
    IN_TIME,
    BEFORE_THE_END,
    AT_LEAST,
    WHAT_CAME,
    FROM_ZERO,
    ROUNDED_UP,
    COMPARED,
    RETURNED,
    WHOLE_CALLDATA,
    DEMANDED,
    READABLE,
    PINNED,
)
