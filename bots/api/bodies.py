"""Bodies of requests: read up to a size, as JSON, as what a route takes."""

from typing import Any, TypeVar

import orjson
from fastapi import HTTPException
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from bots.webhooks import BodyTooLargeError, read_body

Body = TypeVar("Body", bound=BaseModel)


async def read_as(request: Request, model: type[Body], *, most: int) -> Body:
    """Return the body of a request as a `model`; no body counts as an empty object.

    Args:
        request: whose.
        model: what it has to be.
        most: largest size, in bytes.

    Raises:
        HTTPException: 413 too large, 400 no JSON, 422 naming the field that is wrong.
    """
    try:
        raw = await read_body(request, most=most)
        return model.model_validate(orjson.loads(raw or b"{}"))
    except BodyTooLargeError as error:
        raise HTTPException(413, f"the body may have {most} bytes") from error
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise HTTPException(400, f"the body is not JSON: {where}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise HTTPException(422, f"{where}: {first['msg']}") from error


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return what tells the API's description of a body that is read by `read_as`."""
    return {
        "requestBody": {
            "content": {
                "application/json": {
                    "schema": model.model_json_schema(ref_template="#/components/schemas/{model}")
                }
            }
        }
    }
