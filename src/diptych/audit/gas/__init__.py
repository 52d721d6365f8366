"""Gas: rewrites that cost less, each measured on a node before it is shown."""

from diptych.audit.gas.engine import GasMeter, Saving
from diptych.audit.gas.measure import Effort, Measured

__all__ = ["Effort", "GasMeter", "Measured", "Saving"]
