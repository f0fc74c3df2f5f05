"""What phones and stores need to install the app: the manifest, its pictures, the Android files."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image

pytestmark = pytest.mark.django_db


def opened(address: str) -> Image.Image:
    path = finders.find(address.removeprefix("/static/"))
    assert isinstance(path, str), address
    with open(path, "rb") as file:
        return Image.open(BytesIO(file.read()))


def test_the_manifest_is_complete_and_every_picture_has_the_size_it_says() -> None:
    answer = Client().get("/app/manifest.webmanifest")
    payload = json.loads(answer.content)
    for name in ("name", "short_name", "description", "lang", "dir", "id", "start_url", "scope"):
        assert payload[name]
    assert {"any", "maskable"} <= {icon["purpose"] for icon in payload["icons"]}
    pictures = [*payload["icons"], *payload["screenshots"], *payload["shortcuts"][0]["icons"]]
    for picture in pictures:
        if picture["type"] == "image/png":
            size = "x".join(map(str, opened(picture["src"]).size))
            assert size == picture["sizes"], picture["src"]
    assert len(payload["shortcuts"]) == 3
    assert all(one["url"].startswith(payload["scope"]) for one in payload["shortcuts"])


def test_the_maskable_icon_has_its_drawing_in_the_safe_circle() -> None:
    """Android cuts icons to a circle of 80% of the width: outside it there is only ground."""
    icon = opened("citizen/icon-maskable-512.png").convert("RGB")
    ground = icon.getpixel((0, 0))
    outside = [
        icon.getpixel((x, y))
        for x in range(0, 512, 8)
        for y in range(0, 512, 8)
        if (x - 256) ** 2 + (y - 256) ** 2 > 205**2
    ]
    assert set(outside) == {ground}


def test_site_and_android_app_belong_together_only_where_one_is_named(settings: Any) -> None:
    client = Client()
    assert client.get("/.well-known/assetlinks.json").json() == []
    settings.ANDROID_PACKAGE = "org.example.services"
    settings.ANDROID_FINGERPRINTS = ["AB:CD"]
    settings.PUBLIC_URL = "https://services.example.org"
    (link,) = client.get("/.well-known/assetlinks.json").json()
    assert link["target"] == {
        "namespace": "android_app",
        "package_name": "org.example.services",
        "sha256_cert_fingerprints": ["AB:CD"],
    }
    payload = client.get("/app/twa-manifest.json").json()
    assert payload["host"] == "services.example.org"
    assert payload["packageId"] == "org.example.services"
    assert payload["webManifestUrl"] == "https://services.example.org/app/manifest.webmanifest"
    assert payload["maskableIconUrl"].startswith("https://services.example.org/static/citizen/")
    manifest = json.loads(client.get("/app/manifest.webmanifest").content)
    assert manifest["related_applications"] == [{"platform": "play", "id": "org.example.services"}]
