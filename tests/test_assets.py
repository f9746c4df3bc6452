"""The vendored files, the tokens and what they are mapped onto."""

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import flask
import pytest
from dash import Dash, dcc, html
from dash.testing.composite import DashComposite
from plotly.offline import get_plotlyjs_version

ROOT = Path(__file__).parents[1]
ASSETS = ROOT / "assets"
PINS = json.loads((ROOT / "scripts/assets/package.json").read_text())["dependencies"]
SHEET = "".join(sheet.read_text() for sheet in sorted(ASSETS.glob("1?-*.css")))
POLICY = (
    "default-src 'none'; connect-src 'self'; img-src 'self' data:; font-src 'self'; "
    "style-src 'self' 'unsafe-inline'; script-src 'self'"
)


def vendored() -> list[str]:
    """Paths below assets/ of the files that come from npm."""
    patterns = ("0*", "fonts/*", "lazy/plotly-*")
    return sorted(
        path.relative_to(ASSETS).as_posix() for pattern in patterns for path in ASSETS.glob(pattern)
    )


def installed_text(package: str, pattern: str) -> str:
    """What a package brings to the browser."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return "".join(path.read_text() for path in sorted(Path(spec.origin).parent.glob(pattern)))


def tokens(theme: str) -> dict[str, str]:
    """The colours of a theme by name, without the prefix."""
    selector = re.escape(":root" if theme == "light" else '[data-bs-theme="dark"]')
    block = re.search(rf"^\s*{selector} {{(.*?)}}", SHEET, re.MULTILINE | re.DOTALL)
    assert block is not None
    return dict(re.findall(r"--app-([\w-]+): (#[0-9a-f]{6});", block[1]))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 defines it, 1 to 21."""

    def luminance(colour: str) -> float:
        shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_pairs() -> Iterator[tuple[str, str]]:
    """Each colour of words with each ground it stands on."""
    signals = ("accent", "accent-strong", "power-on", "power-off", "power-suspended", "danger")
    for ground in ("canvas", "surface", "raised"):
        yield from ((ink, ground) for ink in ("text", "muted", *signals))
    for ground in ("accent-soft", "danger-soft", "warning-soft", "success-soft"):
        yield from ((ink, ground) for ink in ("text", "accent"))
    yield from (("accent-text", ground) for ground in ("accent", "accent-strong"))
    yield from (("surface", ground) for ground in ("danger", "power-on", "power-off", "power-suspended"))


@pytest.mark.parametrize("name", vendored())
def test_every_vendored_file_is_named_with_its_licence(name: str) -> None:
    rows = [line for line in (ASSETS / "LICENCES.md").read_text().splitlines() if f"`{name}`" in line]
    assert len(rows) == 1
    text = re.search(r"\((licences/[^)]+)\)", rows[0])
    assert text is not None
    assert len((ASSETS / text[1]).read_text()) > 500


def test_every_licence_text_is_listed() -> None:
    listed = (ASSETS / "LICENCES.md").read_text()
    texts = list((ASSETS / "licences").iterdir())
    assert texts
    assert [text.name for text in texts if f"(licences/{text.name})" not in listed] == []


@pytest.mark.parametrize(
    ("package", "stem"), [("bootstrap-icons", "bootstrap-icons"), ("@fontsource-variable/inter", "inter")]
)
def test_a_font_carries_the_pinned_version_in_its_name(package: str, stem: str) -> None:
    names = [path.stem for path in (ASSETS / "fonts").glob(f"{stem}-*")]
    assert names
    assert all(name.endswith(f"-{PINS[package]}") for name in names)


def test_the_chart_bundle_is_the_version_that_python_draws_for() -> None:
    assert PINS["plotly.js"] == get_plotlyjs_version()
    (bundle,) = ASSETS.glob("lazy/plotly-*.min.js")
    assert bundle.name == f"plotly-{get_plotlyjs_version()}.min.js"
    assert f"lazy/{bundle.name}?" in (ASSETS / "03-plotly-url.js").read_text()


@pytest.mark.parametrize("sheet", sorted(ASSETS.glob("*.css")), ids=lambda path: path.name)
def test_a_style_sheet_loads_nothing_but_files_that_are_here(sheet: Path) -> None:
    text = sheet.read_text()
    assert "sourceMappingURL" not in text
    assert "@import" not in text
    urls = [url.strip("\"'") for url in re.findall(r"url\((\"[^\"]*\"|'[^']*'|[^)]*)\)", text)]
    assert [url for url in urls if not url.startswith("data:") and not (ASSETS / url).is_file()] == []


def test_no_script_of_the_assets_names_a_source_map() -> None:
    scripts = list(ASSETS.rglob("*.js"))
    assert scripts
    assert [path.name for path in scripts if "sourceMappingURL" in path.read_text()] == []


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((ROOT / "scripts/assets/package-lock.json").read_text())["packages"]
    assert packages
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_both_themes_have_the_same_tokens() -> None:
    assert tokens("dark")
    assert tokens("light").keys() == tokens("dark").keys()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), list(text_pairs()))
def test_words_are_readable_on_their_ground(theme: str, ink: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["canvas", "surface", "raised"])
def test_the_border_of_a_control_is_visible(theme: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours["control"], colours[ground]) >= 3


def test_every_token_in_use_is_defined() -> None:
    defined = set(re.findall(r"(--app-[\w-]+):", SHEET))
    assert set(re.findall(r"var\((--app-[\w-]+)", SHEET)) - defined == set()


def test_every_colour_of_dashs_components_follows_the_tokens() -> None:
    brought = set(
        re.findall(
            r"(--Dash-(?:Fill|Shading|Stroke|Text)-[\w-]+):",
            installed_text("dash.dcc", "dash_core_components*.js"),
        )
    )
    assert brought
    assert brought - set(re.findall(r"(--Dash-[\w-]+): var\(", SHEET)) == set()


def test_every_parameter_set_for_the_grid_is_one_of_the_grids() -> None:
    grid = installed_text("dash_ag_grid", "dash_ag_grid.min.js")
    ours = re.findall(r"--ag-([\w-]+):", SHEET)
    assert ours
    parameters = {name: re.sub(r"-(\w)", lambda letter: letter[1].upper(), name) for name in ours}
    assert [name for name, parameter in parameters.items() if not re.search(rf"\b{parameter}\b", grid)] == []


@pytest.fixture
def charts_page(dash_duo: DashComposite) -> DashComposite:
    """A page with a bar and a pie chart in token colours, under the product's script policy."""
    server = flask.Flask(__name__)
    app = Dash(__name__, server=server, assets_folder=str(ASSETS), assets_path_ignore=["lazy"])
    app.index_string = app.index_string.replace(
        "{%css%}", '<script src="/assets/lazy/theme-boot.js"></script>{%css%}'
    )
    accent = {"color": "var(--app-accent)"}
    traces = [
        {"type": "bar", "x": [3], "marker": accent},
        {"type": "pie", "values": [1], "marker": {"colors": [accent["color"]]}},
    ]
    app.layout = html.Main([dcc.Graph(figure={"data": [trace]}) for trace in traces])
    policy: dict[str, str] = {}
    server.after_request(lambda response: response.headers.update(policy) or response)
    server.test_client().get("/")
    policy["Content-Security-Policy"] = f"{POLICY} {' '.join(app.csp_hashes())}"
    dash_duo.start_server(app)
    return dash_duo


def fills(page: DashComposite) -> list[str]:
    """The colours in which the bar and the slice are drawn."""
    marks = (page.wait_for_element(mark) for mark in (".bars .point path", ".slice path"))
    return [mark.value_of_css_property("fill") for mark in marks]


@pytest.mark.browser
def test_charts_follow_the_theme_under_a_strict_script_policy(charts_page: DashComposite) -> None:
    run = charts_page.driver.execute_script
    for theme in ("light", "dark", "light"):
        assert run("return inventoryTheme.apply(arguments[0])", theme) == theme
        assert run("return document.documentElement.dataset.agThemeMode") == theme
        accent = [int(tokens(theme)["accent"][start : start + 2], 16) for start in (1, 3, 5)]
        colour = f"rgb({', '.join(map(str, accent))})"
        charts_page.wait_for_element(f'.slice path[style*="{colour}"]')
        assert fills(charts_page) == [colour, colour]
    assert charts_page.get_logs() == []


@pytest.mark.browser
def test_the_remembered_theme_is_in_force_before_there_is_a_body(charts_page: DashComposite) -> None:
    run = charts_page.driver.execute_script
    watch = """new MutationObserver((_, observer) => {
        if (!document.body) return;
        window.firstTheme = document.documentElement.dataset.bsTheme;
        observer.disconnect();
    }).observe(document, {childList: true, subtree: true})"""
    charts_page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": watch})
    for theme in ("dark", "light"):
        run("localStorage.setItem('person', JSON.stringify({theme: arguments[0]}))", theme)
        charts_page.driver.refresh()
        assert run("return window.firstTheme") == theme
