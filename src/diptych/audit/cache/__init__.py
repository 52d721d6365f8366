"""What earlier scans found, kept for the next one."""
