"""Whether this is a demo, and the mark that pages without the house's frame carry then."""

from accounts.models import User

_MARK = (
    '<aside aria-label="DEMO" style="margin:0;padding:4px 16px;background:#ffc247;color:#1c1b1a;'
    'text-align:center;font:0.9375rem/1.7 &quot;Noto Sans Khmer&quot;,system-ui,sans-serif">'
    '<strong>DEMO</strong> <span lang="km">ទិន្នន័យសាកល្បង</span>'
    ' · <span lang="en">invented data</span></aside>'
)


def is_demo() -> bool:
    """Whether this database holds demo accounts, which exist only in a demo database."""
    return User.objects.filter(is_demo=True).exists()


def marked(page: bytes) -> bytes:
    """A page of an app, with the word DEMO at its top where the data is invented."""
    return page.replace(b"<body>", b"<body>" + _MARK.encode(), 1) if is_demo() else page
