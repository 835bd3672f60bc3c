"""The words by which warehouses tell a value and a name, as patterns for `aegis.privacy.messages`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

#: A value without quotes ends where its line does, or before what a warehouse adds.
_REST = (
    r"(?P<value>[^'\"\s▒][^\n]*?)(?=\s+(?:at \[\d|(?:for|in|of) (?:column|field)\b)|[;,] (?:error|value|pos|type"
    r"|field|did|expected|column|row|line)\b|[.\s]*SQLSTATE"
    r"|\s*\Z|[ \t]*\n)"
)
_NUMBER = r"-?\d[\d.,_]*(?:[eE][+-]?\d+)?[A-Z]{0,2}"


def _hints(pattern: str) -> str:
    """What a text has that the pattern fits: the words after its value, if it names any."""
    after = re.search(r"\{0,4000\}\)(?:\\?\")?('? ?[a-z ]*)", pattern)
    return after[1].strip() if after else ""


#: (…)=(…), as PostgreSQL and SQL Server tell keys and rows: up to the last bracket of the line.
TUPLE = re.compile(r"(?i)(=|\bcontains\s|\bvalue is )\(([^\n]*)")
#: Forms that leave no doubt where the value is, their flags and hints. Each is compiled once a message hints at it.
_FORMS = tuple(
    (pattern, flags, _hints(pattern))
    for pattern, flags in (
        # Between what stands before and after it a value may hold anything, quotes too.
        (r"(?<![a-z])value '(?P<value>[^\n]{0,4000})' of the type\b", re.I),
        (r"(?:could not|cannot|can't|unable to|failed to|error) (?:convert|cast"
         r"|pars\w+)(?: \w+){0,2} '(?P<value>[^\n]{0,4000})' (?:to|as)\b", re.I),
        (r"(?:could not|cannot|can't|unable to|failed to|error) (?:convert|cast"
         r"|pars\w+)(?: \w+){0,2} \"(?P<value>[^\n]{0,4000})\" (?:to|as|according)\b", re.I),
        (r"\b\w+(?: value)? '(?P<value>[^\n]{0,4000})' is (?:not recognized|too long|out of range|invalid"
         r"|malformed)\b", re.I),
        (r"\btext '(?P<value>[^\n]{0,4000})' could not be parsed\b", re.I),
        (r"\bduplicate entry '(?P<value>[^\n]{0,4000})' for key\b", re.I),
        (r"\bwith value '(?P<value>[^\n]{0,4000})' can'?t be cast\b", re.I),
        (r"\bkey \"(?:\w+: )?(?P<value>[^\n]{0,4000})\" (?:violates|does not exist|is still referenced"
         r"|already exists)\b", re.I),
        (r"\b(?:row values|record parsing|original line|csv line|bad line"
         r"|malformed record)s?\s*[:=]\s*(?P<value>[^\n]+)", re.I),
        (r"\bjson data, line \d+: (?P<value>[^\n]+)", re.I),
        (r"(?P<value>\{\s*\"[^\n]{0,4000}\})", 0),
        (r"^\s*context:\s*+(?!(?:copy|sql|pl/|parallel|while|json data)\b)(?P<value>[^\n]+)", re.I | re.M),
        (r"^\s*-\s[\w.`]+ : (?P<value>[^\n]+)", re.M),
        (r"\b(?:bad|invalid|incorrect|illegal|unparse?able|malformed|truncated) (?:[\w/]{1,30} ){0,2}"
         r"(?:value|date|time|timestamp|datetime|number|numeric|integer|input|string|literal|json|uuid|interval|digit)"
         rf"(?: for [\w ]{{1,30}})?\s*:\s*{_REST}", re.I),
        (rf"\bcannot be cast to (?:type )?\w+\s*:\s*{_REST}", re.I),
        (rf"\bcould not (?:parse|cast|convert)[^:'\"\n]{{0,40}}:\s*{_REST}", re.I),
        (rf"(?:\(bad value\)|; value|\binput number|\bfor input string|\bunparse?able \w+)\s*:\s*{_REST}", re.I),
        # Numbers that are data: of sums that went too far, and of casts.
        (rf"\b(?:overflow|underflow)\b[^(:\n]{{0,40}}[(:]\s*(?P<value>{_NUMBER}\s*[-+*/%]\s*{_NUMBER})", re.I),
        (rf"\bdivision by zero: (?P<value>{_NUMBER}\s*/\s*{_NUMBER})", re.I),
        (rf"\bthe value (?P<value>{_NUMBER}) (?:of|cannot|is|does)\b", re.I),
        (rf"(?:\] |\bvalue |\bnumber )(?P<value>{_NUMBER}) (?:cannot be represented|is out of range"
         rf"|cannot be cast)", re.I),
        (rf"\bout of (?:representable )?range\b[^\n]{{0,80}}?\bvalue (?P<value>{_NUMBER})", re.I),
        (rf"\bcast(?:ing)? value (?P<value>{_NUMBER}) to\b", re.I),
    )
)  # fmt: skip


_compiled = cache(re.compile)


def forms(text: str) -> Iterator[re.Pattern[str]]:
    """The forms that ``text`` may have."""
    lowered = text.lower()
    return (_compiled(pattern, flags) for pattern, flags, hint in _FORMS if hint in lowered)


_NOUNS = (
    r"constraint|columns?|tables?|relations?|types?|functions?|schemas?|databases?|index|indexes|models?|operators?|names?|named"
    r"|fields?|macros?|tests?|nodes?|sources?|views?|roles?|users?|catalogs?|parameters?|arguments?|extensions?|enum|identifiers?"
    r"|objects?|datasets?|projects?|warehouses?|alias|aliases|attributes?|variables?|sequences?|procedures?|routines?|packages?"
    r"|modules?|propert(?:y|ies)|options?|settings?|profiles?|targets?|adapters?|rules?|suites?|files?|path|folder|location"
    r"|class|method|command|plugin|servers?|hosts?|ports?|format|specifier|encoding|locale|collation|tablespace"
    r"|trigger|cursor|prepared statement|portal"
    r"|snapshots?|seeds?|exposures?|metrics?|ref|env_var|getenv|var|config|references?|resolve|bindings|groups?"
    r"|refers to|called|data type|for key"
)
#: Just before a name: the kind of thing that it names.
NAME_BEFORE = re.compile(
    rf"(?i)(?:\b(?:{_NOUNS})(?: named| called| name| with name)?|\b(?:did you mean|one of|depends on|belongs to)|\(near"
    rf"|\bin (?=$))"
    r"\s*[:(\[]?\s*$"
)
#: Just before a value, although a word of the above stands there too.
VALUE_FIRST = re.compile(
    r"(?i)\b(?:invalid|illegal|malformed|unparse?able|bad) (?:format|type|name|argument|parameter|field|source"
    r"|path)?\s*:\s*$"
)
#: Just before a piece of the statement itself, which is a name or a keyword if it looks like one.
TOKEN_BEFORE = re.compile(
    r"(?i)\b(?:near|unexpected|mismatched input|extraneous input|no viable alternative at input|expecting:?)\s*$"
)
#: Not far before a value.
VALUE_BEFORE = re.compile(
    r"(?i)(?:\b(?:syntax for [\w ]{1,40}|out of range|values?|strings?|input|literal|text|parse|cast|casting"
    r"|convert|converting"
    r"|duplicate key|duplicate entry|got|found|token|keyword|digit|timestamp|date|time|boolean|number|numeric|integer"
    r"|(?:invalid|illegal|malformed|unparse?able|unknown) \w+|(?:column|field|line) \S{1,64}:)\b[^'\"\n]{0,40}"
    r"|[\"']\s*:\s*|=\s*)$"
)
#: Just after a value.
VALUE_AFTER = re.compile(
    r"(?i)\s*(?:(?:is|was|are) (?:not (?:an? )?(?:valid|recognized|accepted|allowed|numeric|number|integer|date"
    r"|a member)|invalid"
    r"|malformed|out of|too (?:long|large|small|big)|not in)|cannot be (?:cast|converted|parsed|coerced|represented)"
    r"|could not be (?:cast|converted|parsed)|does not (?:match|fit|conform)|to (?:type|data type)|occurs|appears)\b"
)
#: Just after a name.
NAME_AFTER = re.compile(
    r"(?i)\s*(?:(?:does|do|did) not exist|already exists|(?:is|was|were|are)? ?(?:not found|undefined|ambiguous"
    r"|disabled|reserved"
    r"|deprecated|not defined|unknown|missing|not (?:a )?(?:registered|defined|installed|supported))"
    r"|cannot be (?:resolved|found)"
    r"|could not be (?:resolved|found)|must (?:appear|be|have)|not (?:found|registered|recognised as)"
    r"|which was not found|not in"
    r"|violates|takes|requires|has no|has type|of relation|is of type|: invalid identifier|, pos\b(?=\Z))\b"
)
#: Between names of a list.
LISTS_ON = re.compile(r"[\s,\[\](){}]*(?:and|or)?[\s,\[\]({]*['\"]")
NAME_LIKE = re.compile(r"[^\W\d][\w$]*(?:\.[\w$]+)*(?:\(\))?|%[\w%:./ -]{1,40}")
_PLAIN = (
    r"u?(?:tiny|small|medium|big|huge)?int(?:eger)?\d*|u?int\d+|float\d*|double(?: precision)?|real"
    r"|big(?:numeric|decimal)"
    r"|(?:decimal|numeric|number|fixed|(?:n?var)?char2?|character(?: varying)?|string|text|bytes?|binary"
    r"|varbinary)(?:\s?\(\d+(?:, ?\d+)?\))?"
    r"|bool(?:ean)?|bit|date(?:32|64|type)?|time(?:tz)?|datetime\d*"
    r"|timestamp\w*(?:\s?\(\d\))?(?: with(?:out)? (?:local )?time zone)?"
    r"|interval|uuid|jsonb?|variant|object|array|struct|map|list|blob|bytea|citext|hugeint|geography|geometry|inet|cidr|money"
    r"|(?:field list|where clause|on clause|order clause|having clause|group statement)"
)
TYPE = re.compile(rf"(?i)(?:{_PLAIN})(?:\[\]|<[\w ,<>]+>)?")

#: Parts of a row that are not looked for elsewhere.
NO_VALUE = re.compile(rf"(?i)null|true|false|.{{0,2}}|{_PLAIN}")

_CONTINUES = re.compile(
    r"\s*(?:\Z|[.,;:)\]}!?]|(?i:to|is|as|for|in|of|at|on|has|with|from|does|did|do|cannot|can|could|was|were|are|because|expected"
    r"|expecting|according|which|while|and|or|not|already|violates|into|when|value|out|must|should|but|near|type|failed|would|that"
    r"|there|here|than|by|occurs|appears)\b|[=<>\"'])"
)


def continues(after: str) -> bool:
    """Whether what follows a quote is how a message goes on, or its end."""
    return _CONTINUES.match(after) is not None
