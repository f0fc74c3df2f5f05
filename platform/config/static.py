"""Static files under names that change with their content, so that browsers may keep them."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped base
    """Hashed and compressed names; a name that is not there stays as it is.

    Bundles of other people refer to source maps they do not ship, and a checkout
    whose front end was not built yet should still show its pages.
    """

    manifest_strict = False

    def hashed_name(self, name: str, *args: Any, **kwargs: Any) -> str:
        """Return the name with the content's hash, or the plain name of a missing file."""
        try:
            return str(super().hashed_name(name, *args, **kwargs))
        except ValueError:
            return name
