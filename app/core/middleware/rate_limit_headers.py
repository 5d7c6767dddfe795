"""Every answer says what is left of the limits that its request was counted for."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.throttle import allowances


class RateLimitHeaders:
    """``RateLimit`` and ``RateLimit-Policy``, as draft-ietf-httpapi-ratelimit-headers has them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        noted = allowances.set({})

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and (left := allowances.get()):
                policies = ", ".join(each.policy.header for each in left.values())
                rest = ", ".join(
                    f'"{name}";r={each.remaining};t={each.seconds}' for name, each in left.items()
                )
                message["headers"] += [
                    (b"ratelimit-policy", policies.encode()),
                    (b"ratelimit", rest.encode()),
                ]
            await send(message)

        try:
            await self.app(scope, receive, with_headers)
        finally:
            allowances.reset(noted)
