"""How it looks: a finished result to a screen, JSON, CSV or Markdown. Nothing here counts, asks or prints."""
