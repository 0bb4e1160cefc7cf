"""Journeys: what an analyst sees of a trace, and what only the simulator knows."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import attribution
import funnelsim as fs
from attribution.journeys import COLUMNS, SCHEMA, TRUTH, JourneysError, as_observed, read

from .cases import FULL

TEXT = """
name: journeys
start: 2026-01-05
horizon: 90 d
tick: 1 h
segments:
  small: {share: 70%, deal_value: 100}
  large: {share: 30%, deal_value: 900, intent: 0.5}
channels:
  web:
    arrivals: {rate: 30 / d}
    intent: {normal: {mean: 0, sd: 1}}
    cost: {per_lead: 4, per_visit: 0.5, visits_per_lead: 2}
  mail:
    touches: {drip: [1 d, 3 d], seen: 50%, click: 40%, lift: 0.5, repeat: 50%, half_life: 5 d, observed: 80%}
    cost: {per_touch: 0.25, per_click: 2}
  ads: {touches: {rate: 1 / d, seen: 30%, lift: {small: 0.1, large: 0.2}, hand_raise: 5%}}
stages:
  visit: {duration: 10 d, handoff: {hand_raise: {to: call}}, exits: {call: 20%, lost: {rest: true}}}
  call: {milestone: lead, team: sdr, duration: 2 h, exits: {demo: 60%, lost: {rest: true}}}
  demo:
    milestone: opportunity
    team: sdr
    duration: 3 h
    exits: {won: {logit: -0.5, intent: 1}, call: 10%, lost: {rest: true}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 9}}
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame, fs.Scenario]:
    """Journeys, trace and dataset of two replications."""
    folder = tmp_path_factory.mktemp("journeys")
    scenario = fs.loads(TEXT)
    ds = fs.simulate(
        scenario, replications=2, seed=3, trace=folder / "t.parquet", journeys=folder / "j.parquet", first=5
    )
    journeys = read(folder / "j.parquet", truth=True).to_pandas()
    return journeys, pq.read_table(folder / "t.parquet").to_pandas(), ds


def test_every_touch_call_and_end_of_a_trace_is_in_the_journeys(files) -> None:
    journeys, trace, ds = files
    count = journeys.groupby(["replication", "kind"], observed=True).size()
    for at, replication in enumerate((5, 6)):
        rows = trace[trace["replication"] == replication]
        for kind, event in (("arrival", "arrived"), ("touch", "touched"), ("sales", "started")):
            assert count[replication, kind] == (rows["event"] == event).sum() > 100
        assert count[replication, "conversion"] == int(ds["wins"][at])
        own = journeys[journeys["replication"] == replication]
        assert own["value"].sum() == pytest.approx(float(ds["revenue"][at]))


def test_costs_of_rows_are_those_of_the_ledger(files) -> None:
    journeys, _, ds = files
    media = ds["media_cost"].sum(["bucket"])
    for channel in ("web", "mail", "ads"):
        found = journeys[journeys["channel"] == channel].groupby("replication")["cost"].sum()
        np.testing.assert_allclose(found, media.sel(channel=channel))


def test_milestones_come_once_and_make_one_known(files) -> None:
    journeys, _, _ = files
    one = journeys[journeys["replication"] == 5]
    milestones = one[one["kind"] == "milestone"]
    assert not milestones.duplicated(["prospect", "milestone"]).any()
    lead = milestones[milestones["milestone"] == "lead"].set_index("prospect")["time"]
    since = one["prospect"].map(lead)
    assert (one["known"] == (one["time"] >= since)).all()
    again = one[(one["kind"] == "sales") & (one["stage"] == "call")]
    assert again.duplicated("prospect").any(), "nobody came back: the test says nothing of first times"


def test_what_a_touch_added_is_told_as_it_was(files) -> None:
    """By hand, for the mails of those whom no ad touched before the second: 0.5, then a quarter, and fading between."""
    journeys, _, _ = files
    touches = journeys[(journeys["kind"] == "touch") & (journeys["replication"] == 5)]
    seen = touches[touches["outcome"] != "sent"]
    assert (touches.loc[touches["outcome"] == "sent", "lift"] == 0).all()
    mails = seen[seen["channel"] == "mail"]
    nth = mails.groupby("prospect").cumcount()
    np.testing.assert_allclose(mails["lift"][nth == 0], 0.5)
    np.testing.assert_allclose(mails["lift"][nth == 1], 0.25)
    ads = seen[seen["channel"] == "ads"]
    assert set(np.round(ads["lift"], 9)) == {0.1, 0.2}
    # Those with two mails and nothing else: two days lie between, of a half-life of five.
    only = seen.groupby("prospect")["channel"].agg(lambda each: tuple(each) == ("mail", "mail"))
    pairs = mails[mails["prospect"].isin(only[only].index)]
    first, second = (pairs[pairs.groupby("prospect").cumcount() == n].set_index("prospect")["intent"] for n in (0, 1))
    assert len(first) > 30
    np.testing.assert_allclose(second - first, 0.25 + 0.5 * (2 ** (-2 / 5) - 1))


def test_an_analyst_sees_only_what_the_log_knows(files, tmp_path: Path) -> None:
    journeys, _, _ = files
    pq.write_table(pa.Table.from_pandas(journeys, schema=SCHEMA, preserve_index=False), tmp_path / "j.parquet")
    table = read(tmp_path / "j.parquet")
    assert set(TRUTH) == {"intent", "lift"}
    assert not set(TRUTH) & set(table.column_names)
    seen, stitched = as_observed(table, stitched=False).to_pandas(), as_observed(table).to_pandas()
    for frame in (seen, stitched):
        touches = frame[frame["kind"].isin(["arrival", "touch"])]
        assert touches["observed"].all()
        assert not (touches["outcome"] == "sent").any()
        assert (frame["kind"] == "conversion").sum() == (journeys["kind"] == "conversion").sum()
    mails = journeys[(journeys["channel"] == "mail") & (journeys["outcome"] != "sent")]
    kept = (stitched["channel"] == "mail").sum() / len(mails)
    assert abs(kept - 0.8) < 4 * np.sqrt(0.16 / len(mails))
    assert len(seen) < len(stitched)


def test_a_table_that_is_not_one_of_journeys_is_refused(tmp_path: Path) -> None:
    fields = [field for field in SCHEMA if field.name not in ("kind", "cost")]
    fields = [pa.field("time", pa.string()) if field.name == "time" else field for field in fields]
    pq.write_table(pa.schema(fields).empty_table(), tmp_path / "odd.parquet")
    with pytest.raises(JourneysError) as caught:
        read(tmp_path / "odd.parquet")
    said = str(caught.value)
    assert all(part in said for part in ("column time is string", "column kind is missing", "column cost is missing"))


def test_both_engines_tell_the_same_journeys(tmp_path: Path) -> None:
    scenario = fs.loads(TEXT, {"horizon": "20 d"})
    for engine in ("kernel", "simpy"):
        fs.simulate(scenario, replications=1, seed=3, engine=engine, journeys=tmp_path / f"{engine}.parquet")
    assert read(tmp_path / "kernel.parquet", truth=True).equals(read(tmp_path / "simpy.parquet", truth=True))


def test_every_column_says_what_it_holds() -> None:
    assert all(column.says for column in COLUMNS)


def test_attribution_knows_nothing_of_the_simulator() -> None:
    files = list(Path(next(iter(attribution.__path__))).rglob("*.py"))
    assert files
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "funnelsim" for name in names), file


DIFFERENT = """
name: prospects who differ in channel, segment and the talks they had
start: 2026-01-05
horizon: 60 d
tick: 1 h
segments: {small: {share: 50%}, large: {share: 50%, intent: 0.5}}
channels:
  web: {arrivals: {batches: {every: 1 d, size: 20}}, intent: 0.1}
  fair: {arrivals: {batches: {every: 2 d, size: 20}}, intent: 0.7}
  mail: {touches: {drip: [1 h], during: [missed, talked, shown], observed: 90%}}
stages:
  call:
    team: sdr
    duration: 1 h
    attempts: {up_to: 2, reach: 50%, gap: 1 h, unreached: {to: missed}}
    exits: {talked: 100%}
  missed: {duration: 1 d, exits: {lost: 100%}}
  talked: {duration: 1 d, exits: {demo: 100%}}
  demo: {team: ae, duration: 1 h, exits: {shown: 100%}}
  shown: {duration: 1 d, exits: {lost: 100%}}
  lost: {terminal: lost}
teams: {sdr: {reps: 500, trust: 0.4}, ae: {reps: 500, trust: -0.3}}
"""


def test_intent_is_that_of_channel_and_segment_and_of_the_talks_so_far(tmp_path: Path) -> None:
    """By hand: what it brought, 0.4 more for one who was reached by phone, 0.3 less for one who saw the demo."""
    fs.simulate(fs.loads(DIFFERENT), replications=1, seed=5, journeys=tmp_path / "j.parquet")
    journeys = read(tmp_path / "j.parquet", truth=True).to_pandas()
    arrivals = journeys[journeys["kind"] == "arrival"].set_index("prospect")
    channel, segment = (arrivals[key].astype(str) for key in ("channel", "segment"))
    brought = channel.map({"web": 0.1, "fair": 0.7}) + segment.map({"small": 0.0, "large": 0.5})
    assert len(set(zip(channel, segment, strict=True))) == 4
    np.testing.assert_allclose(arrivals["intent"], brought)
    mails = journeys[journeys["kind"] == "touch"]
    talks = mails["stage"].astype(str).map({"missed": 0.0, "talked": 0.4, "shown": 0.1})
    assert (mails["stage"].value_counts()[["missed", "talked", "shown"]] > 100).all()
    np.testing.assert_allclose(mails["intent"], brought[mails["prospect"]].to_numpy() + talks.to_numpy())


def test_intent_is_told_as_the_readable_engine_had_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The whole format at once: two teams that change minds, attempts in vain, escalation, pulling back, referrals."""
    from funnelsim.engines.outreach import Outreach
    from funnelsim.rules.contacts import NOT_SENT, REFERRED

    had: list[tuple[int, float]] = []
    reach = Outreach._reach

    def watched(self: Outreach, person, touch: int) -> int:
        outcome = reach(self, person, touch)
        if outcome not in (NOT_SENT, REFERRED):
            had.append((person.who, self.intent(person)))
        return outcome

    monkeypatch.setattr(Outreach, "_reach", watched)
    scenario = fs.load(FULL, {"horizon": "16 w", "teams.sdr.trust": 0.4})
    fs.simulate(scenario, replications=1, seed=2, engine="simpy", journeys=tmp_path / "j.parquet")
    told = read(tmp_path / "j.parquet", truth=True).to_pandas()
    talked = told[told["kind"] == "sales"]["prospect"]
    told = told[told["kind"] == "touch"]
    assert told["prospect"].isin(talked).sum() > 100
    # By size: two touches at one tick may stand in another order in the table.
    ours = told.sort_values(["prospect", "intent"])["intent"]
    np.testing.assert_allclose(ours, [intent for _, intent in sorted(had)], atol=1e-12)
