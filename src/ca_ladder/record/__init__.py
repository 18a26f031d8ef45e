"""What happened: immutable events, the rules for adding one, and the file they rest in."""
