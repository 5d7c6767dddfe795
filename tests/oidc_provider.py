"""An OpenID Connect provider as a process of its own: Authlib's authorization server, RSA keys, real PKCE.

Its login page takes any person, and how they want to be lied about: wrong claims, wrong keys, a refusal.
"""
# mypy: disallow-subclassing-any=False

import hmac
import json
import secrets
import signal
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from authlib.oidc.core.util import create_half_hash
from joserfc import jws
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.processes import PATIENCE, ROOT, free_port

CLIENT_ID = "shipworthy"
CLIENT_SECRET = "a secret: 100% of the provider & us"
REDIRECT_URL = "http://localhost/api/v1/auth/oidc/callback"
BASIC, POST = "client_secret_basic", "client_secret_post"
LIFETIME = 300
EVERY_ALGORITHM = JWSRegistry(algorithms=["RS256", "none"])


@dataclass
class Code:
    """An authorization code that was given out, and to whom."""

    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    user: dict[str, Any]

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


class Client:
    """The one that is registered."""

    client_id = CLIENT_ID

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return REDIRECT_URL

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, uri: str) -> bool:
        return uri in {REDIRECT_URL, REDIRECT_URL.replace("http:", "https:")}

    def check_client_secret(self, secret: str) -> bool:
        return secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method in CodeGrant.TOKEN_ENDPOINT_AUTH_METHODS

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return kind == "authorization_code"


@dataclass
class Memory:
    """What the provider knows."""

    issuer: str
    keys: list[RSAKey] = field(default_factory=lambda: [new_key()])
    codes: dict[str, Code] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)  # by access token


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, auto_kid=True)


class CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = (BASIC, POST)

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        asked = request.payload.data
        self.server.memory.codes[code] = Code(
            redirect_uri=asked["redirect_uri"],
            scope=asked["scope"],
            nonce=asked.get("nonce"),
            code_challenge=asked.get("code_challenge"),
            code_challenge_method=asked.get("code_challenge_method"),
            user=request.user,
        )

    def query_authorization_code(self, code: str, _client: Client) -> Code | None:
        return self.server.memory.codes.get(code)  # type: ignore[no-any-return]

    def delete_authorization_code(self, authorization_code: Code) -> None:
        codes = self.server.memory.codes
        self.server.memory.codes = {
            key: each for key, each in codes.items() if each is not authorization_code
        }

    def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
        return authorization_code.user


class IdToken(OpenIDCode):
    def __init__(self, memory: Memory) -> None:
        super().__init__(require_nonce=True)
        self.memory = memory

    def exists_nonce(self, _nonce: str, _request: OAuth2Request) -> bool:
        return False

    def encode_id_token(self, token: dict[str, Any], request: OAuth2Request) -> str:
        user, now = request.user, int(time.time())
        claims = {
            "iss": self.memory.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + LIFETIME,
            "nonce": request.authorization_code.nonce,
            "at_hash": create_half_hash(token["access_token"], "RS256").decode(),
        }
        claims |= {"sub": user["person"]["sub"]} if user.get("thin") else user["person"]
        claims |= user.get("claims", {})
        return self.sign({name: each for name, each in claims.items() if each != "left out"}, user)

    def sign(self, claims: dict[str, Any], user: dict[str, Any]) -> str:
        key = self.memory.keys[-1]
        match user.get("signed"):
            case "by a new key":
                key = new_key()
                self.memory.keys.append(key)
            case "by a stranger":
                return encode({"alg": "RS256", "kid": key.kid}, claims, new_key())
            case "with the public key as a secret":
                return encode_hs256(claims, key.as_pem(private=False))
            case "with the client's secret":
                return encode_hs256(claims, CLIENT_SECRET.encode())
            case "not at all":
                return encode({"alg": "none"}, claims, key)
        return encode({"alg": "RS256", "kid": key.kid}, claims, key)


def encode(header: dict[str, str | None], claims: dict[str, Any], key: RSAKey) -> str:
    """Sign anything: ``jwt.encode`` would look at the claims first."""
    return jws.serialize_compact(header, json.dumps(claims), key, registry=EVERY_ALGORITHM)


def encode_hs256(claims: dict[str, Any], secret: bytes) -> str:
    """By hand: no library signs with a public key."""
    header, body = json.dumps({"alg": "HS256"}), json.dumps(claims)
    text = b".".join(urlsafe_b64encode(each.encode()).rstrip(b"=") for each in (header, body))
    signature = urlsafe_b64encode(hmac.digest(secret, text, "sha256")).rstrip(b"=")
    return b".".join((text, signature)).decode()


class Server(AuthorizationServer):
    def __init__(self, memory: Memory) -> None:
        super().__init__(["openid", "email", "profile"])
        self.memory = memory
        self.register_grant(CodeGrant, [CodeChallenge(required=True), IdToken(memory)])
        self.register_token_generator("default", self.new_token)

    def new_token(self, *, scope: str, user: dict[str, Any], **_: object) -> dict[str, Any]:
        token = secrets.token_urlsafe()
        self.memory.users[token] = user
        return {"token_type": "Bearer", "access_token": token, "expires_in": LIFETIME, "scope": scope}

    def query_client(self, client_id: str) -> Client | None:
        return Client() if client_id == CLIENT_ID else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Nothing outlives the process."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: object, headers: list[tuple[str, str]]) -> Response:
        text = json.dumps(body) if isinstance(body, dict) else str(body)
        return Response(text, status, dict(headers))


class Asked(OAuth2Request):
    """A request with its parameters."""

    def __init__(self, request: Request, parameters: dict[str, str]) -> None:
        super().__init__(request.method, str(request.url), headers=request.headers)
        self.payload = BasicOAuth2Payload(parameters)

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data  # type: ignore[no-any-return]

    args = form


class Provider:
    """The routes."""

    def __init__(self, issuer: str, client_authentication: str) -> None:
        self.client_authentication = [client_authentication]
        self.memory = Memory(issuer)
        self.server = Server(self.memory)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.configuration),
                Route("/keys", self.keys),
                Route("/authorize", self.authorize, methods=["GET", "POST"]),
                Route("/token", self.token, methods=["POST"]),
                Route("/userinfo", self.userinfo),
            ]
        )

    async def configuration(self, _: Request) -> Response:
        issuer = self.memory.issuer
        endpoints = {
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/keys",
        }
        methods = {"token_endpoint_auth_methods_supported": self.client_authentication}
        return JSONResponse({"issuer": issuer, "response_types_supported": ["code"], **endpoints, **methods})

    async def keys(self, _: Request) -> Response:
        return JSONResponse(KeySet(list(self.memory.keys)).as_dict(private=False))

    async def authorize(self, request: Request) -> Response:
        """The login page, and what it sends."""
        form = dict(await request.form())
        user = json.loads(str(form["login"])) if form else None
        asked = Asked(request, dict(request.query_params))
        try:
            grant = self.server.get_consent_grant(asked, user)
        except OAuth2Error as error:
            return JSONResponse(error.get_body(), 400)
        if request.method == "GET":
            return HTMLResponse("<form method='post'><textarea name='login'></textarea></form>")
        consent = None if user and user.get("denied") else user
        response: Response = self.server.create_authorization_response(asked, consent, grant)
        return response

    async def token(self, request: Request) -> Response:
        form = {name: str(each) for name, each in (await request.form()).items()}
        response: Response = self.server.create_token_response(Asked(request, form))
        return response

    async def userinfo(self, request: Request) -> Response:
        user = self.memory.users.get(request.headers["authorization"].removeprefix("Bearer "))
        if user is None:
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse(user["person"] | user.get("userinfo", {}))


@dataclass
class Running:
    """A provider that answers."""

    issuer: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)


@contextmanager
def provider(certificate: Path | None = None, client_authentication: str = BASIC) -> Iterator[Running]:
    """A provider until the block ends; with a certificate (and its key in the same file) over TLS."""
    issuer = f"{'https' if certificate else 'http'}://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "tests.oidc_provider", issuer, client_authentication]
    command += [str(certificate)] if certificate else []
    running = Running(issuer, subprocess.Popen(command, cwd=ROOT))  # noqa: S603 - our own command
    try:
        wait_until_alive(running)
        yield running
    finally:
        running.stop()


def wait_until_alive(running: Running) -> None:
    deadline = time.monotonic() + PATIENCE
    while running.process.poll() is None and time.monotonic() < deadline:
        try:
            httpx2.get(f"{running.issuer}/keys", verify=False)
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("The provider did not start.")


def main() -> None:
    issuer, client_authentication, *certificate = sys.argv[1:]
    port = int(issuer.rpartition(":")[2])
    uvicorn.run(
        Provider(issuer, client_authentication).app(),
        port=port,
        log_level="warning",
        ssl_certfile=certificate[0] if certificate else None,
    )


if __name__ == "__main__":
    main()
