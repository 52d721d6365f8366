"""Prices that somebody can bend or that are out of date, and trades without a limit."""
