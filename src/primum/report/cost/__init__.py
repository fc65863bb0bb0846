"""What a run cost: time, calls and tokens by stage."""
