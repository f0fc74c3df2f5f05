"""JSON of the REST API, read as strictly as everywhere else."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from parsing import json_body
from parsing.errors import UnreadableValue


class StorableJSONParser(JSONParser):
    """JSON whose every value can be stored; anything else is 400 with a sentence."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Read the body. Raises ParseError."""
        try:
            return json_body.loads(stream.read())
        except UnreadableValue as error:
            raise ParseError(str(error)) from error
