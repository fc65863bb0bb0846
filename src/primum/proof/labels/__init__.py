"""People's labels of a run's answers: blind sheets out, filled ones in."""
