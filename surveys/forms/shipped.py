"""The forms that come with the program, in ``fixtures/forms/``, loaded into programmes."""

from pathlib import Path

from accounts.models import Programme
from surveys.forms.publishing import Prepared, attach, prepare, publish, save_draft
from surveys.models import Form

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "forms"


def shipped_forms() -> dict[str, Path]:
    """Return the XLSForm (CSV) of each form id."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.csv"))}


def prepare_shipped(path: Path) -> Prepared:
    """Read one shipped form. Raises FormProblems, as for any upload."""
    return prepare(path.read_bytes(), "csv")


def load_forms(programme: Programme) -> list[str]:
    """Publish the shipped forms in a programme; versions that are there are left alone.

    Spoken questions are in ``fixtures/forms/{form id}-media/``; a slot without a
    recording stays empty. Returns what was published, as "form id version".
    """
    done = []
    for form_id, path in shipped_forms().items():
        prepared = prepare_shipped(path)
        form = Form.objects.standing().filter(programme=programme, xml_form_id=form_id).first()
        if form and form.versions.filter(version=prepared.form.version).exists():
            continue
        draft = save_draft(programme=programme, prepared=prepared, by=None)
        media = FOLDER / f"{form_id}-media"
        for slot in draft.attachments.filter(house_list=""):
            if (media / slot.name).is_file():
                content = (media / slot.name).read_bytes()
                attach(version=draft, name=slot.name, content=content, content_type="", by=None)
        publish(form=draft.form, by=None)
        done.append(f"{form_id} {draft.version}")
    return done
