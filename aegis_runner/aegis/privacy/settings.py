"""Secrets known by what stands before them: settings, headers, commands, connection strings, statements of SQL.

What is secret is told by a name (``aws_secret_access_key``), so a value may have any shape. In prose and in
comments any value of such a name is taken out. In SQL that runs, a column may have the name, and what it is
compared with is code: only literals that look like a credential are."""

from __future__ import annotations

import re
from collections.abc import Callable

_NAME = (
    r"(?:pass(?:word|wd|phrase|code|wort)|(?<![a-z])pwd|kennwort|senha|contrase(?:ñ|n)a|mot[ _-]de[ _-]passe"
    r"|secret(?:[_ -]?(?:access[_ -]?)?key)?|(?:auth|bearer|access|refresh|id)?[_-]?token|credentials?"
    r"|connection[_ -]?string"
    r"|(?:api|access|account|private|storage|encryption|encrypt|signing|master|consumer|license|ssh|webhook|service|subscription)"
    r"[_ -]?key|shared[_ -]?access[_ -]?signature)"
)
#: What makes a name one about a secret: how many there are, when it ends, where it is kept.
_ABOUT = (
    r"(?!(?:[_ -]?(?:count|counts|length|len|id|ids|type|types|url|uri|file|path|name|names|at|ttl|policy|flag|format"
    r"|version|valid|expir\w*|rotat\w*|column|field|hint|status|required))(?![a-z]))"
)
_SETTING = re.compile(
    rf"(?i)({_NAME}{_ABOUT}(?:[_-][\w-]{{0,30}}|\d{{1,3}}|s|(?-i:[A-Z]\w{{0,30}}))?[\"'`\]]?"
    r"[ \t]{0,8}(?:=>|:=|==?|:(?![:=])|(?<=[\"'])[ \t]*,)[ \t]{0,8})"
    r"(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.|'')*'|`[^`\n]*`|[^\s\"'`;,)&\]}>][^\s\"'`;,)&\]}]*)"
)
#: Before each, what is kept; then the secret. The first group that took part is kept.
_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?i)(authorization[\"']?[ \t]*[:=][ \t]*[\"']?(?:(?:basic|bearer|token|digest|negotiate|apikey|key)[ \t]+)?)"
        r"((?![^\"'\n,;}]*•)[^\s\"'\n,;}][^\"'\n,;}]*)",
        r"(?i)\b(bearer[ \t]+)((?=[\w.~+/=-]*\d|[\w.~+/=-]{16})[\w.~+/=-]{8,})",
        r"(?i)\b(basic[ \t]+)((?=[\w+/]*(?-i:[A-Z])[\w+/]*(?-i:[a-z])"
        r"|[\w+/]*\d)(?-i:[A-Za-z0-9+/]){8,}={0,2})(?![\w-])",
        r"(?i)\b(x-(?:[\w-]{1,20}-)?(?:key|token|secret|signature)[\"']?[ \t]*[:=][ \t]*[\"']?)([^\s\"',;]{6,})",
        r"(?i)\b(identified\s{1,9}(?:with\s{1,9}\S{1,40}\s{1,9})?(?:by|using)(?:\s{1,9}(?:password|values))?\s{1,9}[\"'])"
        r"([^\"'\n]+)",
        r"(?i)\b(identified\s{1,9}(?:with\s{1,9}\S{1,40}\s{1,9})?by\s{1,9}(?!password\b|values\b))([^\s\"';,]{3,})",
        r"(?i)\b((?:password|passwd|passphrase|secret|key_id|secret_key|session_token)(?:\s{1,4}for\s{1,4}[^\s=]{1,80}\s{0,4}=)?"
        r"\s{1,4}')((?:[^'\n]|''){3,})(?=')",
        r"(?i)(?<![\w-])(--?(?:password|passwd|pass|pwd|token|api-?key|secret|auth-?token|secret-?key"
        r"|access-?key)[ =][\"']?)"
        r"([^\s\"'-][^\s\"']{2,})",
        r"(?<![\w-])(-u[ ]?[\"']?[\w.@-]{1,60}:)([^\s\"']{3,})",
        r"(?i)\b(login\s{1,4}\S{1,80}\s{1,4}password\s{1,4})(\S{3,})",
        rf"(?i)(<[\w:.-]{{0,30}}?{_NAME}[\w-]{{0,20}}>\s{{0,4}})([^<\s][^<\n]*)(?=</)",
        rf"(?i)\b({_NAME}\s{{1,4}}(?:is|was)(?:\s{{1,4}}now)?\s{{1,4}}[\"'`]?)((?=[^\s\"'`]*\d)[^\s\"'`,;]{{4,}})",
        r"(?i)(?<![\w-])(pass=)([^\s\"'&;,]{3,})",
        r"(?i)([?&;](?:sig|signature|x-amz-signature|x-amz-security-token|key|code|auth|access_token)=)([^\s\"'&;,]{6,})",
        r"(?i)((?<![\w.-])(?=[\d.-]{0,40}[a-z])[\w.-]{1,80}:\d{4,5}:[\w*-]{1,60}:[\w*-]{1,60}:)([^\s:\"']{3,})(?=\s|\Z)",
    )
)  # fmt: skip
_PGPASS = re.compile(r":\d{4,5}:")
#: One of these stands in every text that has one of the above.
_HINTS = (
    "pass", "pwd", "kennwort", "senha", "contrase", "secret", "token", "credential", "key", "connection", "sig", "auth",
    "bearer", "basic", "identified", "-u", "code=",
)  # fmt: skip
#: What is written where a secret will be, or in its place.
_PLACEHOLDER = re.compile(
    r"(?i)\{\{|\$\{|\$[A-Z_]+\Z|%\(|%[A-Z_]+%|<|\*|•|▒|env_var|os\.environ|getenv|\.\.\.|…|(?:null|none|nil|true|false|yes|no|is|not"
    r"|and|or|in|any|empty|missing|required|optional|redacted|masked|hidden|unknown|n/?a|string|text|varchar\S*)\W*\Z"
)
#: Small and capital letters and digits, and nothing that joins words.
_RANDOM = re.compile(r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=\D*\d)[A-Za-z0-9+/=~]+")
_PATH = re.compile(r"(?i)(?:[a-z_]\w*\.)+[a-z_]\w*\Z")


def settings_remover(removed: str, *, code: bool) -> Callable[[str], str]:
    """A function that puts ``removed`` where a credential stood; ``code`` is for SQL without its comments."""
    judge = _in_code if code else _in_prose

    def replaced(match: re.Match[str]) -> str:
        value = match[2]
        quote = value[0] if value[0] in "\"'`" and len(value) > 1 else ""
        body = value[1:-1] if quote else value
        after = match.string[match.end() : match.end() + 40]
        if len(body) < 3 or _PLACEHOLDER.match(body) or not judge(match[1], body, bool(quote), after):
            return match.group()
        return f"{match[1]}{quote}{removed}{quote}"

    def replaced_after(match: re.Match[str]) -> str:
        return match.group() if match[2].startswith(removed) else f"{match[1]}{removed}"

    def remove(text: str) -> str:
        lowered = text.lower()
        if not any(hint in lowered for hint in _HINTS) and _PGPASS.search(text) is None:
            return text
        for form in _FORMS:
            text = form.sub(replaced_after, text)
        return _SETTING.sub(replaced, text)

    return remove


def _in_code(name: str, body: str, quoted: bool, after: str) -> bool:
    """Random signs; a word that people choose is what a rule compares a column with; without quotes it is a name."""
    if not quoted:
        return len(body) >= 12 and _RANDOM.fullmatch(body) is not None and not after.startswith("(")
    return len(body) >= 8 and not re.search(r"\s", body) and _is_mixed(body)


def _in_prose(name: str, body: str, quoted: bool, after: str) -> bool:
    if quoted:
        return True
    # A call, or a column of a table: `t.token = s.token`.
    if after.startswith("(") or "(" in body or _PATH.match(body.rstrip(".,")):
        return False
    if "=" in name:
        return True
    # After a colon a word may go on as a sentence: "token: identifies the session".
    return _is_mixed(body) or re.match(r"[ \t]*[.;,]?[ \t]*(?:\n|\*/|\Z)", after) is not None


def _is_mixed(body: str) -> bool:
    """Letters with digits, or with signs that no word has."""
    letters = any(map(str.isalpha, body))
    odd = any(not char.isalnum() and char not in "-_.,:;!?()/" for char in body)
    return len(body) >= 4 and ((letters and any(map(str.isdigit, body))) or odd)
