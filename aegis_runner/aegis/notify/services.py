"""Everything but Slack's webhooks, through Apprise (https://github.com/caronc/apprise): one address, one service.

Apprise is a library here and nothing else: it reads no configuration file, no template from the environment and no
plug-in, keeps nothing on disk, follows no redirect (which would carry the report to another host) and loads no picture.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aegis.notify.message import Message
from aegis.notify.not_sent import NotSent
from aegis.notify.quiet_logs import quiet_logs

if TYPE_CHECKING:
    from apprise import AppriseAsset

_STATUS = re.compile(r"\berror=(\d{3})\b")


def post(message: Message, url: str, _end: float) -> None:
    """Send it once; an address may ask for more tries itself (``?retry=2``).

    Raises:
        NotSent: It was not taken, the address is not one that Apprise knows, or Apprise is not installed.
    """
    try:
        from apprise import Apprise, NotifyFormat
    except ImportError:
        raise NotSent(
            "this kind of address needs Apprise, which is not installed", "pip install 'aegis-dbt[notify]'"
        ) from None
    with quiet_logs() as warnings:
        asset = _asset()
        service = Apprise.instantiate(url, asset=asset)
        if service is None:
            raise NotSent("Apprise knows no such address, or it is incomplete", _HINT)
        sender = Apprise(asset=asset)
        sender.add(service)
        if not sender.notify(body=message.text, title=message.title, body_format=NotifyFormat.TEXT):
            raise NotSent(_reason(warnings))


_HINT = "See https://github.com/caronc/apprise/wiki for the form; a plain webhook is jsons://HOST/PATH."


def _asset() -> AppriseAsset:
    from apprise import AppriseAsset, PersistentStoreMode

    return AppriseAsset(
        storage_mode=PersistentStoreMode.MEMORY,
        allow_templates=False,
        service_timeout=0,  # it would send from a thread of its own, whose logs are not stopped; `send` has a bound
        app_id="Aegis",
        app_desc="Aegis",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        http_redirects=False,
        interpret_emojis=False,
        interpret_escapes=False,
        pgp_autogen=False,
        pem_autogen=False,
    )


def _reason(warnings: Sequence[str]) -> str:
    """Why, as far as Apprise tells: a status. Its other words may hold parts of the address."""
    statuses = [found[1] for warning in warnings if (found := _STATUS.search(warning))]
    if statuses:
        return f"the server answered {statuses[-1]}"
    if any("onnection error" in warning for warning in warnings):
        return "no connection, or no answer in time"
    return "the service did not take it"
