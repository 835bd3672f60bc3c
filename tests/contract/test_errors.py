"""The tree drawn in the docstring of `aegis.errors` is the tree of classes."""

from __future__ import annotations

import re

from aegis import errors


def drawn() -> dict[str, tuple[str, int]]:
    """``class → (parent, exit code)`` as drawn; four columns of indentation are one generation."""
    tree: dict[str, tuple[str, int]] = {}
    ancestors = ["AegisError"]
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"^    ([│ ]*)[├└]── (\w+) +(\d+) ", line):
            depth = len(match[1]) // 4 + 1
            ancestors[depth:] = [match[2]]
            tree[match[2]] = (ancestors[depth - 1], int(match[3]))
    return tree


def test_the_drawn_tree_is_the_tree_of_classes() -> None:
    classes = {
        name: (thing.__mro__[1].__name__, thing.exit_code)
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, errors.AegisError) and thing is not errors.AegisError
    }
    assert drawn() == classes


def test_exit_codes_tell_errors_from_findings_and_bugs() -> None:
    codes = {code for _, code in drawn().values()}
    assert not codes & {errors.EXIT_OK, errors.EXIT_FINDINGS, errors.EXIT_BUG, errors.EXIT_INTERRUPTED}
