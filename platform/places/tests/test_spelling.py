"""Names of places are found however their marks were typed."""

import random

from khmer.spelling import one_spelling
from places.gazetteer import read_package

COENG_TA, COENG_DA = "\u17d2\u178f", "\u17d2\u178a"
SIGNS = "".join(map(chr, [*range(0x17B6, 0x17D2), 0x17DD]))


def test_every_name_of_the_country_is_found_however_its_marks_are_ordered() -> None:
    luck = random.Random(5)
    names = [row for level in ("province", "district", "commune") for row in read_package(level)]
    texts = {v for row in names for v in row.values() if any("ក" <= c <= "៓" for c in v)}
    assert len(texts) > 1500
    for name in texts:
        shuffled = name.replace(COENG_TA, COENG_DA).replace("\u17c4", "\u17b6\u17c1")
        signs = list(shuffled)
        for at in range(1, len(signs) - 1):
            if signs[at] in SIGNS and signs[at + 1] in SIGNS and luck.random() < 0.5:
                signs[at], signs[at + 1] = signs[at + 1], signs[at]
        assert one_spelling("".join(signs)) == one_spelling(name), name
