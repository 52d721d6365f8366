"""Running a model on the CPU from bytes that were verified."""
