"""What the search field learns of a pattern."""

from callbacks.shared.search_field import judge
from data.scope import MAX_SEARCH


def test_a_pattern_that_can_be_used_has_no_problem() -> None:
    assert judge(r"^web-\d+$") == {"pattern": r"^web-\d+$", "problem": ""}


def test_a_pattern_that_is_typed_half_or_too_long_comes_back_with_a_sentence() -> None:
    assert judge("web-(") == {"pattern": "web-(", "problem": "The pattern cannot be read: a “(” has no “)”."}
    longest = "w" * MAX_SEARCH
    assert judge(longest) == {"pattern": longest, "problem": "The pattern has more than 1,000 characters."}
