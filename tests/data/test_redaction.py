"""Secrets do not get past the reader: which text is taken for one, and where it must not be found."""

import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.workbook.process import opened
from data.workbook.redaction import REDACTED, mask_keys, mask_licence, names_secret, redact, redact_cells
from tests.data.readings import nothing, read, remarks, write_csvs
from tests.data.workbooks import Rows, table, vm

SECRETS = [
    ("<password>Summer2024!</password>", "Summer2024!"),
    ("PWD>Summer2024!", "Summer2024!"),
    ("Passw.: Summer2024!", "Summer2024!"),
    ("p/w Summer2024!", "Summer2024!"),
    ("Password - Summer2024! (Bob)", "Summer2024!"),
    ("aws_secret_access_key wJalrXUtnFEMI7MDENGbPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI7MDENGbPxRfiCYEXAMPLEKEY"),
    ("snmp-community: floor3", "floor3"),
    ("root password: VMware1! (Bob)", "VMware1!"),
    ("pw: hunter2", "hunter2"),
    ("PW=hunter2", "hunter2"),
    ("pwd hunter2", "hunter2"),
    ("Passwd : hunter", "hunter"),
    ("the password is swordfish.", "swordfish"),
    ("password is Summer2024! for now", "Summer2024!"),
    ("Password -> Foo", "Foo"),
    ("password:'two words'", "two words"),
    ("password\nhunter2", "hunter2"),
    ("password for root: toor", "toor"),
    ("password (root) = toor", "toor"),
    ("Passphrase: correct horse battery staple", "correct horse battery staple"),
    ("DB_PASSWORD=foo;user=x", "foo"),
    ("Server=db;User Id=sa;Password=a,b!c;Database=x", "a,b!c"),
    ("jdbc:sqlserver://db;user=sa;pwd=geheim1", "geheim1"),
    ('{"user": "bob", "password": "s e c"}', "s e c"),
    ("PGPASSWORD=zzz", "zzz"),
    ("adminPassword: q1w2", "q1w2"),
    ("secret: abcdef", "abcdef"),
    ("client_secret=0a1b2c", "0a1b2c"),
    ("api key: 1234abcd", "1234abcd"),
    ("apikey=1234abcd", "1234abcd"),
    ("API-Token: 1234abcd", "1234abcd"),
    ("access key = 1234abcd", "1234abcd"),
    ("private key: 1234abcd", "1234abcd"),
    ("AccountKey=abc123==;Endpoint=x", "abc123=="),
    ("SNMP community string: publik", "publik"),
    ("Passwort: geheim", "geheim"),
    ("Passwort lautet Test", "Test"),
    ("Passwort für admin: x1", "x1"),
    ("Kennwort = Sommer2024", "Sommer2024"),
    ("mot de passe : s3cr3t", "s3cr3t"),
    ("Mot de passe: été", "été"),
    ("mdp: azerty", "azerty"),
    ("contraseña: abc123", "abc123"),
    ("contrasena=abc", "abc"),
    ("senha: abc", "abc"),
    ("wachtwoord: abc", "abc"),
    ("user/pass: admin / Summer!", "Summer!"),
    ("User / Password: admin/Summer", "Summer"),
    ("username and password: bob, hunter", "hunter"),
    ("login/pw: bob:hunter", "hunter"),
    ("creds: root/VMware", "VMware"),
    ("login root VMware1!", "VMware1!"),
    ("root / VMware1!", "VMware1!"),
    ("administrator@vsphere.local / VMware1!", "VMware1!"),
    ("https://bob:hunter@host.example.com/x", "hunter"),
    ("postgresql://app:p@ss/w0rd@db:5432/x", "p@ss/w0rd"),
    ("Authorization: Bearer abcdefghijklmnop1234567", "abcdefghijklmnop1234567"),
    ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("see eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.abc-d", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.abc-d"),
    ("key AKIAIOSFODNN7EXAMPLE here", "AKIAIOSFODNN7EXAMPLE"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
    ("hash $6$saltsalt$abcdefghijklmnop", "$6$saltsalt$abcdefghijklmnop"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAAA=\n-----END RSA PRIVATE KEY-----", "\nMIIEow\nAAA=\n"),
    ("-----BEGIN PRIVATE KEY----- MIIEow", " MIIEow"),
]

HARMLESS = [
    "Password - changed by helpdesk on Monday",
    "<password></password>",
    "secret server-of-the-second-floor",
    "token 501ab24b-f9a2-91c3-d815-20e5a65f9c6b",
    "passw. changed",
    "password reset by helpdesk on Monday", "no password", "ask Bob for the password", "Password: see vault",
    "password: none", "Password: n/a", "password: ****", "password expires: never", "Password policy: strict",
    "Password changed 2024-05-01", "password in KeePass", "password protected", "password has been reset",
    "password was changed in May", "password required for the console", "user and password are in the vault",
    "Passwort siehe KeePass", "Kennwort: unbekannt", "mot de passe: voir coffre", "contraseña: no",
    "token ring", "compass: north", "bypass: on", "Passed: 15", "Passau: office", "Secretary: Ann",
    "passthrough device 1:2", "Key: value", "public key: on file", "keyboard: us", "turnkey solution: yes",
    "login: see wiki", "login: bob / admin group", "user: bob", "root/boot disk", "account: 4711",
    "Backup: daily, owner: bob@example.com", "http://host:8080/a@b", "https://host/path", "bearer of bad news",
    "12345678-1234-1234-1234-123456789012", "50 0b 5e 4a-8b 2c", "hello-world-seven-eight-eleve", "", "web 1",
    "Key user: Ann, 2024-01-01", "vCenter 8.0 U3, build 24022515", "[ds1] secret/secret.vmx",
]  # fmt: skip


@pytest.mark.parametrize(("text", "secret"), SECRETS, ids=[text[:40] for text, _secret in SECRETS])
def test_only_the_secret_is_taken_out_of_a_text(text: str, secret: str) -> None:
    assert text.count(secret) == 1
    quoted = text.replace(f'"{secret}"', secret).replace(f"'{secret}'", secret)
    assert redact(text) == quoted.replace(secret, REDACTED)


@pytest.mark.parametrize("text", HARMLESS)
def test_text_that_only_speaks_of_secrets_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


@given(st.text(max_size=200))
def test_redacting_twice_changes_no_more_than_once_and_never_fails(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(
    st.text(string.ascii_letters + string.digits, min_size=8, max_size=20),
    st.sampled_from(["pw: ", "Kennwort=", "token: "]),
)
def test_whatever_stands_behind_the_word_and_a_colon_is_taken_out(secret: str, word: str) -> None:
    assert redact(f"see here, {word}{secret}x1.") == f"see here, {word}{REDACTED}."


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("AB12C-D3E4F-5G6H7-I8J9K-LMN0P", "*****-*****-*****-*****-LMN0P"),
        ("key ab12c-d3e4f-5g6h7-i8j9k-lmn0p.", "key *****-*****-*****-*****-lmn0p."),
        ("AB12C-D3E4F-5G6H7-I8J9K", "AB12C-D3E4F-5G6H7-I8J9K"),
        ("1AB12C-D3E4F-5G6H7-I8J9K-LMN0P", "1AB12C-D3E4F-5G6H7-I8J9K-LMN0P"),
    ],
)
def test_a_licence_key_shows_its_last_five_characters(text: str, masked: str) -> None:
    assert mask_keys(text) == redact(text) == masked


def test_in_a_column_of_licences_keys_of_other_shapes_are_masked_and_words_are_not() -> None:
    assert mask_licence("1234-5678-90AB-CDEF-GH12") == "****-****-****-****-GH12"
    assert mask_licence("Evaluation Mode") == "Evaluation Mode"
    assert mask_licence("00000-00000-00000-00000-00000") == "*****-*****-*****-*****-00000"


@pytest.mark.parametrize(
    "header",
    [
        "RootPassword", "root_password", "DB PW", "admin-pwd", "ApiKey", "API Token", "Password (root)", "SSHKey",
        "Mot de passe", "Kennwort Admin", "Contraseña", "PASSWORD", "pw", "Client Secret", "rootPassword1",
    ],
)  # fmt: skip
def test_a_column_of_secrets_is_known_by_its_name(header: str) -> None:
    assert names_secret(header)


@pytest.mark.parametrize(
    "header",
    [
        "Password expires", "PasswordPolicy", "Token Ring", "Secret Level", "PCIPassthru", "Compass", "Owner", "Key",
        "Last password change", "Keyboard", "Passed", "Secretary", "",
    ],
)  # fmt: skip
def test_a_column_about_secrets_or_something_else_is_no_column_of_secrets(header: str) -> None:
    assert not names_secret(header)


def test_a_cell_right_of_the_word_is_taken_for_the_secret() -> None:
    texts = ["root password", None, "VMware", "note"]
    assert redact_cells(["a", "b", "c", "d"], texts) == ["root password", None, REDACTED, "note"]


HOSTILE = (
    "a", "pw", "password ", "://a:", "user/", "-", "password=:", "(password(", "eyJ", "$1$a", "user and ",
    "-----BEGIN ", "api ", "a-", "creds: a", "AAAAA-", "root:", "password is ", "token -> ", "'",
)  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.timeout(5)
def test_text_made_to_keep_a_search_busy_is_done_at_once(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    redact(text)
    mask_licence(text)


PLANTED = "Zx9plantedZx9"
KEY = "AB12C-D3E4F-5G6H7-I8J9K-LMN0P"


def planted() -> dict[str, Rows]:
    """Tabs with a secret wherever one can be."""
    secret = f"root password: {PLANTED}"
    machines: list[dict[str, Any]] = [
        vm("a", 1, Annotation=secret, RootPassword=PLANTED, Owner=f"pw={PLANTED}"),
        vm("b", 2, Annotation=f"two lines\n{secret}", Memory=f"password: {PLANTED}", Licence=KEY),
        vm("VM", 3, CPUs=secret, Template=f"pw: {PLANTED}"),
        vm("n" * 300, 4),
    ]
    rows = table(*machines)
    return {
        "vInfo": [*rows, ["", "", "", f"pw: {PLANTED}"], [], [f"Exported by Bob, {secret}"]],
        "vSnapshot": table(
            {
                "VM": "a", "VM ID": "vm-1", "Name": secret, "Description": f"before patch; {secret}",
                "Date / time": f"token: {PLANTED}",
            }
        ),
        "vHost": table({"Host": "esx1", "Datacenter": "DC1", "Assigned License(s)": KEY, "admin_pwd": PLANTED}),
        "vLicense": table({"Name": "vSphere", "Key": KEY, "Labels": KEY, "Total": f"key {KEY}"}),
        "vHealth": table({"Name": "a", "Message": secret, "Message type": "Storage"}),
        "Notes": [["What", "Value"], ["root password", PLANTED], ["note", secret], ["key", KEY]],
        f"{PLANTED[:4]} unknown": [["Password", "x"], [PLANTED, 1], ["wide", 2]],
    }  # fmt: skip


@pytest.mark.parametrize("form", ["workbook", "CSV files"])
def test_no_planted_secret_is_in_any_byte_that_the_reader_leaves(
    tmp_path: Path, form: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    spool = tmp_path / "job"
    tabs = planted()
    if form == "workbook":
        with read(tmp_path, tabs, directory=spool) as reading:
            said, rejected = remarks(reading), list(reading.rejections())
    else:
        with opened(write_csvs(tmp_path / "x.zip", tabs), nothing, directory=spool) as reading:
            said, rejected = remarks(reading), list(reading.rejections())
    files = [path for path in spool.rglob("*") if path.is_file()]
    assert len(files) >= 9
    for path in files:
        assert PLANTED.encode() not in path.read_bytes(), path
        assert KEY[:23].encode() not in path.read_bytes(), path
    assert len(rejected) == reading.content.rejected >= 8
    assert PLANTED not in str(said) + str(rejected) + caplog.text + "".join(capfd.readouterr())
    assert (
        "vInfo, column “Annotation”: 2 cells look like credentials or licence keys and were redacted; "
        "the first is in row 2."
    ) in said
    one = "1 cell looks like a credential or a licence key and was redacted, in row 2."
    assert f"vSnapshot, column “Description”: {one}" in said
    assert not [
        remark for remark in said if remark.startswith(("vLicense, column “Key”", "vHost, column “Assigned"))
    ]
