"""ca-ladder: a training checklist with sign-offs that can be trusted."""

__version__ = "0.1.0"
