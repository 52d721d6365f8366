"""What the log says about models: versions, aliases, approvals, revocations, licences."""
