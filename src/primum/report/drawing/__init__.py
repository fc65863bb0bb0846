"""What pages are drawn with: marks, charts, figures as text, templates."""
