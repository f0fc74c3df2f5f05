from django.urls import path

from accounts import factor_views, people, programmes, views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("language/", views.set_language, name="set_language"),
    path("home/", views.home, name="home"),
    path("me/", views.me, name="me"),
    path("sign-in/second-step/", factor_views.second_step, name="second_step"),
    path("sign-in/passkey/", factor_views.show_passkey, name="show_passkey"),
    path("me/second-factor/", factor_views.factors, name="second_factor"),
    path("me/second-factor/remove/", factor_views.remove_factor, name="remove_factor"),
    path("me/second-factor/passkey/", factor_views.make_passkey, name="make_passkey"),
    path("me/recovery-codes/", factor_views.recovery_codes, name="recovery_codes"),
    path("me/sessions/", factor_views.sessions, name="sessions"),
    path("me/password/", views.password, name="password"),
    path("me/tokens/", views.my_tokens, name="tokens"),
    path("me/tokens/<int:pk>/revoke/", views.revoke_token, name="revoke_token"),
    path("people/", people.people, name="people"),
    path("people/add/", people.add_person, name="add_person"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/account/", people.change_account, name="change_account"),
    path("people/roles/<int:pk>/end/", people.end_role, name="end_role"),
    path("people/roles/<int:pk>/move/", people.move_role, name="move_role"),
    path("programmes/", programmes.programme_list, name="programmes"),
    path("programmes/add/", programmes.programme_form, name="add_programme"),
    path("programmes/<slug:code>/change/", programmes.programme_form, name="programme"),
    path("me/sign-out-everywhere/", views.sign_out_everywhere, name="sign_out_everywhere"),
]
