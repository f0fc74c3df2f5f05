"""What Django itself says to our readers, it says in Khmer."""

import pytest
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import override
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated, PermissionDenied

from pages.borrowed_words import SENTENCES


class Form(forms.Form):
    text = forms.CharField(max_length=3)
    number = forms.IntegerField(min_value=3)
    day = forms.DateField()
    choice = forms.ChoiceField(choices=[("a", "a")])
    file = forms.FileField()


class Serializer(serializers.Serializer):
    text = serializers.CharField(max_length=3)
    number = serializers.IntegerField(min_value=3)
    day = serializers.DateField()
    choice = serializers.ChoiceField(choices=["a"])


def is_khmer(sentence: object) -> bool:
    return any("ក" <= letter <= "៿" for letter in str(sentence))


@pytest.mark.parametrize(
    "data",
    [{}, {"text": "long", "number": "1", "day": "x", "choice": "b"}, {"number": "x"}],
)
def test_mistakes_are_told_in_khmer(data: dict[str, str]) -> None:
    with override("km"):
        messages = [e for errors in Form(data).errors.values() for e in errors]
        serializer = Serializer(data=data)
        serializer.is_valid()
        messages += [e for errors in serializer.errors.values() for e in errors]
    assert messages
    assert [sentence for sentence in messages if not is_khmer(sentence)] == []


@pytest.mark.parametrize("password", ["short", "12345678", "password"])
def test_a_weak_password_is_explained_in_khmer(password: str) -> None:
    with override("km"), pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert all(map(is_khmer, refused.value.messages))


def test_the_api_refuses_in_khmer() -> None:
    with override("km"):
        assert is_khmer(NotAuthenticated().detail)
        assert is_khmer(PermissionDenied().detail)


def sentences_in(language: str, sentence: object) -> str:
    with override(language):
        return str(sentence)


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda each: sentences_in("en", each)[:40])
def test_every_sentence_is_still_said_where_it_was_borrowed(sentence: object) -> None:
    """Other languages know it too, and only Django's own catalogues have those."""
    english = sentences_in("en", sentence)
    assert is_khmer(sentences_in("km", sentence))
    assert any(sentences_in(language, sentence) != english for language in ("de", "fr", "es"))
