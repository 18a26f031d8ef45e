"""How people ask: the only layer with Typer, the consoles, today's date, prompts and exits."""
