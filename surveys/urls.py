from django.urls import URLPattern, URLResolver, path

from surveys.pages import cases, imports

app_name = "surveys"
urlpatterns: list[URLPattern | URLResolver] = [
    path("field/", cases.home, name="home"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/new/", cases.new_case, name="new_case"),
    path("cases/new/beside/", cases.beside, name="beside"),
    path("cases/<int:pk>/", cases.case_page, name="case"),
    path("cases/<int:pk>/correct/", cases.correct, name="correct"),
    path("cases/<int:pk>/void/", cases.void, name="void"),
    path("cases/import/", imports.upload, name="import"),
    path("cases/import/<int:pk>/", imports.batch_page, name="import_batch"),
    path("cases/import/<int:pk>/rejected/", imports.rejected, name="import_rejected"),
    path(
        "cases/import/template/<slug:kind>.<slug:suffix>", imports.template, name="import_template"
    ),
]
