"""Patterns: RE2 in the lines of a text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InvalidInputError
from data.patterns import MAX_PATTERN, TOO_SLOW, Search, compile_pattern

ATOMS = st.sampled_from(
    [*"ab1-", r"\.", ".", r"\d", r"\w", r"\W", r"\s", "[ab]", "[^a]", "[a-c1-3]", r"[^\d]", "^", "$", r"\b"]
)
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "+?", "{2}", "{1,2}", "{2,}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
        inner.map(lambda part: f"({part})"),
    ),
    max_leaves=6,
)
"""What RE2 and Python's `re` both understand."""
TEXTS = st.text("abcAB12-. \n", max_size=12)


@given(PATTERNS, TEXTS)
def test_a_pattern_finds_what_pythons_re_finds_in_one_of_the_lines(pattern: str, text: str) -> None:
    expected = any(re.search(pattern, line, re.ASCII | re.IGNORECASE) for line in text.split("\n"))
    assert compile_pattern(pattern)(text) == expected


@given(PATTERNS, TEXTS)
def test_after_the_switch_a_pattern_finds_the_exact_case_alone(pattern: str, text: str) -> None:
    expected = any(re.search(pattern, line, re.ASCII) for line in text.split("\n"))
    assert compile_pattern(f"(?-i){pattern}")(text) == expected


@given(st.text(), st.text(), st.text(max_size=100))
def test_every_part_of_a_line_is_found_when_it_is_escaped(before: str, after: str, part: str) -> None:
    line = part.replace("\n", " ")
    assert compile_pattern(re.escape(line))(f"{before}{line}{after}")


@given(st.text(st.characters(), max_size=MAX_PATTERN + 10))
def test_any_text_is_a_pattern_or_refused_with_a_sentence(pattern: str) -> None:
    sentence = "The pattern can be used."
    try:
        compile_pattern(pattern)("text")
    except InvalidInputError as error:
        sentence = str(error)
    assert sentence.startswith("The pattern ")
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("größe", "GRÖSSE".replace("SS", "ẞ")),
        ("ÉCOLE", "école"),
        ("сервер", "СЕРВЕР"),
        ("ΟΔΟΣ", "οδος"),
        ("[à-ý]", "É"),
        (r"^\pL+$", "Zürich"),
        ("^.{2}$", "日本"),
    ],
)
def test_the_case_of_every_script_is_ignored_and_a_character_is_one_whatever_its_bytes(
    pattern: str, text: str
) -> None:
    assert compile_pattern(pattern)(text)
    assert compile_pattern(pattern)(f"before\n{text}\nafter")


@pytest.mark.parametrize("pattern", ["a.*b", "a[^x]*b", r"a\s*b", r"a\W*b", "(?s)a.*b", r"a\nb", "a(.|\\n)b"])
def test_no_match_goes_over_the_end_of_a_line(pattern: str) -> None:
    assert not compile_pattern(pattern)("a\nb")


def test_the_ends_of_the_whole_text_can_be_asked_for_as_well() -> None:
    text = "web-1\n10.0.0.1"
    assert compile_pattern(r"\Aweb")(text)
    assert compile_pattern(r"1\z")(text)
    assert not compile_pattern(r"\A10")(text)


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("web-(", "a “(” has no “)”"),
        ("web)", "a “)” has no “(”"),
        ("web-[0-9", "“[0-9” has no “]”"),
        ("web\\", "a backslash ends it; write “\\\\” to find a backslash"),
        ("*web", "before “*” there is nothing to repeat"),
        ("a**", "“**” repeats a repetition; leave one out"),
        ("a++", "“++” repeats a repetition; leave one out"),
        ("[z-a]", "“z-a” is no range and no kind of characters"),
        (r"\p{Nonsense}", "“\\p{Nonsense}” is no range and no kind of characters"),
        (r"\y", "“\\y” has no meaning"),
        ("(?P<1", "“(?P<1” names no group"),
        ("(?#note)", "“(?#” has no meaning"),
        (r"(\pL{1,100}){10}", "it is too large; use fewer or smaller repetitions"),
        ("web(?=-)", "look-ahead and look-behind are not possible"),
        ("web(?!-)", "look-ahead and look-behind are not possible"),
        ("(?<=-)web", "look-ahead and look-behind are not possible"),
        ("(?<!-)web", "look-ahead and look-behind are not possible"),
        (r"(a)\1", "back-references are not possible"),
        ("(?P<a>a)(?P=a)", "back-references are not possible"),
        (r"(?P<a>a)\k<a>", "back-references are not possible"),
        (r"web\Z", "write “\\z” for the end of the text, or “$” for that of a line"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(pattern: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=f"^{re.escape(f'The pattern cannot be read: {sentence}.')}$"):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", ["a{1001}", "a{2,1}", "((a{100}){100}){100}"])
def test_too_many_repetitions_are_refused_with_the_limit(pattern: str) -> None:
    with pytest.raises(InvalidInputError, match="up to 1,000 are possible"):
        compile_pattern(pattern)


def test_a_pattern_of_too_many_characters_is_refused_before_it_is_read() -> None:
    assert compile_pattern("a" * MAX_PATTERN)("a" * MAX_PATTERN)
    with pytest.raises(InvalidInputError, match=r"^The pattern has more than 1,000 characters\.$"):
        compile_pattern("(" * (MAX_PATTERN + 1))


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(a|a?)+b$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){15}$"]
)
def test_a_pattern_that_would_keep_others_busy_for_years_ends(pattern: str) -> None:
    assert not compile_pattern(pattern)("a" * 30_000 + "!")


def test_the_texts_of_a_question_are_looked_through_for_a_limited_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("data.patterns.MAX_SECONDS", 0)
    search = Search("a+")
    assert search("aaa")
    with pytest.raises(InvalidInputError, match=re.escape(TOO_SLOW)):
        search("aaa")
    assert Search("a+")("aaa")
