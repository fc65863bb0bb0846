"""The one error type for mistakes that a user can mend."""


class UserError(Exception):
    """A user's mistake: the message says what is wrong, where, and what to do.

    The command line prints the message alone, without a traceback, and exits with status 2.
    """


def first_line(error: BaseException) -> str:
    """The first line of an error's message without its full stop, to be quoted in a sentence.

    Where the message is empty, it is the name of the error's type.
    """
    line = str(error).strip().split("\n", 1)[0].strip().rstrip(".")
    return line or type(error).__name__
