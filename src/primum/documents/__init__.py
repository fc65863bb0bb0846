"""Text files that users write: read strictly, with errors that say which file and which line."""

from primum.documents.problems import validated
from primum.documents.strict_yaml import Document, dump_yaml, parse_yaml
from primum.documents.suggestions import nearest
from primum.documents.text import decode, parse_json, parse_json_lines, read_bytes, read_text

__all__ = [
    "Document",
    "decode",
    "dump_yaml",
    "nearest",
    "parse_json",
    "parse_json_lines",
    "parse_yaml",
    "read_bytes",
    "read_text",
    "validated",
]
