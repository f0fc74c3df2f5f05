from django.urls import path

from retention import views

app_name = "retention"
urlpatterns = [path("retention/", views.rules, name="rules")]
