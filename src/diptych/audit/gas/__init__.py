"""Gas: rewrites that cost less, each measured on a node before it is shown."""

from diptych.audit.gas.engine import GasMeter
from diptych.audit.gas.measure import Effort, Measured
from diptych.audit.gas.saving import Saving

__all__ = ["Effort", "GasMeter", "Measured", "Saving"]
