"""Problem details for HTTP APIs (RFC 9457)."""

from pydantic import BaseModel, Field


class FieldProblem(BaseModel):
    """One thing that is wrong with the request."""

    pointer: str = Field(
        description="Where, as a JSON pointer (RFC 6901).", examples=["/title", "/query/limit"]
    )
    code: str = Field(description="Which kind of mistake; stable.", examples=["string_too_short"])
    message: str = Field(examples=["String should have at least 1 character"])


class Problem(BaseModel):
    """Why a request was refused or failed."""

    type: str = Field(description="Which kind of problem; stable.", examples=["urn:problem:item-not-found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["You have no such item."])
    instance: str = Field(examples=["urn:request:0198c0de-0000-7000-8000-000000000000"])
    request_id: str = Field(
        description="Names this request in our logs.", examples=["0198c0de-0000-7000-8000-000000000000"]
    )
    errors: list[FieldProblem] | None = None
