"""Everything but Slack's webhooks, through Apprise (https://github.com/caronc/apprise): one address, one service.

Apprise is a library here and nothing else: it reads no configuration file, no template from the environment and no
plug-in, keeps nothing on disk, follows no redirect (which would carry the report to another host) and loads no picture.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from aegis.notify.message import Message
from aegis.notify.quiet_logs import quiet_logs
from aegis.notify.send import NotSent

if TYPE_CHECKING:
    from apprise import AppriseAsset

_STATUS = re.compile(r"\berror=(\d{3})\b")


def post(message: Message, url: str, end: float) -> None:
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
    with quiet_logs():
        asset = _asset(end)
        service = Apprise.instantiate(url, asset=asset)
        if service is None:
            raise NotSent("Apprise knows no such address, or it is incomplete", _HINT)
        sender = Apprise(asset=asset)
        sender.add(service)
        result = sender.notify(body=message.text, title=message.title, body_format=NotifyFormat.TEXT)
        if not result:
            raise NotSent(_reason(result))


_HINT = "See https://github.com/caronc/apprise/wiki for the form; a plain webhook is jsons://HOST/PATH."


def _asset(end: float) -> AppriseAsset:
    from apprise import AppriseAsset, PersistentStoreMode

    return AppriseAsset(
        storage_mode=PersistentStoreMode.MEMORY,
        allow_templates=False,
        service_timeout=max(1.0, end - time.monotonic()),
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


def _reason(result: Any) -> str:
    """Why, as far as Apprise tells: a status. Its other words may hold parts of the address."""
    statuses = [found[1] for entry in result.logs() if (found := _STATUS.search(entry.message))]
    if statuses:
        return f"the server answered {statuses[-1]}"
    if any("onnection error" in entry.message for entry in result.logs()):
        return "no connection, or no answer in time"
    return "the service did not take it"
