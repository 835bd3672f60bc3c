"""The kinds of syntax that pass the gate. What is not here does not pass, so that a kind of statement or clause
that a later sqlglot learns is refused until somebody has looked at it.

Names, not classes, so that this module costs no import of sqlglot. Functions are another list: `aegis.sql.functions`.
"""

from __future__ import annotations

OPERATORS = """
    Add Sub Mul Div IntDiv Mod Neg DPipe BitwiseAnd BitwiseOr BitwiseXor BitwiseNot BitwiseLeftShift BitwiseRightShift
    EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Is Not Like ILike SimilarTo Glob Escape Between In Any All Overlaps
    ArrayContainsAll ArrayContainedBy Distance Adjacent ExtendsLeft ExtendsRight
"""

VALUES = """
    Literal Boolean Null National HexString BitString RawString Interval IntervalSpan Tuple Paren Column Identifier
    Pseudocolumn Dot Bracket Slice PropertyEQ Kwarg Lambda Comprehension DataType DataTypeParam Var AtTimeZone
    FromTimeZone JSON JSONKeyValue JSONExtractQuote JSONPath JSONPathFilter JSONPathKey JSONPathRecursive JSONPathRoot
    JSONPathSelector JSONPathSlice JSONPathSubscript JSONPathUnion JSONPathWildcard FormatJson OnCondition
    TranslateCharacters
"""

QUERIES = """
    Select Union Except Intersect Subquery From Join Where Group Having Qualify Order Ordered Limit LimitOptions
    Offset Fetch Distinct With CTE TableAlias Table Values Lateral Alias Aliases Star Cube Rollup GroupingSets
    Window WindowSpec WithinGroup Filter IgnoreNulls RespectNulls HavingMax JSONColumnDef JSONSchema
    Pivot PivotAlias
"""

ALLOWED = frozenset(f"{OPERATORS} {VALUES} {QUERIES}".split())

# The parts of a SELECT that may be filled in. INTO, FOR UPDATE, hints, samples and their like are not among them.
_SELECT_PARTS = """
    with_ distinct expressions from_ joins laterals where group having qualify windows order limit offset kind exclude
"""
SELECT_PARTS = frozenset(_SELECT_PARTS.split())

# What stands for several rows or values: of no use where one row gives one value.
MANY_VALUED = frozenset(("Star", "Alias", "Aliases", "Ordered", "Distinct", "Window", "Tuple"))
