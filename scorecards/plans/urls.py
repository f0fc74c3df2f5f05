"""Addresses of joint action plans."""

from django.urls import path

from scorecards.plans import api
from scorecards.plans.pages import actions, call_people, jobs, offices, plans, public, replies, work

app_name = "plans"
urlpatterns = [
    path("plans/", plans.plan_list, name="plans"),
    path("plans/work/", work.work, name="work"),
    path("plans/districts/", work.districts, name="districts"),
    path("plans/districts/<slug:code>/", work.district, name="district"),
    path("plans/moderation/", work.moderation, name="moderation"),
    path("plans/new/", plans.new, name="new"),
    path("plans/print/", jobs.print_many, name="print_many"),
    path("plans/import/", jobs.import_past, name="import_past"),
    path("plans/import/past-plans.xlsx", jobs.past_template, name="past_template"),
    path("plans/jobs/<uuid:uuid>/", jobs.job_page, name="job"),
    path("plans/jobs/<uuid:uuid>/file/", jobs.job_file, name="job_file"),
    path("plans/offices/", offices.office_list, name="offices"),
    path("plans/offices/new/", offices.office_form, name="new_office"),
    path("plans/offices/<int:pk>/", offices.office_form, name="office"),
    path("plans/replies/", replies.reply_list, name="replies"),
    path("plans/replies/open/<int:pk>/", replies.open_replies, name="open_replies"),
    path("plans/replies/<uuid:uuid>/", replies.answer, name="reply"),
    path("plans/replies/<uuid:uuid>/moderate/", replies.moderate, name="moderate_reply"),
    path("plans/calls/", offices.calls, name="calls"),
    path("plans/calls/<int:pk>/number/", offices.call_number, name="call_number"),
    path("plans/calls/<int:pk>/done/", offices.call_done, name="call_done"),
    path("plans/<uuid:uuid>/", plans.plan_page, name="plan"),
    path("plans/<uuid:uuid>/agree/", plans.agree, name="agree"),
    path("plans/<uuid:uuid>/plan.xlsx", plans.plan_xlsx, name="plan_xlsx"),
    path("plans/<uuid:uuid>/plan.pdf", plans.plan_pdf, name="plan_pdf"),
    path("plans/<uuid:uuid>/import/", plans.import_page, name="import"),
    path("plans/<uuid:uuid>/actions/new/", actions.new_action, name="new_action"),
    path("plans/actions/<uuid:uuid>/", actions.action_page, name="action"),
    path("plans/actions/<uuid:uuid>/edit/", actions.edit_action, name="edit_action"),
    path("plans/actions/<uuid:uuid>/remove/", actions.remove_action, name="remove_action"),
    path("plans/actions/<uuid:uuid>/report/", actions.report, name="report"),
    path("plans/actions/<uuid:uuid>/move/", actions.move, name="move"),
    path("plans/actions/<uuid:uuid>/review/", actions.review, name="review"),
    path("plans/actions/<uuid:uuid>/drop/", actions.drop, name="drop"),
    path("plans/actions/<uuid:uuid>/reopen/", actions.reopen, name="reopen"),
    path("plans/actions/<uuid:uuid>/answers/", actions.follow_up, name="follow_up"),
    path(
        "plans/actions/<uuid:uuid>/call-people/", call_people.call_people_page, name="call_people"
    ),
    path("plans/actions/<uuid:uuid>/close/", actions.close, name="close"),
    path("plans/actions/<uuid:uuid>/evidence/", actions.evidence, name="evidence"),
    path(
        "plans/actions/<uuid:uuid>/evidence/<int:pk>/", actions.evidence_file, name="evidence_file"
    ),
    path("plans/actions/<uuid:uuid>/moderate/", actions.moderate, name="moderate"),
    path("commitments/<slug:code>/", public.commitments, name="commitments"),
    path("commitments/<slug:code>/feed.rss", public.feed, name="feed"),
    path("commitments/<slug:code>/embed/", public.embed, name="embed"),
    path("commitments/<slug:code>/commitments.<slug:suffix>", public.download, name="download"),
    path("commitments/<uuid:uuid>/answer/", public.answer, name="answer"),
    path("commitments/<uuid:uuid>/photos/<int:pk>/", public.photo, name="photo"),
    path("api/v1/plans/", api.Plans.as_view(), name="api-plans"),
    path("api/v1/plans/<uuid:uuid>/", api.OnePlan.as_view(), name="api-plan"),
    path("api/v1/actions/", api.Actions.as_view(), name="api-actions"),
    path("api/v1/actions/<uuid:uuid>/", api.OneAction.as_view(), name="api-action"),
    path("api/v1/actions/<uuid:uuid>/report/", api.Report.as_view(), name="api-report"),
    path("api/v1/commitments/", api.Commitments.as_view(), name="api-commitments"),
]
