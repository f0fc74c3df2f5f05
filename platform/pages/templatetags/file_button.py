"""A button for choosing a file, where there is no Django form: ``{% load file_button %}``."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from pages.files import FileButton

register = template.Library()


@register.simple_tag
def file_button(name: str, *, several: bool = False, **attrs: Any) -> SafeString:
    """``{% file_button "files" id="files" accept=".json" required=True several=True %}``."""
    return FileButton(attrs, several=several).render(name, None)
