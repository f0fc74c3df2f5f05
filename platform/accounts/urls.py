from django.urls import path

from accounts import people, programmes, views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("language/", views.set_language, name="set_language"),
    path("home/", views.home, name="home"),
    path("me/", views.me, name="me"),
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
