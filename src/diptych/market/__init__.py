"""Market: offers, escrow, vouchers, rewards and disputes."""
