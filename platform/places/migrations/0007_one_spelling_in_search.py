"""Fold the stored search keys again: spellings that look alike in Khmer are one now."""

from typing import Any

from django.db import migrations

from khmer.text import fold

AT_ONCE = 2000


def fold_again(apps: Any, schema_editor: Any) -> None:
    """Bring ``search`` in line with ``khmer.text.fold``; folding twice changes nothing."""
    places = apps.get_model("places", "Place")
    changed = []
    for place in places.objects.exclude(search="").only("pk", "search").iterator():
        folded = fold(place.search)
        if folded != place.search:
            place.search = folded
            changed.append(place)
    places.objects.bulk_update(changed, ["search"], batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("places", "0006_search_index_loads_fast")]

    operations = [migrations.RunPython(fold_again, migrations.RunPython.noop)]
