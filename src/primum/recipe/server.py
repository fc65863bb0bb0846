"""The settings of an OpenAI-compatible server."""

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from primum.recipe.section import Section


class OpenAIServer(Section):
    """An OpenAI-compatible server; its key is read from the environment (OPENAI_API_KEY) alone."""

    base_url: str | None = Field(
        None, description="Where it answers, such as `http://127.0.0.1:8000/v1`."
    )
    served_model: str | None = Field(
        None,
        min_length=1,
        description="What it calls the starting model; null: the name given to --model.",
    )
    concurrency: int = Field(16, ge=1, le=1024, description="Requests under way at a time.")
    timeout: float = Field(600, gt=0, description="Seconds until an answer counts as lost.")
    retries: int = Field(
        8, ge=0, description="Further tries of a request that failed for the time being."
    )

    @field_validator("base_url")
    @classmethod
    def _without_secrets(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            url = urlsplit(value.strip())
            url_is_whole = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
        except ValueError:
            url_is_whole = False
        # None of these messages shows the address: it may hold a password.
        if not url_is_whole:
            raise ValueError("is no address of the form http://HOST:PORT/v1")
        if "@" in url.netloc or url.query or url.fragment:
            raise ValueError(
                "may hold no user, password or query, since recipes are kept and shown; put the "
                "key into the environment variable OPENAI_API_KEY"
            )
        return value.strip().rstrip("/")
