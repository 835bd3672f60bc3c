"""Anthropic's Messages, with structured output: ``output_config``, a schema that the model cannot leave."""

from __future__ import annotations

from aegis.llm.base import Ask, Raw, Stop
from aegis.llm.failures import Permanent, Transient
from aegis.llm.providers import Settings
from aegis.llm.providers.wire import Lenient, failed, read_reply, tool_call
from aegis.llm.schema import form_of

_STOPS = {"refusal": Stop.REFUSED, "max_tokens": Stop.CUT, "model_context_window_exceeded": Stop.CUT}


_OLD = "This model may be too old for structured output; claude-haiku-4-5 and later have it."


class _Block(Lenient):
    type: str
    text: str = ""
    name: str = ""
    input: object = None


class _Usage(Lenient):
    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class _Reply(Lenient):
    content: tuple[_Block, ...]
    usage: _Usage
    stop_reason: str | None = None


class Anthropic:
    """Asks through Anthropic's SDK, whose own retries are off: there is one layer of them."""

    def __init__(self, settings: Settings) -> None:
        import anthropic

        self._sdk = anthropic
        self._settings = settings
        self._client = anthropic.Anthropic(api_key=settings.api_key, base_url=settings.base_url, max_retries=0)

    def ask(self, ask: Ask, timeout: float) -> Raw:
        sdk = self._sdk
        try:
            response = self._client.messages.with_raw_response.create(
                model=self._settings.model,
                max_tokens=self._settings.max_output_tokens,
                system=ask.system or sdk.omit,
                messages=[{"role": "user", "content": ask.prompt}],
                output_config={"format": {"type": "json_schema", "schema": dict(form_of(ask.schema))}},
                timeout=timeout,
            )
        except sdk.APIStatusError as error:
            reason = error.api_message or error.message
            if error.type == "billing_error" or "credit balance" in reason:
                raise Permanent(reason, hint="Check the account: it has no credit.") from error
            hint = _OLD if error.status_code == 400 and "output_" in reason else None
            raise failed(error.status_code, reason, error.response.headers, hint=hint) from error
        except sdk.APIConnectionError as error:
            raise Transient(f"no reply: {error.__cause__ or error}", maybe_billed=True) from error
        return _raw(read_reply(_Reply, response.http_response.content))


def _raw(reply: _Reply) -> Raw:
    usage = reply.usage
    calls = [tool_call(block.name, block.input) for block in reply.content if block.type == "tool_use"]
    return Raw(
        text="".join(block.text for block in reply.content if block.type == "text") or "\n".join(calls),
        input_tokens=usage.input_tokens
        + (usage.cache_creation_input_tokens or 0)
        + (usage.cache_read_input_tokens or 0),
        output_tokens=usage.output_tokens,
        stop=_STOPS.get(reply.stop_reason or "", Stop.DONE),
    )


def open_provider(settings: Settings) -> Anthropic:
    return Anthropic(settings)
