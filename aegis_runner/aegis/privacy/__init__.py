"""What keeps personal data and secrets inside. One `Redactor`, applied where a report leaves the program."""

from aegis.domain.privacy import MASK
from aegis.privacy.config import Mode, PrivacyConfig
from aegis.privacy.redactor import Redactor
from aegis.privacy.secrets import secret_values

__all__ = ["MASK", "Mode", "PrivacyConfig", "Redactor", "secret_values"]
