"""Takes secrets out of text before it is kept: what looks like a credential, and licence keys.

People write passwords into annotations, snapshot notes and custom attributes. Only the secret itself is replaced, so
that the note stays readable. In doubt a word too many is replaced: nobody needs it, and the file still has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import pairwise

REDACTED = "[redacted]"

_HINTS = (
    "pass", "pw", "p/w", "mdp", "kennwort", "contrase", "senha", "wachtwoord", "secret", "token", "key", "psk", "cred",
    "zugangsdaten", "login", "logon", "account", "root", "admin", "authorization", "bearer", "eyj", "akia", "asia",
    "aiza", "gh", "xox", "glpat", "$", "@", "community",
)  # fmt: skip
"""Text without any of these has no credential: most text ends here."""

_LONG = (
    r"pass(?:word|wd|phrase|wort|code)|pwd|kennwort|mot\s?de\s?passe|contrase(?:ñ|n)a|senha|wachtwoord"
    r"|secret(?:[\s_-]?key)?|(?:api|access|auth|private|shared|account|client|encryption|sharedaccess|ssh|web)[\s_-]?"
    r"(?:key|token|secret)|token|community[\s_-]?string|snmp[\s_-]?community"
)
_SHORT = r"(?<![^\W_])(?:passw\.?|pass|pw|p/w|mdp|psk|mkp)"
_PLAIN = (
    r"(?:passwor[dt]|passwd|pwd|kennwort|mot\s?de\s?passe|contrase(?:ñ|n)a|senha|wachtwoord|(?<![^\W_])p/?w)"
)
_OWNER = r"(?:\s+(?:for|of|on|to|von|für|vom|auf|de|du|del|para|pour)\s+[^\s:=]{1,60}|\s?\([^()]{0,60}\))?"
_VALUE = r"(?:\"[^\"\n]+\"|'[^'\n]+'|(?:(?![,;|]\s{0,3}[\w ]{1,30}[:=])\S)+)"
_USER = r"(?:user(?:[\s_-]?name)?|login|account|benutzer(?:name)?|anmeldung|utilisateur|usuario|id)"

_NAME_AND = r"[^\s/|,:]{1,100}\s{0,3}[/|,:]\s{0,3}"
_AND = r"\s{0,3}(?:/|&|\+|,|-|and|und|et|y)\s{0,3}"
_USER_AND = re.compile(rf"{_USER}{_AND}$", re.IGNORECASE)

_HARMLESS = frozenset(
    {
        "a", "abgelaufen", "according", "alt", "and", "are", "as", "asked", "at", "ausgelaufen", "auth",
        "authentication", "bei", "bekannt", "blank", "by", "change", "changed", "changes", "changing", "d",
        "date", "default", "des", "die", "disabled", "does", "du", "e", "empty", "en", "enabled", "encrypted",
        "es", "expired", "expires", "expiry", "false", "field", "for", "forgotten", "found", "from", "gesetzt",
        "has", "have", "hidden", "im", "in", "is", "ist", "it", "keepass", "kein", "keine", "keiner", "keines",
        "known", "last", "leer", "lost", "managed", "manager", "missing", "must", "n/a", "na", "neu", "never",
        "new", "nicht", "no", "none", "not", "null", "old", "on", "only", "optional", "or", "per", "policy",
        "prompt", "protected", "removed", "required", "reset", "rotated", "rotation", "saved", "see", "server",
        "service", "set", "should", "siehe", "stored", "tbc", "tbd", "the", "to", "todo", "true", "unbekannt",
        "unchanged", "unknown", "unset", "unverändert", "updated", "used", "user", "valid", "vault", "via",
        "voir", "véase", "was", "when", "which", "will", "with", "yes", "your", "zurückgesetzt",
    }
)  # fmt: skip
"""What follows "password:" where none is told."""

_EDGES = "\"'.,;)]}>"


def _is_harmless(value: str) -> bool:
    word = value.strip(_EDGES + "([{<").lower()
    return word in _HARMLESS or value.startswith(REDACTED) or not any(map(str.isalnum, word))


def _looks_secret(value: str) -> bool:
    """Whether a word without a colon in front is no plain word, number or date."""
    word = value.strip(_EDGES + "!?")
    if len(value.strip(_EDGES)) < 4 or _is_harmless(value) or re.fullmatch(r"[-0-9./:]+", word):
        return False
    mixed = any(map(str.isdigit, word)) and any(map(str.isalpha, word))
    return mixed or any(sign in "!@#$%^&*+=~" for sign in word)


def _told(value: str) -> bool:
    return not _is_harmless(value)


def _told_at_length(value: str) -> bool:
    return len(value.strip(_EDGES)) >= 20 or (len(value) >= 12 and _looks_secret(value))


def _looks_random(value: str) -> bool:
    """Whether it mixes digits with letters of both cases, as keys do and names seldom."""
    return all(any(map(has, value)) for has in (str.isdigit, str.islower, str.isupper))


def _always(_value: str) -> bool:
    return True


_IS = r"\s{1,3}(?:is|was|ist|lautet|war|est|es|now)\s{1,3}(?:now\s)?:?\s?"
_PATTERNS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    # A private key, with or without its end.
    (r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?P<secret>(?s:.*?)(?=-----END|\Z))", _always),
    # The password in an address: of the user before the @.
    (r"://[^\s:/@]{1,100}:(?!\d{1,5}/)(?P<secret>\S{1,300})@(?=[\w.\[-])", _always),
    # Both words, then both values.
    (
        (
            rf"{_USER}{_AND}(?:{_LONG}|{_SHORT})s?\s{{0,3}}[:=]\s{{0,3}}[^\s/|,:]{{1,100}}"
            r"(?:\s{0,3}[/|,:]\s{0,3}|\s{1,3})(?P<secret>\S+)"
        ),
        _always,
    ),
    # A user and a password behind a word like "credentials".
    (rf"\b(?:credentials?|creds?|zugangsdaten)\s{{0,3}}[:=]\s{{0,3}}{_NAME_AND}(?P<secret>[^\s/]\S*)", _told),
    (rf"\b(?:logins?|logon|accounts?)\s{{0,3}}[:=]\s{{0,3}}{_NAME_AND}(?P<secret>[^\s/]\S*)", _looks_secret),
    (
        (
            r"\b(?:credentials?|creds?|logins?|logon|zugangsdaten)\s{0,3}[:=]?\s{1,3}\S{1,100}\s{1,3}"
            r"(?P<secret>\S+)"
        ),
        _looks_secret,
    ),
    # An administrator and a password.
    (
        (
            r"(?<![\w/])(?:root|admin|administrator)(?:@[\w.-]{1,60})?\s{0,3}[/:]\s{0,3}"
            r"(?P<secret>[^\s/]{4,})(?![\w/])"
        ),
        _looks_secret,
    ),
    # Headers of requests.
    (r"\bbearer\s{1,3}(?P<secret>[\w.~+/=-]{8,})", _told_at_length),
    (r"\bauthorization\s{0,3}[:=]\s{0,3}basic\s{1,3}(?P<secret>\S+)", _always),
    # A passphrase has several words.
    (r"passphrase\s{0,3}[\"']?\s{0,3}[:=]\s{0,3}(?P<secret>[^\n,;]+)", _told),
    # A word for it, perhaps whose it is, a sign, and the secret.
    (
        rf"(?:{_LONG}|{_SHORT}){_OWNER}[\"'*_]{{0,2}}\s{{0,5}}(?::=|=>|->|[:=])\s{{0,5}}(?P<secret>{_VALUE})",
        _told,
    ),
    # An element of XML, or what looks like one.
    (rf"(?:{_PLAIN}|passphrase|secret|token)\s{{0,3}}>\s{{0,3}}(?P<secret>[^\s<>]+)", _told),
    # A dash instead of a colon.
    (rf"{_PLAIN}{_OWNER}\s{{1,3}}[-\u2013]\s{{1,3}}(?P<secret>{_VALUE})", _looks_secret),
    # A long random word behind "secret".
    (r"(?:secret(?:[\s_-]access)?(?:[\s_-]key)?|token)\s{1,3}(?P<secret>[\w+/=.-]{20,})", _looks_random),
    # A sentence; before its end only what looks like a secret.
    (rf"(?:{_PLAIN}|passphrase){_OWNER}{_IS}(?P<secret>{_VALUE})(?=[.,;!?]?(?:\s*$|\s*\n))", _told),
    (rf"(?:{_PLAIN}|passphrase){_OWNER}{_IS}(?P<secret>{_VALUE})", _looks_secret),
    (rf"{_PLAIN}\s{{1,3}}(?P<secret>{_VALUE})", _looks_secret),
    # What is known by its shape: JSON web tokens, keys of cloud providers, hashes of passwords.
    (r"\b(?P<secret>eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?)", _always),
    (r"\b(?P<secret>(?-i:(?:AKIA|ASIA)[0-9A-Z]{16}))\b", _always),
    (r"\b(?P<secret>(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-)[\w-]{10,}|(?-i:AIza[\w-]{35}))", _always),
    (r"(?P<secret>\$(?:1|2[abxy]?|5|6|y|argon2id?)\$[^\s$]{1,60}\$[^\s]{8,})", _always),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), is_secret) for pattern, is_secret in _PATTERNS)

_LICENCE_KEY = re.compile(
    r"(?<![0-9A-Za-z-])(?=[A-Za-z-]{0,28}[0-9])((?:[0-9A-Za-z]{5}-){4})([0-9A-Za-z]{5})(?![0-9A-Za-z-])"
)
_OTHER_KEY = re.compile(r"(?<![\w-])(?=[A-Za-z-]{0,60}[0-9])[0-9A-Za-z][0-9A-Za-z-]{14,}(?![\w-])")

_SECRET_NAMES = frozenset(
    {
        "apikey", "contrasena", "contraseña", "credential", "credentials", "creds", "kennwort", "mdp",
        "passcode", "passphrase", "passwd", "password", "passwort", "psk", "pw", "pwd", "secret", "senha",
        "token", "wachtwoord",
    }
)  # fmt: skip
_SECRET_PAIRS = frozenset(
    f"{first} {second}"
    for first in (
        "api",
        "access",
        "private",
        "secret",
        "auth",
        "shared",
        "ssh",
        "encryption",
        "account",
        "client",
    )
    for second in ("key", "token", "secret")
)
_ABOUT = frozenset(
    {
        "age", "change", "changed", "changes", "class", "complexity", "count", "created", "date", "due",
        "enabled", "expiration", "expire", "expired", "expires", "expiry", "hint", "id", "last", "length",
        "level", "location", "manager", "max", "min", "never", "owner", "policy", "protected", "required",
        "reset", "ring", "rotated", "rotation", "safe", "set", "status", "type", "until", "updated", "url",
        "valid", "vault",
    }
)  # fmt: skip
"""Words of a header that says something about a secret, and not the secret."""
_WORDS = re.compile(r"[A-ZÀ-Þ]?[a-zß-ÿ]+|[A-ZÀ-Þ]+(?![a-zß-ÿ])")


def redact(text: str) -> str:
    """The text without what looks like a credential, and with licence keys masked; the same text if it has neither.

    Example:
        >>> redact("root password: VMware1! (Bob)")
        'root password: [redacted] (Bob)'
        >>> redact("password reset by helpdesk on Monday")
        'password reset by helpdesk on Monday'
    """
    lower = text.lower()
    if any(hint in lower for hint in _HINTS):
        for pattern, is_secret in _COMPILED:
            text = pattern.sub(partial(_without, is_secret), text)
    return mask_keys(text)


def _without(is_secret: Callable[[str], bool], match: re.Match[str]) -> str:
    secret, whole = match["secret"], match[0]
    if not is_secret(secret) or _names_user_first(match):
        return whole
    start, end = match.start("secret") - match.start(), match.end("secret") - match.start()
    kept = len(secret) - len(secret.rstrip(",;)."))
    return f"{whole[:start]}{REDACTED}{whole[end - kept :]}"


def _names_user_first(match: re.Match[str]) -> bool:
    """Whether it is the name in "user/password: name / secret", whose secret is replaced already."""
    before, after = match.string[: match.start()], match.string[match.start("secret") + 1 :][:240]
    return REDACTED in after and _USER_AND.search(before, max(0, len(before) - 40)) is not None


def mask_keys(text: str) -> str:
    """Licence keys of five groups show their last group alone.

    Example:
        >>> mask_keys("Licence AB12C-D3E4F-5G6H7-I8J9K-LMN0P.")
        'Licence *****-*****-*****-*****-LMN0P.'
    """
    return _LICENCE_KEY.sub(r"*****-*****-*****-*****-\2", text) if text.count("-") >= 4 else text


def mask_licence(text: str) -> str:
    """What stands in a column of licence keys; keys of other shapes keep their last five characters, too."""
    masked = mask_keys(text)
    return _OTHER_KEY.sub(lambda match: re.sub(r"[0-9A-Za-z]", "*", match[0][:-5]) + match[0][-5:], masked)


@lru_cache(maxsize=4096)
def names_secret(header: str) -> bool:
    """Whether a column of this name holds secrets.

    Example:
        >>> names_secret("RootPassword"), names_secret("db_pw"), names_secret("Password expires")
        (True, True, False)
    """
    words = [word.lower() for word in _WORDS.findall(header)]
    pairs = {" ".join(pair) for pair in pairwise(words)}
    return bool(
        _SECRET_NAMES & set(words) or _SECRET_PAIRS & pairs or "mot de passe" in " ".join(words)
    ) and (not _ABOUT & set(words))


def redact_cells(headers: Sequence[str], texts: Sequence[str | None]) -> list[str | None]:
    """The cells of a row without secrets: also those under, or right of, the name of one.

    Args:
        headers: of the columns, blank where there is none.
        texts: one per header.
    """
    clean: list[str | None] = []
    is_next = False
    for header, text in zip(headers, texts, strict=True):
        if text is None:
            clean.append(None)
        elif is_next or names_secret(header):
            clean.append(REDACTED)
            is_next = False
        else:
            clean.append(redact(text))
            is_next = len(text) <= 40 and names_secret(text)
    return clean
