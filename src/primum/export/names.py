"""Names on the Hugging Face hub that a user gives."""

from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

from primum.errors import UserError


def check_name(name: str, what: str) -> None:
    """Checks a name, without asking the network.

    Args:
        name: What the user has given.
        what: What it names, such as "a data set".

    Raises:
        UserError: If it is not of the form OWNER/NAME that the hub allows.
    """
    try:
        validate_repo_id(name)
        valid = name.count("/") == 1
    except HFValidationError:
        valid = False
    if not valid:
        raise UserError(f"{name} is no name of {what} on the hub; write OWNER/NAME")
