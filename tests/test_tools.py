"""The tools of the Makefile.

Messages are found and kept complete, locks and front ends are checked.
"""

import shutil
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tools import frontends, functions, locks, messages, names


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app that says something in Python and in a template."""
    folder = tmp_path / "fees"
    (folder / "templates" / "fees").mkdir(parents=True)
    (folder / "tests").mkdir()
    (folder / "apps.py").write_text("")
    (folder / "tests" / "test_x.py").write_text("_('not for people')")
    (folder / "views.py").write_text(
        "from django.utils.translation import gettext_lazy as _, ngettext, pgettext\n"
        "WORD = _('Official fee')\n"
        "def count(n): return ngettext('%(n)s case', '%(n)s cases', n) % {'n': n}\n"
        "MAY = pgettext('month', 'May')\n"
    )
    (folder / "templates" / "fees" / "page.html").write_text(
        "{% load i18n %}<h1>{% translate 'Paid' %}</h1>{# {% translate 'hidden' %} #}\n"
        "{% blocktranslate trimmed count n=n %}\n  {{ n }} day\n{% plural %}\n {{ n }} days\n"
        "{% endblocktranslate %}\n"
        "{% translate 'free' context 'price' %} {{ _('Village') }} {% translate '100% met' %}\n"
        '{% blocktranslate %}Hello {{ name }}, it\'s "here" (now).{% endblocktranslate %}\n'
    )
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    return folder


def test_every_word_is_found_once_and_tests_are_not_read(app: Path) -> None:
    results = {(m.id, m.context) for m in messages.template_of(app) if m.id}
    assert results == {
        ("Official fee", None),
        (("%(n)s case", "%(n)s cases"), None),
        ("May", "month"),
        ("Paid", None),
        (("%(n)s day", "%(n)s days"), None),
        ("free", "price"),
        ("Village", None),
        ("100%% met", None),
        ('Hello %(name)s, it\'s "here" (now).', None),
    }


def test_a_room_inside_a_room_keeps_its_own_words(app: Path) -> None:
    inner = app / "inner"
    inner.mkdir()
    (inner / "apps.py").write_text("")
    (inner / "words.py").write_text("_('inner')")
    assert not [m for m in messages.template_of(app) if m.id == "inner"]


def test_updating_adds_what_is_new_and_keeps_what_was_translated(
    app: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert messages.update() == 0
    assert messages.check() == 1
    assert "'Paid' is not translated" in capsys.readouterr().out
    file = messages.catalogue_file(app)
    _translate(file)
    assert messages.check() == 0
    before = file.read_bytes()
    messages.update()
    assert file.read_bytes() == before, "nothing new, nothing touched"

    (app / "views.py").write_text("_('Official fee'); _('Receipt')")
    capsys.readouterr()
    assert messages.check() == 1
    out = capsys.readouterr().out
    assert "'Receipt' is missing" in out
    assert "'May' is said nowhere" in out
    messages.update()
    with file.open("rb") as stream:
        now = {m.id: m.string for m in read_po(stream) if m.id}
    assert now["Official fee"] == "ខ្មែរ"
    assert not now["Receipt"]
    assert "May" not in now


def test_a_broken_placeholder_and_a_doubt_are_refused(
    app: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messages.update()
    file = messages.catalogue_file(app)
    _translate(file)
    text = file.read_text()
    file.write_text(
        text.replace("ខ្មែរ %(name)s", "ខ្មែរ %(nom)s").replace(
            '\nmsgid "Paid', '\n#, fuzzy\nmsgid "Paid'
        )
    )
    assert messages.check() == 1
    out = capsys.readouterr().out
    assert "is wrong" in out
    assert "'Paid' is fuzzy" in out


def test_one_text_has_one_translation(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = app.parent / "other"
    shutil.copytree(app, other)
    messages.update()
    for folder, word in ((app, "ខ្មែរ"), (other, "ភាសា")):
        _translate(messages.catalogue_file(folder), word)
    assert messages.check() == 1
    assert "is translated differently in" in capsys.readouterr().out


def test_compiling_writes_what_django_reads(app: Path) -> None:
    import gettext

    messages.update()
    _translate(messages.catalogue_file(app))
    messages.compile_all()
    target = messages.catalogue_file(app).with_suffix(".mo")
    with target.open("rb") as stream:
        words = gettext.GNUTranslations(stream)
    assert words.gettext("Paid") == "ខ្មែរ"
    stamp = target.stat().st_mtime_ns
    messages.compile_all()
    assert target.stat().st_mtime_ns == stamp


def _translate(file: Path, word: str = "ខ្មែរ") -> None:
    """Give every message a translation with the placeholders it needs."""
    with file.open("rb") as stream:
        catalog = read_po(stream, locale="km")
    for message in catalog:
        if message.id:
            text = message.id if isinstance(message.id, str) else message.id[0]
            holders = [part.split(")")[0] for part in text.split("%(")[1:]]
            khmer = " ".join([word, *(f"%({name})s" for name in holders)])
            khmer += " 100%%" if "%%" in text else ""
            message.string = khmer if isinstance(message.id, str) else (khmer,)
    with file.open("wb") as stream:
        messages.write_po(stream, catalog, width=100, no_location=True)


def test_a_change_anywhere_in_a_front_end_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.ts").write_text("1")
    first = frontends.fingerprint(tmp_path)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x.js").write_text("not ours")
    assert frontends.fingerprint(tmp_path) == first
    (tmp_path / "src" / "a.ts").write_text("2")
    assert frontends.fingerprint(tmp_path) != first


def test_locks_that_name_hosts_or_miss_a_package_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "ROOT", tmp_path)
    (tmp_path / "requirements.in").write_text("django~=5.2.0\npandas\n")
    (tmp_path / "requirements.txt").write_text(
        "--index-url https://x.example\nDjango==4.2\npillow==12.0 \\\n    --hash=sha256:0a1b\n"
    )
    (tmp_path / "requirements-dev.txt").write_text("Django==5.2\n")
    python_complaints = list(locks.python_complaints())
    assert python_complaints == [
        "requirements.txt names a host.",
        "requirements.txt has no hash of Django; pin with --generate-hashes.",
        "requirements.txt pins django 4.2; requirements.in asks for django~=5.2.0.",
        "requirements.txt does not pin pandas, which requirements.in asks for.",
        "django is 5.2 for development and 4.2 for running.",
    ]


def test_the_locks_of_this_house_are_in_order() -> None:
    assert not [*locks.python_complaints(), *locks.node_complaints()]


@pytest.mark.parametrize(
    "docstring", ["What is due.", "Whether it is.", "How many there are.", "Whoever asks."]
)
def test_a_docstring_that_begins_with_a_question_word_is_refused(docstring: str) -> None:
    [complaint] = functions.docstring_complaints(f'def due():\n    """{docstring}"""\n')
    assert complaint.startswith("1: due: ")
    assert "begin with a verb and its object" in complaint


def test_docstrings_with_a_verb_or_a_noun_pass() -> None:
    text = '"""Fees of services."""\nclass Fee:\n    """A fee."""\n    def due(self):\n'
    assert not list(functions.docstring_complaints(f'{text}        """Return what is due."""\n'))


def test_a_long_function_is_named_and_an_exception_no_longer_needed_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = "    pass\n" * functions.MOST_LINES
    [complaint] = functions.length_complaints("new.py", f"def long():\n{body}")
    assert "long has 41 lines" in complaint
    monkeypatch.setattr(functions, "LONG", {"new.py": {"long": "a reason"}})
    assert not list(functions.length_complaints("new.py", f"def long():\n{body}"))
    [complaint] = functions.length_complaints("new.py", "def long():\n    pass\n")
    assert "take it out of LONG" in complaint


def test_a_typescript_module_may_not_declare_a_banned_name() -> None:
    text = (
        "const told = 1;\nfunction f(known: Row, a: B) {}\nconst [said, say] = s();\nt('found');\n"
    )
    assert names.script_names(text) == {(1, "told"), (2, "known"), (3, "said")}
    assert not names.script_names('export const KM = {\n  found: "{n}",\n};\nrow.told;\n')


def test_a_typst_document_and_a_template_may_not_use_a_banned_name() -> None:
    typeset = names.OTHER_KINDS["*.typ"]
    text = '#let told = 1\n#let data = 2\n#data.said\n#text("found")\n'
    assert names.declared(typeset, text) == {(1, "told"), (3, "said")}
    template = names.OTHER_KINDS["*.html"]
    text = '{{ told.fee }}\n{% for found in rows %}\n{% translate "found" %}\n{{ row.is_known }}\n'
    assert names.declared(template, text) == {(1, "told"), (2, "found")}
