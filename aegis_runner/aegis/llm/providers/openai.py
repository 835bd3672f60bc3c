"""OpenAI's chat completions, which many other servers speak too (give a base URL), with a JSON schema."""

from __future__ import annotations

from typing import Any

from aegis.llm.base import Ask, Raw, Stop
from aegis.llm.failures import Permanent, Transient
from aegis.llm.providers import Settings
from aegis.llm.providers.wire import Lenient, chat_messages, failed, read_reply, tool_call
from aegis.llm.schema import form_name, form_of

_STOPS = {"content_filter": Stop.REFUSED, "length": Stop.CUT}


class _Function(Lenient):
    name: str = ""
    arguments: str = ""


class _Call(Lenient):
    function: _Function = _Function()


class _Message(Lenient):
    content: str | None = None
    refusal: str | None = None
    tool_calls: tuple[_Call, ...] | None = None


class _Choice(Lenient):
    message: _Message
    finish_reason: str | None = None


class _Usage(Lenient):
    prompt_tokens: int
    completion_tokens: int


class _Reply(Lenient):
    choices: tuple[_Choice, ...]
    usage: _Usage | None = None  # some compatible servers do not tell


class OpenAI:
    """Asks through OpenAI's SDK, whose own retries are off: there is one layer of them."""

    def __init__(self, settings: Settings) -> None:
        import openai

        self._sdk = openai
        self._settings = settings
        self._client = openai.OpenAI(api_key=settings.api_key, base_url=settings.base_url, max_retries=0)
        # OpenAI's newer models refuse the old name of the limit; other servers do not know the new one.
        self._limit = "max_tokens" if settings.base_url else "max_completion_tokens"

    def ask(self, ask: Ask, timeout: float) -> Raw:
        sdk = self._sdk
        form = {"name": form_name(ask.schema), "schema": form_of(ask.schema), "strict": True}
        request: dict[str, Any] = {
            "model": self._settings.model,
            "messages": chat_messages(ask),
            "response_format": {"type": "json_schema", "json_schema": form},
            self._limit: self._settings.max_output_tokens,
        }
        try:
            response = self._client.chat.completions.with_raw_response.create(**request, timeout=timeout)
        except sdk.APIStatusError as error:
            reason = error.message.removeprefix(f"Error code: {error.status_code} - ")
            if error.code == "insufficient_quota":  # sent as 429, but waiting does not pay a bill
                raise Permanent(reason, hint="Check the account: it has no credit.") from error
            raise failed(error.status_code, reason, error.response.headers) from error
        except sdk.APIConnectionError as error:
            raise Transient(f"no reply: {error.__cause__ or error}", maybe_billed=True) from error
        return _raw(read_reply(_Reply, response.content))


def _raw(reply: _Reply) -> Raw:
    if not reply.choices:
        raise Transient("the reply has no choices", maybe_billed=True)
    choice = reply.choices[0]
    message, usage = choice.message, reply.usage
    calls = [tool_call(call.function.name, call.function.arguments) for call in message.tool_calls or ()]
    return Raw(
        text=message.refusal or message.content or "\n".join(calls),
        input_tokens=usage.prompt_tokens if usage else None,
        output_tokens=usage.completion_tokens if usage else None,
        stop=Stop.REFUSED if message.refusal else _STOPS.get(choice.finish_reason or "", Stop.DONE),
    )


def open_provider(settings: Settings) -> OpenAI:
    return OpenAI(settings)
