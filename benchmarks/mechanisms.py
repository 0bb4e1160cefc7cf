"""Nanoseconds an event with each mechanism switched on, alone, in the reference funnel."""

from typing import Any

from benchmarks import reference as ref
from benchmarks.harness import Task, measure
from benchmarks.scaling import nanoseconds
from benchmarks.tables import Table, number, times

DAYS = 365.0 * 20
SDR, AE, NURTURE = "stages.qualify", "stages.sell", "stages.nurture"
DEALS = {"segments": {"all": {"share": "100%", "deal_value": {"lognormal": {"median": 300, "p90": 900}}}}}
MECHANISMS: dict[str, dict[str, Any]] = {
    "none: the plain kernel": {},
    "several channels": {"channels.more": {"arrivals": {"rate": "1 / d"}}},
    "deal values": DEALS,
    "exits by log-odds": {f"{SDR}.exits.sell": {"logit": -0.4, "intent": 1}, "channels.leads.intent": 0.1},
    "lines by score": {"score": {"noise": 1}, "teams.sdr.queue": "score"},
    "round robin": {"teams.sdr.assignment": "round_robin"},
    "full lines": {"teams.sdr.max_queue": 5},
    "working hours": {"teams.sdr.hours": "mon-sun 0-23"},
    "attempts": {f"{SDR}.attempts": {"up_to": 3, "reach": "60%", "gap": "4 h"}},
    "SLA with a tier": {f"{SDR}.sla": {"respond_within": "1 h", "on_breach": [{"after": "2 h", "do": "reprioritise"}]}},
    "response effect": {f"{SDR}.response": {"half_life": "1 d"}},
    "routing": {f"{SDR}.routing": "5 min"},
    "leak": {f"{SDR}.leak": "3%"},
    "approvals of four": {f"{NURTURE}.approvals": {"stakeholders": 4, "agree": "99%"}},
    "meetings": {f"{NURTURE}.meetings": {"every": "6 h"}},
    "mixtures": {
        f"{SDR}.duration": {
            "mixture": [
                {"weight": "50%", "exponential": {"mean": "0.05 d"}},
                {"weight": "50%", "exponential": {"mean": "0.13 d"}},
            ]
        }
    },
    "reps of different speed": {"teams.ae.speed": "101%"},
    "touches, two channels": {
        "channels.mail": {"touches": {"rate": "1 / w", "lift": 0.1, "half_life": "20 d", "points": 1}},
        "channels.ads": {"touches": {"rate": "1 / w", "seen": {"logit": -1, "intent": 1}}},
    },
    "handoff by score": {
        f"{NURTURE}.handoff": {"score": {"at_least": 1.5, "to": "qualify"}},
        "score": {"noise": 1},
    },
    "attrition, successors on a ramp": {
        "teams.ae.attrition": {"after": {"exponential": {"mean": "104 w"}}, "replaced": "6 w"},
        "teams.ae.ramp": {"for": "12 w", "from": "40%"},
    },
    "discounts": {**DEALS, f"{AE}.discount": "10%", f"{AE}.exits.won": {"logit": -1.3, "discount": 2}},
    "exits by value": {**DEALS, f"{AE}.exits.lost": {"value": {"from": 5000}}, f"{AE}.exits.won": {"rest": True}},
    "hidden attributes, discovery": {
        "hidden": {"budget": "60%", "need": "70%"},
        f"{SDR}.discovery": {
            "asks": {"budget": {"has": "90%", "lacks": "80%"}, "need": {"has": "70%", "lacks": "80%"}},
            "each": "5 min",
            "at_least": 1,
            "failed": {"to": "lost", "reason": "unfit"},
        },
    },
    "reviews": {
        "reviews": {
            "pace": {
                "every": "4 w",
                "looks_at": {"entries": "sell"},
                "target": 571,
                "moves": {"rate": "leads"},
                "below": "1%",
                "above": "-1%",
                "between": ["80%", "120%"],
            }
        }
    },
    "open deals at the start": {"pipeline": {"deals": [{"stage": "sell", "age": "1 d", "count": 20}]}},
    "sale before the end": {f"{AE}.sale": "new"},
    "referrals": {"channels.friends": {"referrals": {"rate": "1 / y", "during": ["nurture"]}}},
}


def tables(repeat: int) -> list[Table]:
    """One row a mechanism: time an event, and how much more that is than in the plain kernel."""
    headings = ("mechanism", "ns an event", "by the plain kernel")
    table = Table(f"Each mechanism alone, in the reference funnel over {DAYS:g} days", headings)
    keywords = {"days": DAYS, "replications": 1, "seed": ref.SEED, "warm": {"days": 30}}
    tasks = [
        Task(label, "funnelsim_models.variant", {**keywords, "overrides": overrides})
        for label, overrides in MECHANISMS.items()
    ]
    measured = measure(tasks, repeat)
    plain = nanoseconds(measured[0])
    for label, m in zip(MECHANISMS, measured, strict=True):
        if m.problem:
            table.problem(label, m.problem)
            continue
        table.rows.append((label, number(nanoseconds(m)), times(nanoseconds(m) / plain)))
    table.notes.append(
        "Any mechanism leaves the plain kernel; what a mechanism makes more events of is not in its time."
    )
    return [table]
