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
from diptych.audit.fixes.templates.language import IN_MEMORY, RENAMED, REQUIRE, TYPED_RIGHT
from diptych.audit.fixes.templates.order import EFFECTS_FIRST, LOCK, LOCK_ALONE, LOCK_IN_SLOT
from diptych.audit.fixes.templates.payments import PULL, WITHDRAW
from diptych.audit.fixes.templates.signatures import LOW_S, SOME_SIGNER

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
    WITHDRAW,
    SOME_SIGNER,
    LOW_S,
    FRESH_ANSWER,
    TYPED_RIGHT,
    IN_MEMORY,
    RENAMED,
    REQUIRE,
)
