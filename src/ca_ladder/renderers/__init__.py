"""How it looks: renders finished results as screens and files. Nothing here counts, asks or prints."""
