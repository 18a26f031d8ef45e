"""Tests of what a record means on a day."""
