"""AWS Bedrock's Converse, whatever the model: the answer is the arguments of a tool that must be called."""

from __future__ import annotations

import json
from typing import Any

from aegis.errors import ConfigError
from aegis.llm.base import Ask, Raw, Stop
from aegis.llm.failures import Failure, Permanent, Transient
from aegis.llm.providers import Settings
from aegis.llm.providers.wire import Lenient, failed, read_reply, tool_call
from aegis.llm.schema import arguments_of, form_name

_STOPS = {
    "max_tokens": Stop.CUT,
    "model_context_window_exceeded": Stop.CUT,
    "guardrail_intervened": Stop.REFUSED,
    "content_filtered": Stop.REFUSED,
}
_ACCOUNT = "Check the AWS credentials (`aws sts get-caller-identity`), the region, and that the model is enabled there."


class _ToolUse(Lenient):
    name: str
    input: object = None


class _Block(Lenient):
    text: str = ""
    toolUse: _ToolUse | None = None


class _Message(Lenient):
    content: tuple[_Block, ...]


class _Output(Lenient):
    message: _Message


class _Usage(Lenient):
    inputTokens: int
    outputTokens: int


class _Reply(Lenient):
    output: _Output
    usage: _Usage
    stopReason: str


class Bedrock:
    """Asks through boto3, whose own retries are off: there is one layer of them."""

    def __init__(self, settings: Settings) -> None:
        import boto3
        from botocore import exceptions
        from botocore.config import Config

        self._errors = exceptions
        self._settings = settings
        config = Config(
            retries={"total_max_attempts": 1},
            read_timeout=settings.timeout + 1,  # for a whole client: what is left of a deadline is watched elsewhere
            connect_timeout=min(5.0, settings.timeout),
            max_pool_connections=settings.concurrency,
        )
        try:
            session = boto3.Session(profile_name=settings.aws_profile, region_name=settings.aws_region)
            self._client = session.client("bedrock-runtime", endpoint_url=settings.base_url, config=config)
        except exceptions.BotoCoreError as error:  # no such profile, no region
            hint = "Name a profile and a region of ~/.aws/config (llm.aws_profile, llm.aws_region)."
            raise ConfigError(f"Bedrock cannot be reached: {error}", where="llm.provider", hint=hint) from error

    def ask(self, ask: Ask, timeout: float) -> Raw:
        name = form_name(ask.schema)
        # Any of one tool is that tool; more models know this word than the one that names it.
        tool = {"name": name, "description": "The answer.", "inputSchema": {"json": arguments_of(ask.schema)}}
        errors = self._errors
        try:
            reply = self._client.converse(
                modelId=self._settings.model,
                **({"system": [{"text": ask.system}]} if ask.system else {}),
                messages=[{"role": "user", "content": [{"text": ask.prompt}]}],
                inferenceConfig={"maxTokens": self._settings.max_output_tokens},
                toolConfig={"tools": [{"toolSpec": tool}], "toolChoice": {"any": {}}},
            )
        except errors.ClientError as error:
            raise _status(error.response) from error
        except (errors.NoCredentialsError, errors.PartialCredentialsError, errors.TokenRetrievalError) as error:
            raise Permanent(str(error), hint=_ACCOUNT) from error
        except (errors.BotoCoreError, errors.HTTPClientError) as error:
            raise Transient(f"no reply: {error}", maybe_billed=True) from error
        return _raw(read_reply(_Reply, reply), name)


def _status(response: dict[str, Any]) -> Failure:
    """The failure that AWS describes; it says what went wrong in a code, and the status is not always there."""
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    message = f"{error.get('Code', '')}: {error.get('Message', '')}"
    hint = _ACCOUNT if metadata.get("HTTPStatusCode") in (401, 403, 404) else None
    return failed(metadata.get("HTTPStatusCode", 500), message, metadata.get("HTTPHeaders", {}), hint=hint)


def _raw(reply: _Reply, name: str) -> Raw:
    used = [block.toolUse for block in reply.output.message.content if block.toolUse]
    ours = [json.dumps(tool.input, ensure_ascii=False) for tool in used if tool.name == name]
    others = [tool_call(tool.name, tool.input) for tool in used if tool.name != name]
    said = "".join(block.text for block in reply.output.message.content)
    return Raw(
        text=(ours or others or [said])[0],
        input_tokens=reply.usage.inputTokens,
        output_tokens=reply.usage.outputTokens,
        stop=_STOPS.get(reply.stopReason, Stop.DONE),
    )


def open_provider(settings: Settings) -> Bedrock:
    return Bedrock(settings)
