"""Better answers from a model that nothing was trained of (docs/gate.md)."""
