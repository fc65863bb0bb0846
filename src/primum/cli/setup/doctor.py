"""x."""
def doctor() -> None:
    """Say whether this machine is ready."""
