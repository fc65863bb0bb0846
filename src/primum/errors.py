"""The one error type for mistakes that a user can mend, and what errors say."""


class UserError(ValueError):
    """A user's mistake: the message says what is wrong, where, and what to do.

    The command line prints the message alone, without a traceback, and exits with status 2.
    """


def first_line(error: BaseException) -> str:
    """The first line of what an error says, without a full stop; its name where it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else type(error).__name__
