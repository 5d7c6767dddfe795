"""What Django Ninja is configured with."""

from urllib.parse import parse_qs, unquote, urlsplit

from bench.contenders import shared

url = urlsplit(shared.DATABASE_URL)
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.contenders.django_ninja"
SECRET_KEY = shared.SECRET
USE_TZ = True
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.removeprefix("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": parse_qs(url.query).get("host", [url.hostname or ""])[0],
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": None,  # a connection per thread, kept
    }
}
