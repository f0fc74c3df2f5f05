"""The queue of each background task, and the programs that serve the queues.

Tasks that somebody waits for (a caller, a tablet, a corrected case) never wait behind tasks that
take minutes. The names are those of the messages, so this file needs neither Django nor the tasks.
"""

from typing import Final

CALLS: Final = "calls"
"""The hotline: calls, text messages, what a telephone company reports."""

RECORDS: Final = "records"
"""What tablets and ODK Collect sent becomes cases, votes and checks."""

SCORES: Final = "scores"
"""Changed cases become changed scores."""

HEAVY: Final = "heavy"
"""Runs, releases, comparisons, imports, exports: minutes, and nobody waits for them."""

FORMS: Final = "forms"
"""Forms are read and compiled: seconds, for which a page or an ODK client waits."""

WEBHOOKS: Final = "webhooks"
"""Requests to other people's servers, mail servers too, which may answer slowly."""

QUEUES: Final = (CALLS, RECORDS, FORMS, SCORES, HEAVY, WEBHOOKS)

_TASKS: Final = {
    CALLS: {
        "surveys.hotline.tasks": (
            "send_text send_due_texts forget_words forget_all_words call_due reconcile "
            "remind_requests try_a_call watch_bursts"
        ),
    },
    RECORDS: {"surveys.tasks": "observe_arrived deliver_due send_waiting"},
    FORMS: {"surveys.tasks": "compile_form retest_form retest_forms"},
    SCORES: {"scorecards.tasks": "recompute_changed"},
    HEAVY: {
        "surveys.tasks": (
            "run_import make_export renew_lines forget_old_exports "
            "forget_old_form_uploads rejudge_cases"
        ),
        "surveys.hotline.tasks": "speak_missing purge",
        "surveys.citizen.tasks": "purge_answers send_push_reminders close_days_of_reports",
        "audit.tasks": "seal_entries",
        "retention.tasks": "apply_retention",
        "scorecards.plans.tasks": "print_plans import_past_plans release_measures",
        "dashboards.tasks": "print_sheets",
        "scorecards.tasks": (
            "compare nightly start_run judge_province do_first_periods do_period do_provinces "
            "let_time_pass do_aged_provinces do_province finish_run check_comparisons "
            "check_period check_rounding close_run "
            "resume_runs prepare_release publish_release release"
        ),
    },
    WEBHOOKS: {
        "surveys.tasks": "deliver_webhook",
        "interchange.tasks": "run_link run_links",
        "scorecards.plans.tasks": "remind",
    },
}

QUEUE_OF: Final = {
    f"{module}.{name}": queue
    for queue, modules in _TASKS.items()
    for module, names in modules.items()
    for name in names.split()
}
"""The queue of every task of ours by its full name."""

SHARED: Final = {"celery.chord_unlock", "celery.backend_cleanup"}
"""Celery's own tasks, which wait with the heavy ones."""
