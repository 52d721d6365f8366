"""All rewrites, in the order in which they are tried."""

from diptych.audit.gas.rewrite import Rewrite
from diptych.audit.gas.rewrites.cached_length import CACHED_LENGTH
from diptych.audit.gas.rewrites.cached_read import CACHED_READ
from diptych.audit.gas.rewrites.calldata_parameters import CALLDATA_PARAMETERS
from diptych.audit.gas.rewrites.constant_variable import CONSTANT_VARIABLE
from diptych.audit.gas.rewrites.default_value import DEFAULT_VALUE
from diptych.audit.gas.rewrites.external_function import EXTERNAL_FUNCTION
from diptych.audit.gas.rewrites.hoisted_read import HOISTED_READ
from diptych.audit.gas.rewrites.immutable_variable import IMMUTABLE_VARIABLE
from diptych.audit.gas.rewrites.nonzero_test import NONZERO_TEST
from diptych.audit.gas.rewrites.prefix_increment import PREFIX_INCREMENT
from diptych.audit.gas.rewrites.unchecked_arithmetic import UNCHECKED_ARITHMETIC
from diptych.audit.gas.rewrites.unchecked_increment import UNCHECKED_INCREMENT

__all__ = ["REWRITES"]

REWRITES: tuple[Rewrite, ...] = (
    CONSTANT_VARIABLE,
    IMMUTABLE_VARIABLE,
    EXTERNAL_FUNCTION,
    CALLDATA_PARAMETERS,
    CACHED_LENGTH,
    HOISTED_READ,
    CACHED_READ,
    NONZERO_TEST,
    PREFIX_INCREMENT,
    UNCHECKED_INCREMENT,
    UNCHECKED_ARITHMETIC,
    DEFAULT_VALUE,
)
