"""Terminal screens, one module for each kind."""
