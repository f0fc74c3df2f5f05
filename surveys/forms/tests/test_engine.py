"""The form engine in its child process: what it survives, and that it never blocks its caller."""

import os
import signal
import threading
import time

import pytest

from surveys.forms.engine import Engine, EngineError, EngineUnavailableError, TooCostlyError
from surveys.forms.publishing import prepare
from surveys.submissions.tests import factories

FORM = """
| survey |
| | type | name | label | relevant | constraint | required |
| | integer | age | Age | | . < 120 | yes |
| | text | note | Note | ${age} > 17 | | |
"""


@pytest.fixture
def engine():
    made = Engine()
    yield made
    made.close()


@pytest.fixture
def compiled(db):
    return prepare(FORM.encode(), "md").compiled


def expression(engine, compiled, text):
    return engine.call("evaluate", compiled=compiled, expression=text, path="/data/age")


def test_an_expression_is_evaluated_and_one_that_cannot_be_says_why(engine, compiled):
    assert expression(engine, compiled, "1 + 1") == "2"
    assert expression(engine, compiled, "'ភាសា' = 'ភាសា'") == "1"
    with pytest.raises(EngineError):
        expression(engine, compiled, "nothing(1)")
    assert expression(engine, compiled, "2 + 1") == "3"


def test_the_time_zone_is_that_of_phnom_penh_whatever_the_server_s(engine, compiled, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    made = Engine()
    now = "2026-11-30T01:30:00.000+07:00"
    call = {"compiled": compiled, "path": "/data/age", "now": now}
    today = made.call("evaluate", expression="format-date(today(), '%Y-%m-%d')", **call)
    assert today == "2026-11-30"
    made.close()


@pytest.mark.parametrize(
    "pattern", ["(([a-z]+)[ -]?)*", "(a|a)*b", "([a-zA-Z]+)*\\d\\d", "(x+x+)+y"]
)
def test_a_regular_expression_that_never_ends_elsewhere_is_answered(engine, compiled, pattern):
    value = "abcdefghijklmnopqrstuvwxyz" * 4 + "1"
    start = time.monotonic()
    assert expression(engine, compiled, f"regex('{value}', '{pattern}')") in {"0", "1"}
    assert time.monotonic() - start < 60


def test_a_call_that_takes_too_long_is_stopped_and_the_next_is_answered(compiled, tmp_path):
    script = tmp_path / "engine.js"
    script.write_text("var FormEngine = {checkForm: ({n}) => { while (n) {} return n; }};")
    engine = Engine(script)
    with pytest.raises(TooCostlyError):
        engine.call("check", compiled={"n": 1}, seconds=0.2)
    assert engine.call("check", compiled={"n": 0}) == 0
    engine.close()


@pytest.mark.slow
def test_a_call_that_fills_the_memory_is_stopped_and_the_next_is_answered(tmp_path):
    script = tmp_path / "engine.js"
    script.write_text(
        "var FormEngine = {checkForm: ({n}) => { const a = [];"
        " while (n) a.push('x'.repeat(1000) + a.length); return n; }};"
    )
    engine = Engine(script)
    with pytest.raises(TooCostlyError):
        engine.call("check", compiled={"n": 1}, seconds=120)
    assert engine.call("check", compiled={"n": 0}) == 0
    engine.close()


def test_an_engine_that_was_killed_is_started_again(engine, compiled):
    assert expression(engine, compiled, "1") == "1"
    child = engine._child
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert expression(engine, compiled, "2") == "2"


def test_an_engine_killed_while_it_works_ends_that_call_alone(tmp_path):
    script = tmp_path / "engine.js"
    script.write_text("var FormEngine = {checkForm: ({n}) => { while (n) {} return n; }};")
    engine = Engine(script)
    assert engine.call("check", compiled={"n": 0}) == 0
    killer = threading.Timer(0.5, os.kill, (engine._child.pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(EngineUnavailableError):
        engine.call("check", compiled={"n": 1}, seconds=60)
    killer.join()
    assert engine.call("check", compiled={"n": 0}) == 0
    engine.close()


def test_a_process_that_forks_after_the_first_call_has_an_engine_of_its_own(engine, compiled):
    assert expression(engine, compiled, "1") == "1"
    first = engine._child.pid
    pid = os.fork()
    if pid == 0:
        good = expression(engine, compiled, "40 + 2") == "42" and engine._child.pid != first
        engine.close()
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert expression(engine, compiled, "2") == "2"
    assert engine._child.pid == first


def test_an_engine_that_is_not_built_says_so(tmp_path):
    with pytest.raises(EngineUnavailableError, match="make setup"):
        Engine(tmp_path / "missing.js").call("check", compiled={})


RANKED = """
| survey |
| | type | name | label | constraint |
| | rank step | order | Order | jr:choice-name(selected-at(., 0), '${order}') != 'Pay' |
| choices |
| | list_name | name | label |
| | step | ask | Ask |
| | step | pay | Pay |
"""


@pytest.mark.parametrize(
    ("order", "kinds"),
    [("ask pay", []), ("pay ask", ["constraint"]), ("ask leave", ["not_a_choice"]), ("", [])],
)
def test_a_ranking_that_collect_sends_is_judged_name_by_name(engine, db, order, kinds):
    form = prepare(RANKED.encode(), "md").compiled
    xml = form["instance"].replace("<order/>", f"<order>{order}</order>")
    record = {"xml": xml, "now": "2026-11-30T09:00:00.000+07:00"}
    judged = engine.call_with(
        {"ranked": lambda: form}, "judge", seconds=20, form="ranked", house={}, records=[record]
    )
    assert [finding["kind"] for finding in judged[0]["findings"]] == kinds


def test_threads_share_one_engine(engine, compiled):
    results = []
    threads = [
        threading.Thread(
            target=lambda n=n: results.append((n, expression(engine, compiled, f"{n} * 2")))
        )
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [(n, str(n * 2)) for n in range(20)]


@pytest.mark.django_db
def test_one_record_whose_rules_never_end_is_flagged_and_the_others_are_judged(monkeypatch):
    from surveys.models import QualityFlag, Submission
    from surveys.submissions.intake.receive import Sender, receive
    from surveys.submissions.processing import form_rules
    from surveys.submissions.processing.derive import observe_waiting

    place = factories.programme("slow")
    factories.published(place)
    for n in range(5):
        receive(sender=Sender(programme_id=place.pk), xml=factories.record(instance=f"uuid:{n}"))
    ask = form_rules._ask

    def slow(records):
        # a stand-in for rules that the engine does not finish: no such rule is known
        if any(b"uuid:2" in record_xml(r) for r in records):
            raise TooCostlyError("not done after 3 seconds")
        return ask(records)

    def record_xml(filled):
        from lxml import etree

        return etree.tostring(filled.answers.root)

    monkeypatch.setattr(form_rules, "_ask", slow)
    assert observe_waiting() == 5
    kinds = {
        s.instance_id: set(QualityFlag.objects.filter(submission=s).values_list("kind", flat=True))
        for s in Submission.objects.all()
    }
    assert "not_judged" in kinds["uuid:2"]
    assert all("not_judged" not in kinds[f"uuid:{n}"] for n in (0, 1, 3, 4))
    assert not Submission.objects.filter(observed_at=None).exists()
    assert not Submission.objects.exclude(observe_error="").exists()
