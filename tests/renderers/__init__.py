"""Tests of how a finished result looks."""
