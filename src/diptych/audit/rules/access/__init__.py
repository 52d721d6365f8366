"""Who may do what: missing and wrong checks of the caller."""
