"""The probe: a linear read-out of the model's own hidden states."""
