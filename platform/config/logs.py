"""Log lines without personal data."""

import json
import logging
import re
from datetime import UTC, datetime

from config import request_ids

HIDDEN = "[…]"
_DETAIL = re.compile(r"(?m)^(\s*(?:DETAIL|CONTEXT):).*$")
_QUERY = re.compile(r"(\?)[^\s\"']+")
_PASSWORD = re.compile(r"(://[^:/\s]*:)[^@\s]+(@)")
# Tokens of tablets, drafts and sessions: any long random text. Instance ids are shorter.
_TOKEN = re.compile(r"(?<![\w-])(?:[0-9a-fA-F]{32,}|(?=[\w!$~-]*[0-9])[\w!$~-]{40,})(?![\w-])")
_AFTER = re.compile(r"(/(?:key|test|sessions|step|alerts)/)[^/\s\"'?]+")
_FIELD = re.compile(r"(?i)\b((?:c?nonce|response|token|password|code)=\"?)[^\"\s,&;]+")
_TELEPHONE = re.compile(r"(?<![\w.:-])(?:\+?855|0)[\s-]?\d(?:[\s-]?\d){7,9}(?![\w.:-])")


def discreet(text: str) -> str:
    """Return the text without row contents, query strings, passwords, tokens and telephone numbers.

    PostgreSQL puts the values of a refused row into DETAIL; addresses carry what
    people searched for.
    """
    text = _DETAIL.sub(rf"\1 {HIDDEN}", text)
    text = _PASSWORD.sub(rf"\1{HIDDEN}\2", text)
    text = _QUERY.sub(rf"\1{HIDDEN}", text)
    text = _AFTER.sub(rf"\1{HIDDEN}", text)
    text = _FIELD.sub(rf"\1{HIDDEN}", text)
    text = _TOKEN.sub(HIDDEN, text)
    return _TELEPHONE.sub(HIDDEN, text)


class Discreet(logging.Formatter):
    """Formats a record, traceback included, and removes personal data."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line for people, with the identifier of the request at its end."""
        text = discreet(super().format(record))
        request_id = request_ids.current().get("request_id")
        if not request_id:
            return text
        first, *rest = text.split("\n", 1)  # a traceback stays below its line
        return "\n".join([f"{first} request_id={request_id}", *rest])


class DiscreetJson(logging.Formatter):
    """Formats a record as a line of JSON for programs that collect logs; nothing personal in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one JSON object."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": discreet(record.getMessage()),
        }
        if record.exc_info:
            line["exception"] = discreet(self.formatException(record.exc_info))
        for name in ("request_id", "correlation_id", "task_id"):
            if existing := request_ids.current().get(name):
                line[name] = str(existing)
        return json.dumps(line, ensure_ascii=False)
