from django.urls import URLPattern, URLResolver, path

from standards import api, posting, views
from standards.editing import provider_pages, record_pages, standard_pages

app_name = "standards"
urlpatterns: list[URLPattern | URLResolver] = [
    path("search/", views.search, name="search"),
    path("services/", views.services, name="services"),
    path("services/<slug:code>/", views.service, name="service"),
    path("providers/<slug:code>/", posting.provider, name="provider"),
    path("standards/", record_pages.service_list, name="edit_services"),
    path("standards/services/add/", record_pages.service_form, name="add_service"),
    path("standards/services/<slug:code>/", record_pages.service_page, name="edit_service"),
    path("standards/services/<slug:code>/edit/", record_pages.service_form, name="service_form"),
    path("standards/services/<slug:code>/add/", standard_pages.add, name="add_standard"),
    path("standards/<int:pk>/new-price/", standard_pages.succeed, name="succeed"),
    path("standards/<int:pk>/correct/", standard_pages.correct, name="correct"),
    path("standards/<int:pk>/withdraw/", standard_pages.withdraw, name="withdraw"),
    path("standards/<int:pk>/take-back/", standard_pages.take_back, name="take_back"),
    path("standards/offices/", provider_pages.provider_list, name="edit_providers"),
    path("standards/offices/add/", provider_pages.provider_form, name="add_provider"),
    path("standards/offices/<slug:code>/", provider_pages.provider_form, name="edit_provider"),
    path("standards/holidays/", provider_pages.holiday_list, name="edit_holidays"),
    path("standards/holidays/add/", provider_pages.holiday_form, name="add_holiday"),
    path("standards/holidays/<int:pk>/", provider_pages.holiday_form, name="edit_holiday"),
    path("standards/documents/", record_pages.document_list, name="edit_documents"),
    path("standards/documents/add/", record_pages.document_form, name="add_document"),
    path("standards/documents/<slug:code>/", record_pages.document_form, name="edit_document"),
    path("standards/options/", record_pages.option_list, name="edit_options"),
    path("standards/options/add/", record_pages.option_form, name="add_option"),
    path("standards/options/<slug:code>/", record_pages.option_form, name="edit_option"),
    path("standards/indicators/", record_pages.indicator_list, name="edit_indicators"),
    path("standards/indicators/add/", record_pages.indicator_form, name="add_indicator"),
    path("standards/indicators/<slug:code>/", record_pages.indicator_form, name="edit_indicator"),
    path("api/v1/services/", api.ServiceList.as_view(), name="api-services"),
    path("api/v1/standards/", api.StandardList.as_view(), name="api-standards"),
    path("api/v1/providers/", api.ProviderList.as_view(), name="api-providers"),
]
