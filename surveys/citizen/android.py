"""The app in the Play Store: what proves that app and site belong together, and how it is built.

A Trusted Web Activity is the site in Chrome without its address bar; docs/android.md says how to
build, sign and publish one with bubblewrap. Both files are made of settings: the fingerprints of
signing keys are each operator's own.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.views.decorators.http import require_safe

NAME: Final = "សេវាសាធារណៈ"
SHORT_NAME: Final = "សេវា"
BLUE, GROUND, DARK, DARK_GROUND = "#12466b", "#faf7f2", "#0b2438", "#14181c"
ICON: Final = "citizen/icon-512.png"
MASKABLE: Final = "citizen/icon-maskable-512.png"


@require_safe
def asset_links(request: HttpRequest) -> JsonResponse:
    """``/.well-known/assetlinks.json``: the Android app that may show this site as its own.

    An empty list where no app is named in ANDROID_PACKAGE and ANDROID_FINGERPRINTS.
    """
    links = []
    if settings.ANDROID_PACKAGE and settings.ANDROID_FINGERPRINTS:
        links.append(
            {
                "relation": ["delegate_permission/common.handle_all_urls"],
                "target": {
                    "namespace": "android_app",
                    "package_name": settings.ANDROID_PACKAGE,
                    "sha256_cert_fingerprints": settings.ANDROID_FINGERPRINTS,
                },
            }
        )
    answer = JsonResponse(links, safe=False)
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


def _site(request: HttpRequest) -> str:
    return (settings.PUBLIC_URL or request.build_absolute_uri("/")).rstrip("/")


@require_safe
def twa_manifest(request: HttpRequest) -> JsonResponse:
    """``twa-manifest.json`` of this installation, from which bubblewrap builds the Android app."""
    site = _site(request)
    manifest: dict[str, Any] = {
        "packageId": settings.ANDROID_PACKAGE or "org.example.keep_its_word",
        "host": urlsplit(site).netloc,
        "name": NAME,
        "launcherName": SHORT_NAME,
        "display": "standalone",
        "orientation": "default",
        "themeColor": BLUE,
        "themeColorDark": DARK,
        "navigationColor": GROUND,
        "navigationColorDark": DARK_GROUND,
        "navigationDividerColor": GROUND,
        "navigationDividerColorDark": DARK_GROUND,
        "backgroundColor": GROUND,
        "enableNotifications": True,
        "startUrl": "/app/",
        "iconUrl": site + static(ICON),
        "maskableIconUrl": site + static(MASKABLE),
        "splashScreenFadeOutDuration": 300,
        "signingKey": {"path": "./android.keystore", "alias": "android"},
        "appVersionName": "1",
        "appVersionCode": 1,
        "shortcuts": [],
        "generatorApp": "bubblewrap-cli",
        "webManifestUrl": f"{site}/app/manifest.webmanifest",
        "fallbackType": "customtabs",
        "features": {},
        "alphaDependencies": {"enabled": False},
        "enableSiteSettingsShortcut": True,
        "isChromeOSOnly": False,
        "isMetaQuest": False,
        "fullScopeUrl": f"{site}/app/",
        "minSdkVersion": 21,
        "fingerprints": [{"value": value} for value in settings.ANDROID_FINGERPRINTS],
        "additionalTrustedOrigins": [],
    }
    return JsonResponse(manifest, json_dumps_params={"ensure_ascii": False, "indent": 2})
