"""Network: fees, congestion control, validators, energy."""
