"""Scripted answers: the format that the provider ``scripted`` and the fake server of `aegis.testing` both play.

A script is an ordered list of replies. Of those that fit a request and are not used up, the first one answers. A
reply without ``when`` is used once, one with ``when`` as often as it fits; ``times`` says otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Any, Generic, Self, TypeVar

from pydantic import ConfigDict, Field, JsonValue, TypeAdapter, ValidationError, field_validator, model_validator

from aegis.domain.base import Frozen
from aegis.errors import ConfigError


class Fault(StrEnum):
    """What goes wrong with a reply, on every wire in the way of that wire.

    ``rate_limited`` 429 · ``overloaded`` 529, or 503 where there is no such status · ``server_error`` 500 ·
    ``unauthorized`` 401, at Bedrock 403 · ``no_credit`` 402, at OpenAI 429 with another code · ``not_found`` 404, no
    such model · ``bad_request`` 400 · ``cut``: the connection breaks in the middle of the body · ``malformed``: the
    body is not JSON · ``refusal``: the model declines · ``max_tokens``: the answer stops in the middle ·
    ``wrong_tool``: it calls a tool that nobody offered · ``extra_fields``: the body has fields that no client knows.
    Too slow is no fault but ``seconds``.
    """

    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    UNAUTHORIZED = "unauthorized"
    NO_CREDIT = "no_credit"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    CUT = "cut"
    MALFORMED = "malformed"
    REFUSAL = "refusal"
    MAX_TOKENS = "max_tokens"
    WRONG_TOOL = "wrong_tool"
    EXTRA_FIELDS = "extra_fields"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a model was asked. ``messages`` are (role, text) in order, without the system prompt.

    ``number`` counts requests from 1. ``schema`` is the JSON Schema of the answer, or of the tool that must be called.
    """

    number: int
    wire: str
    model: str
    system: str
    messages: tuple[tuple[str, str], ...]
    asks_for: str | None = None
    schema: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def prompt(self) -> str:
        """The last thing that was said to the model."""
        return self.messages[-1][1] if self.messages else ""

    @property
    def text(self) -> str:
        """All that was said, system prompt first."""
        return "\n".join((self.system, *(text for _, text in self.messages)))


class When(Frozen):
    """Which requests a reply is for; all that is given must hold.

    Args:
        prompt: Stands somewhere in what was sent, system prompt included.
        pattern: A regular expression that is found there.
        model: Stands in the model's name.
        asks_for: The name of the form that the answer must have, or of the tool that must be called.
        wire: ``anthropic``, ``openai-chat``, ``openai-responses``, ``ollama``, ``bedrock`` or ``scripted``.
        call: The number of the request, from 1.
    """

    prompt: str | None = None
    pattern: str | None = None
    model: str | None = None
    asks_for: str | None = None
    wire: str | None = None
    call: int | None = Field(default=None, ge=1)

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from error
        return pattern

    def fits(self, request: Request) -> bool:
        return (
            (self.call is None or self.call == request.number)
            and (self.wire is None or self.wire == request.wire)
            and (self.asks_for is None or self.asks_for == request.asks_for)
            and (self.model is None or self.model in request.model)
            and (self.prompt is None or self.prompt in request.text)
            and (self.pattern is None or re.search(self.pattern, request.text) is not None)
        )


_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


class Reply(Frozen):
    """One reply of a script.

    Args:
        text: What the model says.
        json: What it says where a form was asked for; it also becomes the arguments of a tool.
        tool: The tool that it calls with ``json``; by itself, the one that the request forces.
        input_tokens: What it reports as read; by itself, a quarter of the characters that were sent.
        output_tokens: What it reports as written; by itself, a quarter of the characters of the answer.
        seconds: How long it takes to answer.
        fault: What goes wrong.
        retry_after: Seconds that ``rate_limited`` and ``overloaded`` ask to wait.
        when: Which requests it is for; any if not given.
        times: How often it is used; by itself once without ``when``, without end with one.
    """

    model_config = ConfigDict(populate_by_name=True)

    text: str | None = None
    answer: Any = Field(default=None, alias="json")
    tool: str | None = None
    input_tokens: int | None = Field(default=None, ge=0)
    output_tokens: int | None = Field(default=None, ge=0)
    seconds: float = Field(default=0.0, ge=0)
    fault: Fault | None = None
    retry_after: float | None = Field(default=None, ge=0)
    when: When | None = None
    times: int | None = Field(default=None, ge=1)

    @field_validator("answer")
    @classmethod
    def _is_json(cls, answer: Any) -> Any:
        """The field's type is looser than what it takes: type checkers would refuse ``dict[str, object]``."""
        return _JSON.validate_python(answer)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.text is None and not self.has_json and self.fault is None:
            raise ValueError("a reply needs one of 'text', 'json' and 'fault'")
        if self.tool is not None and not self.has_json:
            raise ValueError("a 'tool' is called with 'json'")
        if self.retry_after is not None and self.fault not in (Fault.RATE_LIMITED, Fault.OVERLOADED):
            raise ValueError("'retry_after' goes with the faults 'rate_limited' and 'overloaded'")
        return self

    @property
    def has_json(self) -> bool:
        return "answer" in self.model_fields_set

    @property
    def limit(self) -> int | None:
        """How often it may be used; ``None`` is without end."""
        return self.times if self.times is not None or self.when is not None else 1


class Script(Frozen):
    """Replies, in the order in which they are tried."""

    replies: tuple[Reply, ...]

    @field_validator("replies")
    @classmethod
    def _not_empty(cls, replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
        """A limit of the field's own would also complain of a list whose only reply is wrong."""
        if not replies:
            raise ValueError("has no reply")
        return replies


Said = Reply | str | Mapping[str, Any]
"""What a function may answer: text is `Reply.text`, a mapping `Reply.answer`."""

R = TypeVar("R", bound=Request)

Replies = Script | Sequence[Reply] | Callable[[R], Said]
"""What can be played: a script, a list of replies, or a function."""


class NothingScripted(LookupError):
    """No reply of the script is for this request."""


class Player(Generic[R]):
    """Plays a script, or a function from request to reply. Several threads may ask at once.

    The function must bear that, and may raise `NothingScripted`.
    """

    def __init__(self, replies: Replies[R]) -> None:
        self._function = replies if callable(replies) else None
        script = replies.replies if isinstance(replies, Script) else () if callable(replies) else tuple(replies)
        self._left = [(reply, reply.limit) for reply in script]
        self._lock = Lock()

    def reply(self, request: R) -> Reply:
        """The reply to ``request``.

        Raises:
            NothingScripted: There is none.
        """
        if self._function is not None:
            return reply_of(self._function(request))
        with self._lock:
            for index, (reply, left) in enumerate(self._left):
                if left != 0 and (reply.when is None or reply.when.fits(request)):
                    self._left[index] = (reply, None if left is None else left - 1)
                    return reply
        beginning = request.prompt[:80]
        raise NothingScripted(f"the script has no reply left for request {request.number}, which begins {beginning!r}")


def reply_of(said: Said) -> Reply:
    if isinstance(said, Reply):
        return said
    return Reply(text=said) if isinstance(said, str) else Reply(json=dict(said))


Location = tuple[int | str, ...]


def parse_script(data: object, where: str, line_of: Callable[[Location], int | None] = lambda _: None) -> Script:
    """A script out of what YAML or JSON gave: ``{replies: [...]}``, or the list alone.

    Args:
        data: What the file holds.
        where: The file, for messages.
        line_of: The line of a field, where it is known.

    Raises:
        ConfigError: It is no script; says each place and what is wrong there.
    """
    if isinstance(data, list):
        return parse_script({"replies": data}, where, lambda place: line_of(place[1:]))
    try:
        return Script.model_validate(data)
    except ValidationError as error:
        problems = [
            (line_of(one["loc"]), dotted(one["loc"]), one["msg"].removeprefix("Value error, "))
            for one in error.errors()
        ]
    lines = [": ".join(filter(None, (f"line {line}" if line else "", place, said))) for line, place, said in problems]
    place = f"{where}:{problems[0][0]}" if len(lines) == 1 and problems[0][0] else where
    raise ConfigError(
        "is not a script of replies\n" + "\n".join(f"  {line}" for line in lines),
        where=place,
        hint="A script is `replies:`, a list; each has `text`, `json` or `fault`, and may have `when`.",
    )


def dotted(location: Location) -> str:
    """``("replies", 2, "fault")`` as ``replies[2].fault``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def answer_text(reply: Reply) -> str:
    """What the model says: its text, or its JSON as text. A refusal has its own words, a cut answer lacks a half."""
    said = reply.text if reply.text is not None else json.dumps(reply.answer, ensure_ascii=False)
    if reply.fault is Fault.REFUSAL:
        return reply.text if reply.text is not None else "I can't help with that."
    if not reply.has_json and reply.text is None:
        return ""
    return said[: len(said) // 2] if reply.fault is Fault.MAX_TOKENS else said


def tokens_of(request: Request, reply: Reply) -> tuple[int, int]:
    """Tokens read and written, as the reply reports them."""
    received, written = reply.input_tokens, reply.output_tokens
    return (
        -(-len(request.text) // 4) if received is None else received,
        -(-len(answer_text(reply)) // 4) if written is None else written,
    )
