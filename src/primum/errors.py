"""The one error type for mistakes that a user can mend."""


class UserError(ValueError):
    """A user's mistake: the message says what is wrong, where, and what to do.

    The command line prints the message alone, without a traceback, and exits with status 2.
    """
