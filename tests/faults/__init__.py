"""The faults a machine brings: killed programs, and many at once."""
