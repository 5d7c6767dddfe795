"""Logging in."""

from typing import Annotated

from fastapi import APIRouter, Form

from app.core.problems import problems
from app.dependencies import Auth
from app.schemas.auth import LoginForm, Token
from app.services.auth_service import BadCredentials

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/token", responses=problems(BadCredentials))
async def create_token(form: Annotated[LoginForm, Form()], auth: Auth) -> Token:
    """Log in with email and password for an access token."""
    return await auth.log_in(form)
