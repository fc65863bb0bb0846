"""An export's way to the hub: what would go, and, where it is wanted, that it goes."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from primum.engines.models.origin import front_matter
from primum.errors import UserError, first_line
from primum.export.card import CARD
from primum.export.names import check_name
from primum.export.places import check_no_local_paths
from primum.run.layout import MANIFEST

_EXPORTED = re.compile(
    r"README\.md|LICENSE(\.\w+)?|(adapter_)?config\.json|generation_config\.json"
    r"|[\w.-]+\.safetensors|[\w.-]+\.safetensors\.index\.json|[\w.-]+\.gguf"
    r"|tokenizer(_config)?\.json|tokenizer\.model|special_tokens_map\.json|added_tokens\.json"
    r"|vocab\.json|merges\.txt|chat_template\.jinja|additional_chat_templates/[\w.-]+\.jinja"
    r"|\.eval_results/[\w.-]+\.yaml|(modeling|configuration|tokenization)_\w+\.py"
)
"""All that an export can hold. Nothing else ever leaves the machine."""


@dataclass(frozen=True)
class Push:
    """What a push sends, and where to.

    Attributes:
        repo: The repository, as OWNER/NAME.
        private: Whether nobody else may see it.
        folder: The export.
        files: Its files and their sizes in bytes, relative to the folder.
        left: Files of the folder that stay here.
    """

    repo: str
    private: bool
    folder: Path
    files: tuple[tuple[str, int], ...]
    left: tuple[str, ...]


def prepare_push(folder: Path, repo: str, *, private: bool = False) -> Push:
    """Checks an export and a repository's name, without asking the network.

    Args:
        folder: The export.
        repo: The repository.
        private: Whether nobody else may see it.

    Raises:
        UserError: If the folder is no export, one of its texts names a place of this machine, or
            the name is none of a repository.
    """
    check_name(repo, "a repository")
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}; check the path")
    if (folder / MANIFEST).exists():
        raise UserError(f"{folder} is a run; push its export (`primum export` makes one)")
    found = sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())
    files = [name for name in found if _EXPORTED.fullmatch(name)]
    weights = [name for name in files if name.endswith((".safetensors", ".gguf"))]
    if not weights or not front_matter(_card(folder)):
        raise UserError(f"{folder} is no export (weights and {CARD}); make one with primum export")
    linked = [
        name for name in files if not (folder / name).resolve().is_relative_to(folder.resolve())
    ]
    if linked:
        raise UserError(f"{folder / linked[0]} is a link out of the export; put the file there")
    check_no_local_paths(folder, files)
    sizes = tuple((name, (folder / name).stat().st_size) for name in files)
    return Push(repo, private, folder, sizes, tuple(n for n in found if n not in files))


def send(push: Push, api: Any = None) -> str:
    """Makes the repository where there is none, and sends all files in one commit.

    Args:
        push: What to send.
        api: A `huggingface_hub.HfApi`; None makes one for the hub that the environment names.

    Returns:
        The address of the commit.

    Raises:
        UserError: If there is no token, it is refused, the hub cannot be reached or refuses the
            card, or a repository that is to be private is public.
    """
    import httpx2
    from huggingface_hub import HfApi, get_token
    from huggingface_hub.errors import HfHubHTTPError

    if api is None:
        if get_token() is None:
            raise UserError(
                "there is no token for the hub; run `hf auth login`, or set HF_TOKEN to a token "
                "that may write"
            )
        api = HfApi()
    try:
        api.create_repo(push.repo, private=push.private or None, exist_ok=True)
        if push.private and not api.repo_info(push.repo).private:
            raise UserError(
                f"{push.repo} is there already, and public; name another repository, or make it "
                "private in its settings"
            )
        sent = api.upload_folder(
            repo_id=push.repo,
            folder_path=push.folder,
            allow_patterns=[name for name, _ in push.files],
            commit_message="Export of primum",
        )
    except HfHubHTTPError as error:
        raise UserError(_refusal(push.repo, error)) from error
    except UserError:
        raise
    except ValueError as error:
        # The hub checks the card's metadata before it takes a commit.
        said = " ".join(str(error).split())
        raise UserError(f"the hub refuses the card ({said}); mend {CARD}") from error
    except (httpx2.HTTPError, ConnectionError, OSError) as error:
        raise UserError(
            f"the hub cannot be reached ({first_line(error)}), so {push.repo} may lack files; "
            "check the network, and push again"
        ) from error
    return str(getattr(sent, "commit_url", sent))


def _refusal(repo: str, error: Any) -> str:
    status = getattr(error.response, "status_code", None)
    if status == 401:
        return "the hub refuses the token; run `hf auth login`, or set HF_TOKEN anew"
    if status == 403:
        return f"the token may not write to {repo}; take one that may, or name another repository"
    return f"the hub refuses {repo} ({first_line(error)})"


def _card(folder: Path) -> str:
    card = folder / CARD
    return card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""
