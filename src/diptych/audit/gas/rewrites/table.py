"""All rewrites, in the order in which they are tried."""

from diptych.audit.gas.rewrite import Rewrite
from diptych.audit.gas.rewrites.bool_comparison import BOOL_COMPARISON
from diptych.audit.gas.rewrites.cached_element import CACHED_ELEMENT
from diptych.audit.gas.rewrites.cached_length import CACHED_LENGTH
from diptych.audit.gas.rewrites.cached_read import CACHED_READ
from diptych.audit.gas.rewrites.calldata_parameters import CALLDATA_PARAMETERS
from diptych.audit.gas.rewrites.compound_assignment import COMPOUND_ASSIGNMENT
from diptych.audit.gas.rewrites.constant_variable import CONSTANT_VARIABLE
from diptych.audit.gas.rewrites.custom_error import CUSTOM_ERROR
from diptych.audit.gas.rewrites.default_value import DEFAULT_VALUE
from diptych.audit.gas.rewrites.external_function import EXTERNAL_FUNCTION
from diptych.audit.gas.rewrites.hoisted_read import HOISTED_READ
from diptych.audit.gas.rewrites.immutable_variable import IMMUTABLE_VARIABLE
from diptych.audit.gas.rewrites.kept_value import KEPT_VALUE
from diptych.audit.gas.rewrites.named_return import NAMED_RETURN
from diptych.audit.gas.rewrites.nonzero_test import NONZERO_TEST
from diptych.audit.gas.rewrites.prefix_increment import PREFIX_INCREMENT
from diptych.audit.gas.rewrites.redundant_check import REDUNDANT_CHECK
from diptych.audit.gas.rewrites.shift_division import SHIFT_DIVISION
from diptych.audit.gas.rewrites.short_circuit import SHORT_CIRCUIT
from diptych.audit.gas.rewrites.split_condition import SPLIT_CONDITION
from diptych.audit.gas.rewrites.state_packing import STATE_PACKING
from diptych.audit.gas.rewrites.storage_pointer import STORAGE_POINTER
from diptych.audit.gas.rewrites.storage_reference import STORAGE_REFERENCE
from diptych.audit.gas.rewrites.struct_packing import STRUCT_PACKING
from diptych.audit.gas.rewrites.unchecked_arithmetic import UNCHECKED_ARITHMETIC
from diptych.audit.gas.rewrites.unchecked_increment import UNCHECKED_INCREMENT
from diptych.audit.gas.rewrites.written_value import WRITTEN_VALUE

__all__ = ["REWRITES"]

# Declarations first, then what a function reads, then how it is written. Ranges are asked before
# custom errors: a condition is easier to follow as a demand.
REWRITES: tuple[Rewrite, ...] = (
    CONSTANT_VARIABLE,
    IMMUTABLE_VARIABLE,
    STATE_PACKING,
    STRUCT_PACKING,
    EXTERNAL_FUNCTION,
    CALLDATA_PARAMETERS,
    KEPT_VALUE,
    STORAGE_REFERENCE,
    STORAGE_POINTER,
    CACHED_LENGTH,
    HOISTED_READ,
    CACHED_READ,
    CACHED_ELEMENT,
    WRITTEN_VALUE,
    SHORT_CIRCUIT,
    REDUNDANT_CHECK,
    BOOL_COMPARISON,
    NONZERO_TEST,
    SHIFT_DIVISION,
    UNCHECKED_INCREMENT,
    UNCHECKED_ARITHMETIC,
    COMPOUND_ASSIGNMENT,
    PREFIX_INCREMENT,
    DEFAULT_VALUE,
    NAMED_RETURN,
    SPLIT_CONDITION,
    CUSTOM_ERROR,
)
