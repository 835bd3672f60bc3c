"""Messages to people elsewhere: one a run, made from the redacted report, sent to addresses that the user named."""

from aegis.notify.address import Address, parse
from aegis.notify.message import Message, Wanted, compose
from aegis.notify.send import Delivery, send

__all__ = ["Address", "Delivery", "Message", "Wanted", "compose", "parse", "send"]
