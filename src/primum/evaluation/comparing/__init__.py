"""Several answerers compared: scores, gains, duels and utility."""
