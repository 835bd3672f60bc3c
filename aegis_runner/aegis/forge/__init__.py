"""GitHub and GitLab: one comment on the pull request that a CI job is for, kept up to date, and what the job is told.

A report comes here as text. This room knows who wrote which comment, which pull request a job is for, and how long to
wait for a server that is busy; it knows nothing of what the text says. Whatever a server, an event file or a comment
holds is untrusted: it is read into models, and quoted in a message only as one short line without control characters.
A token is sent to the API it is for and stands nowhere else. httpx is known in this room only.

`forges` is the registry: one module for each service (`github`, `gitlab`), imported when it is asked for.
"""

from aegis.forge.base import Comment, Forge, Nowhere, Thread, Wanted
from aegis.forge.marker import check_name
from aegis.forge.patience import Patience
from aegis.forge.registry import FORGES, forge
from aegis.forge.sticky import Compose, Draft, Outcome, Written, stick

__all__ = [
    "FORGES",
    "Comment",
    "Compose",
    "Draft",
    "Forge",
    "Nowhere",
    "Outcome",
    "Patience",
    "Thread",
    "Wanted",
    "Written",
    "check_name",
    "forge",
    "stick",
]
