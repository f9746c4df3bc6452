"""Damage that files suffer or are given: from a file's bytes and a random source to other bytes."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from random import Random

Mutation = Callable[[Random, bytes], bytes]

ODD = (
    "", " ", "-1", "0", "1e999", "-1e308", "NaN", "Infinity", "99999999999999999999", "2147483648", "1,234.5",
    "1.234,5", "TRUE", "maybe", "=1+1", "#REF!", "\u202e", "\U0001f5a5" * 40, "x" * 40_000, "\x00", "\ufffe",
    "VM", "vInfo", "2026-13-45", "9999/99/99 99:99:99", "1900/02/29 00:00:00", "0001-01-01", "100 %", "'", '"',
    "line\nbreak", "a,b;c\td", "</v>", "&lt;", "&#0;", "&#x110000;", "]]>", "password: hunter2",
    "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE",
)  # fmt: skip
ODD_REFERENCES = ("A1", "A0", "XFD1", "ZZZ1", "1A", "", "A99999999999", "B2:C3", "É5", "A-1")
ODD_TYPES = ("s", "str", "b", "n", "e", "d", "inlineStr", "", "zz")
ODD_XML = (
    "<", ">", "&", "</row>", "<row>", "</sheetData>", "<sheetData>", "<!--", "<![CDATA[", "<?xml?>", "\x00", "\xff",
    '<c r="A1"/>', "<c><v/></c>", "<is><t>x</t></is>", "<mergeCells/>", "<a:b/>", ' xmlns:x="y"', "<v>1</v>" * 50,
)  # fmt: skip


def flip_bytes(random: Random, content: bytes) -> bytes:
    """Some bytes become others."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 5, 20, 200))):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def cut(random: Random, content: bytes) -> bytes:
    """A piece is missing, at the end or in between."""
    start = random.randrange(len(content))
    end = random.choice((len(content), min(len(content), start + random.choice((1, 7, 100, 2000)))))
    return content[:start] + content[end:]


def double(random: Random, content: bytes) -> bytes:
    """A piece stands twice, or strange bytes stand in between."""
    start = random.randrange(len(content))
    length = random.choice((1, 30, 1000))
    piece = random.choice((content[start : start + length], random.randbytes(length), bytes(length)))
    return content[:start] + piece + content[start:]


def damage_directory(random: Random, content: bytes) -> bytes:
    """A number in the directory of an archive, or in the head of a part, is another."""
    marks = [found.start() for found in re.finditer(rb"PK(?:\x01\x02|\x03\x04|\x05\x06)", content)]
    at = random.choice(marks) + random.randrange(4, 46)
    length = random.choice((1, 2, 4))
    odd = random.choice((b"\0" * length, b"\xff" * length, random.randbytes(length)))
    return content[:at] + odd + content[at + length :]


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def swap_parts(random: Random, content: bytes) -> bytes:
    """Two parts of an archive hold each other's content, or one is renamed, missing, empty or cut."""
    parts = _parts(content)
    one, other = random.choices(list(parts), k=2)
    match random.randrange(5):
        case 0:
            parts[one], parts[other] = parts[other], parts[one]
        case 1:
            parts[random.choice((f"../{one}", one.upper(), f"/{one}", "x" * 300, "\u202e", "a\0b"))] = (
                parts.pop(one)
            )
        case 2:
            del parts[one]
        case 3:
            parts[one] = b""
        case _:
            parts[one] = parts[one][: random.randrange(len(parts[one]) + 1)]
    return _packed(parts)


def _of_a_part(change: Callable[[Random, str], str]) -> Mutation:
    """A mutation of the text of one part of an archive, sheets and strings more often than others."""

    def mutate(random: Random, content: bytes) -> bytes:
        parts = _parts(content)
        likely = [name for name in parts if "sheet" in name.lower() or "workbook" in name or "styles" in name]
        name = random.choice(random.choice((likely or list(parts), list(parts))))
        parts[name] = change(random, parts[name].decode("latin-1")).encode("latin-1", "xmlcharrefreplace")
        return _packed(parts)

    return mutate


def change_xml(random: Random, text: str) -> str:
    """Tags are doubled, missing, in another place or cut; odd ones come in between."""
    for _ in range(random.choice((1, 1, 3, 10))):
        tags = [found.span() for found in re.finditer(r"<[^>]*>", text)]
        if not tags:
            return random.choice(ODD_XML)
        (start, end), (other, _end) = random.choices(tags, k=2)
        match random.randrange(5):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:other] + text[start:end] + text[other:]
            case 2:
                text = text[:start] + random.choice(ODD_XML) + text[start:]
            case 3:
                text = text[: end - 1] + text[end:]
            case _:
                low, high = sorted((start, other))
                text = text[:low] + text[high:]
    return text


def change_attributes(random: Random, text: str) -> str:
    """Attributes of tags have odd values."""
    for _ in range(random.choice((1, 3, 10))):
        found = list(re.finditer(r'([\w:]+)="([^"]*)"', text))
        if not found:
            return text
        attribute = random.choice(found)
        odd = {"r": ODD_REFERENCES, "ref": ODD_REFERENCES, "t": ODD_TYPES}.get(attribute[1], ODD)
        text = text[: attribute.start(2)] + random.choice(odd).replace('"', "") + text[attribute.end(2) :]
    return text


def change_cells(random: Random, text: str) -> str:
    """Cells and shared texts have odd values."""
    for _ in range(random.choice((1, 5, 30))):
        found = list(re.finditer(r"<(v|t|f)(?: [^>]*)?>([^<]*)</", text))
        if not found:
            return text
        cell = random.choice(found)
        text = text[: cell.start(2)] + random.choice(ODD) + text[cell.end(2) :]
    return text


def shuffle_rows(random: Random, text: str) -> str:
    """The rows of a sheet stand in another order; some are doubled or missing."""
    rows = re.findall(r"<row .*?</row>", text, re.DOTALL)
    if not rows:
        return text
    start, end = text.index(rows[0]), text.rindex(rows[-1]) + len(rows[-1])
    chosen = random.choices(rows, k=len(rows)) if random.random() < 0.5 else random.sample(rows, len(rows))
    return text[:start] + "".join(chosen) + text[end:]


def break_quotes(random: Random, content: bytes) -> bytes:
    """Quotes, separators and line ends of a CSV file come and go."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 3, 20, 200))):
        at = random.randrange(len(changed) + 1)
        if random.random() < 0.3 and at < len(changed):
            del changed[at]
        else:
            changed[at:at] = random.choice(
                (b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\xff")
            )
    return bytes(changed)


def change_lines(random: Random, content: bytes) -> bytes:
    """The lines of a CSV file stand in another order; some are doubled, missing, cut or odd."""
    lines = content.split(b"\n")
    for _ in range(random.choice((1, 3, 10))):
        at = random.randrange(len(lines))
        match random.randrange(5):
            case 0:
                lines.insert(at, random.choice(lines))
            case 1:
                lines[at] = lines[at][: len(lines[at]) // 2]
            case 2:
                lines[at] = random.choice(ODD).encode("utf-8", "surrogatepass") + lines[at]
            case 3:
                lines[at] = lines[at].replace(b",", random.choice((b";", b"\t", b",,", b"")))
            case _:
                random.shuffle(lines)
    return b"\n".join(lines)


def change_csv_cells(random: Random, content: bytes) -> bytes:
    """Cells of a CSV file have odd values."""
    lines = content.split(b"\n")
    for _ in range(random.choice((1, 10, 50))):
        at = random.randrange(len(lines))
        cells = lines[at].split(b",")
        cells[random.randrange(len(cells))] = random.choice(ODD).encode("utf-8", "surrogatepass")
        lines[at] = b",".join(cells)
    return b"\n".join(lines)


def recode(random: Random, content: bytes) -> bytes:
    """A CSV file is in another encoding, or has the mark of another one."""
    text = content.decode("utf-8", "replace")
    mark = random.choice((b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"sep=;\n", b"sep=\n", b"\n\n\n"))
    return mark + text.encode(
        random.choice(("utf-8", "utf-16-le", "utf-16-be", "cp1252", "utf-32")), "replace"
    )


def change_records(random: Random, content: bytes) -> bytes:
    """Records of an .xls have another type or length."""
    changed = bytearray(content)
    at, places = 512, []
    while at + 4 <= len(changed):
        places.append(at)
        at += 4 + struct.unpack_from("<H", changed, at + 2)[0]
    for _ in range(random.choice((1, 2, 10))):
        at = random.choice(places) + random.choice((0, 2, 4, 6))
        odd = random.choice((0, 1, 0xFFFF, 0x8000, random.randrange(65536)))
        changed[at : at + 2] = struct.pack("<H", odd)
    return bytes(changed)


ANY: tuple[Mutation, ...] = (flip_bytes, cut, double)
ARCHIVE: tuple[Mutation, ...] = (damage_directory, swap_parts)
XML: tuple[Mutation, ...] = tuple(
    map(_of_a_part, (change_xml, change_attributes, change_cells, shuffle_rows))
)
CSV: tuple[Mutation, ...] = (break_quotes, change_lines, change_csv_cells, recode)
MUTATIONS: dict[str, tuple[Mutation, ...]] = {
    ".xlsx": (*ANY, *ARCHIVE, *XML, *XML),
    ".xls": (*ANY, change_records, change_records),
    ".csv": (*ANY, *CSV, *CSV),
    ".zip": (*ANY, *ARCHIVE),
    ".db": ANY,
}
"""By the kind of file. What is named twice happens twice as often."""


def mutated(content: bytes, suffix: str, seed: int) -> bytes:
    """The file after one to three mutations; the same seed does the same."""
    random = Random(seed)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        try:
            content = random.choice(MUTATIONS[suffix])(random, content) or b"\0"
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, LookupError, RuntimeError, OSError):
            break  # no archive any more: damaged enough
    return content
