"""Finds and reads the files of a scan."""
