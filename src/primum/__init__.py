"""primum."""
