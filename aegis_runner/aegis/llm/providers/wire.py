"""What the providers share: which HTTP status is what kind of failure, and how a reply is read."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from aegis.llm.base import Ask
from aegis.llm.failures import Failure, Permanent, Rejected, Transient

T = TypeVar("T", bound=BaseModel)

_PASSING = frozenset({408, 409, 423, 425, 429})
_LASTING = {
    401: "Check the key.",
    402: "Check the account: it has no credit.",
    403: "Check the key, and whether it may use this model.",
    404: "Check the name of the model, and the base URL.",
}
_MOST = 500


class Lenient(BaseModel):
    """A part of a reply: what is read of it. What services add in the future does not matter."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def read_reply(form: type[T], body: bytes | Mapping[str, object]) -> T:
    """The part of a reply that ``form`` names.

    Raises:
        Transient: It is not such a reply: garbage now and then is a proxy in trouble.
    """
    try:
        return form.model_validate_json(body) if isinstance(body, bytes) else form.model_validate(body)
    except ValidationError as error:
        what = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, what["loc"]))
        detail = f"{place}: {what['msg']}" if place else what["msg"]
        raise Transient(f"the reply could not be read: {detail}", maybe_billed=True) from error


def failed(status: int, message: str, headers: Mapping[str, str], *, hint: str | None = None) -> Failure:
    """The failure that an HTTP status means. Replies with a status of failure are not billed.

    Args:
        status: Of 400 and above.
        message: What the service said.
        headers: Of the reply; names in lower case, or in any if the mapping does not care.
        hint: What to do about it, where that is known better than from the status.
    """
    reason = f"HTTP {status}: {message.strip()[:_MOST] or 'no message'}"
    if status in _PASSING or status >= 500:
        return Transient(reason, retry_after=retry_after(headers), hint=hint)
    if status in _LASTING:
        return Permanent(reason, hint=hint or _LASTING[status])
    return Rejected(reason, hint=hint)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the service asks to wait: ``retry-after-ms``, else ``retry-after``, as seconds or as a date."""
    milliseconds, value = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if milliseconds is not None:
            return max(0.0, float(milliseconds) / 1000)
        return None if value is None else max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value or "").timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def chat_messages(ask: Ask) -> list[dict[str, str]]:
    """A question as the messages of a chat. An empty system prompt is none: some services refuse it."""
    system = [{"role": "system", "content": ask.system}] if ask.system else []
    return [*system, {"role": "user", "content": ask.prompt}]


def tool_call(name: str, arguments: object) -> str:
    """A call of a tool that is not the answer's form, as the text that it is then taken for: no valid answer."""
    return json.dumps({"called_tool": name, "arguments": arguments}, ensure_ascii=False)
