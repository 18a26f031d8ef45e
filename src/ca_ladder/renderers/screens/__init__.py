"""What a terminal shows, one module for each kind of screen."""
