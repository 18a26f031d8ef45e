"""Tests of what a record is worth: forgeries, damages, and files that were once met."""
