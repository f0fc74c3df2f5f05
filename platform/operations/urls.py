from django.urls import path

from operations.metrics import metrics
from operations.status import status

app_name = "operations"
urlpatterns = [
    path("status/", status, name="status"),
    path("metrics", metrics, name="metrics"),
]
