"""Observations and the records they are derived from."""

from surveys.models.cases import Case, CaseRevision, Channel, Sex, Status
from surveys.models.changes import ObservationChange
from surveys.models.checks import Check
from surveys.models.forms import (
    AppUser,
    CollectionRules,
    EnrolmentCode,
    Form,
    FormAttachment,
    FormUpload,
    FormVersion,
)
from surveys.models.imports import ImportBatch
from surveys.models.meetings import Meeting, Vote
from surveys.models.requests import Contact, Request
from surveys.models.saved_views import SavedView
from surveys.models.submissions import (
    ExportJob,
    QualityFlag,
    Quarantine,
    ReviewState,
    Submission,
    SubmissionAttachment,
    SubmissionComment,
    SubmissionObservation,
    SubmissionVersion,
    Trouble,
)
from surveys.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "AppUser",
    "Case",
    "CaseRevision",
    "Channel",
    "Check",
    "CollectionRules",
    "Contact",
    "EnrolmentCode",
    "ExportJob",
    "Form",
    "FormAttachment",
    "FormUpload",
    "FormVersion",
    "ImportBatch",
    "Meeting",
    "ObservationChange",
    "QualityFlag",
    "Quarantine",
    "Request",
    "ReviewState",
    "SavedView",
    "Sex",
    "Status",
    "Submission",
    "SubmissionAttachment",
    "SubmissionComment",
    "SubmissionObservation",
    "SubmissionVersion",
    "Trouble",
    "Vote",
    "Webhook",
    "WebhookDelivery",
]
