"""The runs of a comparison: what they are about, how they share, and what they leave."""
