"""The report stands on its own: nothing is asked from outside, names stay text, every picture has its table."""

import base64
import json
import re
import xml.dom.minidom as dom
from importlib.resources import files
from pathlib import Path

import pytest
import xarray as xr
from pages import EVIL, Page, page, results, world
from typer.testing import CliRunner

import funnelsim as fs
from funnelsim.faces.cli import app
from funnelsim.results.assumptions import assumptions, changes
from funnelsim.results.bottleneck import bottleneck
from funnelsim.studies.best import best_sentence
from funnelsim.studies.compare import compare
from funnelsim.studies.diagnosis import sentence as diagnosis_sentence
from funnelsim.studies.forecast_sentences import forecast_sentence
from funnelsim.studies.sentences import headline
from funnelsim.studies.tornado import sentence as tornado_sentence

CSS = files("funnelsim.faces.report").joinpath("page.css").read_text("utf-8")


def test_the_page_is_whole_and_says_the_headline_and_the_bottleneck():
    read, (run, compared) = Page(page()), results()
    assert page().startswith("<!DOCTYPE html>")
    for tag in ("h1", "title", "main", "footer"):
        assert len(read.all(tag)) == 1
    text = read.text("style")
    assert headline(compared) in text
    assert bottleneck(run).sentence in text
    assert "a study" in text
    for title in ("Health card", "Assumptions and their sources", "What policies are worth"):
        assert title in text


def test_nothing_is_asked_from_outside():
    read = Page(page())
    for tag, attrs, _ in read.found:
        assert tag not in ("script", "iframe", "object", "embed", "form", "a", "base")
        for name, value in attrs.items():
            assert not name.startswith("on")
            if name in ("src", "href", "srcset", "action", "data", "poster"):
                assert value.startswith("data:"), (tag, name, value[:40])
    (policy,) = [each["content"] for each in read.all("meta") if each.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"url\(|@import", CSS)


def test_pictures_are_sound_svg_that_asks_for_nothing():
    for each in Page(page()).all("img"):
        kind, data = each["src"].split(",", 1)
        assert kind == "data:image/svg+xml;base64"
        picture = dom.parseString(base64.b64decode(data))
        assert not picture.getElementsByTagName("script")
        assert not picture.getElementsByTagName("text")
        for used in picture.getElementsByTagName("use"):
            assert used.getAttribute("xlink:href").startswith("#")


def test_every_picture_has_words_and_a_table_of_its_own():
    read = Page(page())
    figures = [at for at, (tag, _, _) in enumerate(read.found) if tag == "figure"]
    assert len(figures) == 9
    for at, end in zip(figures, [*figures[1:], len(read.found)], strict=True):
        inside = [(tag, attrs) for tag, attrs, path in read.found[at + 1 : end] if "figure" in path]
        (picture,) = [attrs for tag, attrs in inside if tag == "img"]
        assert len(picture["alt"]) > 20
        tags = [tag for tag, _ in inside]
        assert tags.count("details") == tags.count("table") == tags.count("figcaption") == 1
        assert tags.count("td") >= 2


def test_tables_have_heads_and_as_many_cells_in_each_row():
    text = page()
    tables = re.findall(r"<table>.*?</table>", text, re.S)
    assert len(tables) > 12
    for each in tables:
        head, body = each.split("</thead>")
        columns = head.count("<th ")
        for row in re.findall(r"<tr>.*?</tr>", body, re.S):
            assert row.count("<th ") + row.count("<td") == columns
        assert "<caption>" in head


def test_better_and_worse_are_said_in_words_as_well():
    cells = re.findall(r'<td class="(?:number )?(better|worse)">([^<]*)<', page())
    assert {tone for tone, _ in cells} == {"better", "worse"}
    for tone, text in cells:
        assert tone in text or "pay" in text


def test_the_same_results_make_the_same_page():
    assert fs.report(results()) == page()


@pytest.fixture(scope="module")
def evil():
    scenario = world(EVIL.format(), EVIL.format())
    name = EVIL.format().replace('\\"', '"').encode().decode("unicode_escape") + "x" * 300
    run = fs.simulate(scenario, replications=2, seed=1)
    compared = compare(scenario, {name: {"teams.sdr.reps": 3}}, seed=1, replications=2)
    run = run.assign_coords(rep=[name, "<b>"])
    return name, fs.report([run, compared])


def test_names_stay_text(evil):
    name, text = evil
    read = Page(text)
    assert not read.all("script")
    assert [each for each in read.all("img") if not each["src"].startswith("data:image/svg+xml;base64,")] == []
    for _, attrs, _ in read.found:
        assert not any(key.startswith("on") for key in attrs)
    words = read.text("style")
    assert "<script>alert(1)</script> ]]>" in words
    assert "{{ 7 * 7 }}" in words
    assert "49" not in re.findall(r"javascript:alert\(1\) (\S+)", words)
    assert "x" * 300 in words
    assert len(read.all("style")) == len(read.all("title")) == 1
    assert "<script" in name


def test_marks_that_turn_the_direction_of_words_are_gone(evil):
    name, text = evil
    turning = "‮⁦‭⁧"
    assert any(mark in name for mark in turning)
    assert not any(mark in text for mark in turning)
    # Letters that are written from right to left are letters.
    assert "ال" in text


def test_an_unescaped_template_would_be_found(evil):
    """Negative control: the same words put into a page as they are."""
    name, _ = evil
    assert Page(f"<p>{name}</p>".replace("</title></style>", "")).all("script")


def colours():
    """The colours of the sheet by name."""
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", CSS))


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(ink, paper):
    """The ratio of WCAG."""
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    *((ink, paper) for ink in ("ink", "quiet", "accent") for paper in ("paper", "band")),
    ("better", "better-paper"), ("worse", "worse-paper"), ("doubt", "doubt-paper"),
]  # fmt: skip


@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_words_stand_out_from_their_paper(ink, paper):
    found = colours()
    assert contrast(found[ink], found[paper]) >= 4.5
    assert luminance(found[ink]) < luminance(found[paper])


def test_every_colour_of_the_sheet_is_one_of_those_and_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    # The lightest grey that may stand on white.
    assert contrast("#767676", "#ffffff") > 4.5 > contrast("#777777", "#ffffff")
    rules = CSS.split("}", 1)[1]
    assert not re.findall(r"#[0-9a-f]{3,6}\b", rules)
    used = set(re.findall(r"[^-]color: var\(--([a-z-]+)\)", rules)) | set(
        re.findall(r"background: var\(--([a-z-]+)\)", rules)
    )
    assert used <= {each for pair in PAIRS for each in pair}


def test_words_in_pictures_stand_out_as_well():
    from funnelsim.plots.sheet import FAINT, INK

    assert contrast(INK, "#ffffff") > 4.5
    assert contrast(FAINT, "#ffffff") > 4.5


def test_the_page_knows_paper_and_phones():
    assert "@media print" in CSS
    assert "@page" in CSS
    assert "@media (max-width" in CSS
    (view,) = [each["content"] for each in Page(page()).all("meta") if each.get("name") == "viewport"]
    assert "width=device-width" in view
    assert re.search(r"\.box \{[^}]*overflow-x: auto", CSS)
    assert re.search(r"\nimg \{[^}]*max-width: 100%", CSS)


def test_one_dataset_alone_has_a_page():
    run, compared = results()
    assert "Health card" in fs.report(run)
    assert headline(compared) in Page(fs.report([compared])).text()


@pytest.mark.parametrize("name", ["mginf", "retargeting_trap", "mm1"])
def test_funnels_without_teams_money_or_losses_have_a_page(name):
    shorter = {"mm1": {"horizon": "200 d"}, "mginf": {"horizon": "120 d"}}
    ds = fs.simulate(fs.load(name, shorter.get(name, {})), replications=2, seed=1)
    read = Page(fs.report(ds))
    assert len(read.all("img")) >= 3


def test_what_has_no_section_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        fs.report([])
    with pytest.raises(ValueError, match="a report is of"):
        fs.report(xr.Dataset())


def study(kind, columns, coords, **attrs):
    run = results()[0]
    kept = {name: run.attrs[name] for name in ("name", "scenario", "scenario_file", "seed", "replications")}
    return xr.Dataset(columns, coords, {**kept, "kind": kind, "title": kind, **attrs})


def test_every_study_has_its_section_and_its_sentence():
    """The first kind makes the headline, the others stand below it."""
    plan = fs.load("revenue_plan", {"horizon": "9 mo"})
    short = {"seed": 1, "replications": 2}
    fan = fs.forecast(plan, draws=4, target="2M", by="2026-02-28", horizon="3 mo", **short)
    swings = fs.tornado(plan, **short)
    cells = fs.sweep(plan, {"teams.ae.reps": [2, 3]}, **short)
    worth = fs.diagnose(plan, **short)
    read = Page(fs.report([worth, cells, swings, fan]))
    assert len(read.all("img")) >= 4
    text = read.text("style")
    said = [forecast_sentence(fan), best_sentence(cells), tornado_sentence(swings), diagnosis_sentence(worth)]
    places = [text.index(each) for each in said]
    assert places == sorted(places)
    assert "left after cost (USD / mo)" in text
    assert "one more rep" in text


def test_assumptions_are_those_of_the_file_with_their_sources(tmp_path):
    file = tmp_path / "w.yaml"
    from pages import WORLD

    file.write_text(WORLD.format(name="w", source="a study", reps=2))
    ds = fs.simulate(fs.load(file, {"teams.sdr.salary": "5000 / mo"}), replications=1, seed=1)
    found = {each.path: each for each in assumptions(ds)}
    sourced = found["stages.read.exits"]
    assert (sourced.source, sourced.year, sourced.confidence) == ("a study", 2024, "H")
    assert sourced.value == "{talk: 30%, lost: {rest: true}}"
    assert found["stages.read.duration"].value == "1 d"
    assert found["stages.read.duration"].source == ""
    assert found["teams.sdr.reps"].value == "2"
    assert not [path for path in found if path.startswith(("policies", "sources", "name"))]
    (change,) = changes(ds)
    assert change.path == "teams.sdr.salary"
    assert float(change.after) == pytest.approx(1.25 * float(change.before))


def test_the_command_writes_the_page_and_says_the_headline(tmp_path):
    run, compared = results()
    paths = [tmp_path / "r.nc", tmp_path / "c.nc"]
    for ds, path in zip((run, compared), paths, strict=True):
        fs.save_result(ds, path)
    out = tmp_path / "p.html"
    done = CliRunner().invoke(app, ["report", *map(str, paths), "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert headline(compared) in done.stdout
    assert Page(out.read_text("utf-8")).text("style") == Page(page()).text("style")
    told = CliRunner().invoke(app, ["report", *map(str, paths), "-o", str(out), "--json"])
    assert json.loads(told.stdout)["headline"] == headline(compared)


def made(tmp_path: Path, what: str) -> str:
    """A file that is no result."""
    path = tmp_path / "x.nc"
    if what == "text":
        path.write_text("no netcdf")
    elif what == "foreign":
        xr.Dataset({"a": 1.0}).to_netcdf(path)
    elif what == "kind":
        fs.save_result(study("horoscope", {"a": ((), 1.0)}, {}), path)
    return str(path)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("none", "no such file"),
        ("text", "no netCDF-4 file"),
        ("foreign", "no result of funnelsim"),
        ("kind", "horoscope"),
    ],
)
def test_files_that_are_no_results_are_refused_in_words(what, says, tmp_path):
    done = CliRunner().invoke(app, ["report", made(tmp_path, what), "-o", str(tmp_path / "p.html")])
    assert done.exit_code == 2
    assert says in " ".join(done.stderr.split())
    assert not (tmp_path / "p.html").exists()


def test_a_page_has_the_name_of_a_page(tmp_path):
    done = CliRunner().invoke(app, ["report", made(tmp_path, "text"), "-o", str(tmp_path / "p.txt")])
    assert done.exit_code == 2
    assert ".html" in done.stderr
