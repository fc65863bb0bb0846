"""The three questions."""

from collections.abc import Callable

from primum.errors import UserError
from primum.setup.init.answers import (
    DEFAULT_DOMAIN,
    DEFAULT_FIRST,
    DEFAULT_MODEL,
    DomainAnswers,
    check_domain,
    check_model,
    parse_answers,
    parse_order,
)

_DOMAIN = "What is the model for? In one line, such as: tenants' questions to a law centre"
_FIRST = (
    "What comes before help: harmless or honest? Or a whole order, such as harmless,honest,helpful"
)
_MODEL = "Which model: a folder, a hub name, or the bundled one?"


def ask_answers(
    domain: str | None, first: str | None, model: str | None, reply: Callable[[str], str]
) -> DomainAnswers:
    """Asks for what is not said.

    Args:
        domain: See `parse_answers`; None to ask.
        first: Likewise.
        model: Likewise.
        reply: Shows a question and gives what is answered.

    Raises:
        UserError: If what was said cannot be used, or nobody answers any more.
    """
    if domain is None:
        domain = _ask(_DOMAIN, DEFAULT_DOMAIN, check_domain, reply)
    about = check_domain(domain)
    if first is None:
        first = _ask(_FIRST, DEFAULT_FIRST, lambda said: parse_order(said, about), reply)
    if model is None:
        model = _ask(_MODEL, DEFAULT_MODEL, check_model, reply)
    return parse_answers(domain, first, model)


def _ask(
    question: str, default: str, check: Callable[[str], object], reply: Callable[[str], str]
) -> str:
    """Asks until the answer can be used.

    Args:
        question: What to ask.
        default: What an empty answer means.
        check: Raises a `UserError` where an answer cannot be used.
        reply: Shows a text and gives what is answered.
    """
    before = ""
    while True:
        try:
            said = reply(f"{before}{question}\n[{default}] > ").strip() or default
            check(said)
        except EOFError as error:
            raise UserError(
                "the answers ended before the last question, and nothing was written; say them "
                "with --domain, --first and --model"
            ) from error
        except UserError as error:
            before = f"{error}.\n"
        else:
            return said
