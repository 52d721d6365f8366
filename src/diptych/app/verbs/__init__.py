"""What can be done with a workspace, one verb per module."""
