"""The tests of ca-ladder."""
