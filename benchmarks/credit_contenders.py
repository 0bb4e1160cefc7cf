"""Who offers which credit model, and the form that each starts from."""

from dataclasses import dataclass, field
from typing import Any

from benchmarks import reference as ref
from benchmarks.harness import Task

CHANNELS = 10
QUIET_S = 10.0
"""How long a run that has a target without a peer may wait for a processor that is left alone."""

RAGGED, PATHS, EVENTS = "ragged arrays", "path strings", "events"
OURS, CA, MAM, MTA = "attribution", "ChannelAttribution", "marketing_attribution_models", "mta"
MODELS = ("heuristics", "time decay", "Markov 1", "Markov 2", "Markov 3", "Shapley", "Shao-Li")
WITHOUT_PATHS = ("time decay",)
"""Models that path strings do not suffice for."""
MODULES = {OURS: "attribution_models", CA: "channelattribution_models", MAM: "mam_models", MTA: "mta_models"}
OFFERS = {
    OURS: MODELS,
    CA: ("heuristics", "Markov 1", "Markov 2", "Markov 3"),
    MAM: ("heuristics", "time decay", "Markov 1", "Shapley"),
    MTA: ("heuristics", "time decay", "Markov 1", "Shapley", "Shao-Li"),
}
FORMS = {OURS: (RAGGED, PATHS, EVENTS), CA: (PATHS,), MAM: (PATHS, EVENTS), MTA: (PATHS,)}
OTHER_RULE = (MTA, "time decay")


@dataclass(frozen=True)
class Contender:
    """A package, the form it starts from, its job, and whether it computes the very model that the table names."""

    package: str
    form: str
    job: str
    keywords: dict[str, Any] = field(default_factory=dict)
    same_model: bool = True
    quiet_s: float = 0.0

    @property
    def label(self) -> str:
        """A row's first cell."""
        return f"{self.package}, {self.form}{'' if self.same_model else ' (*)'}"

    def task(self, touches: int) -> Task:
        """Its run over so many touches."""
        keywords = {"touches": touches, "seed": ref.SEED, "warm": {"touches": 1000}} | self.keywords
        return Task(f"{self.label}, {touches:,} touches", self.job, keywords, quiet_s=self.quiet_s)


def contenders(model: str, channels: int = CHANNELS) -> list[Contender]:
    """Everybody who offers a model, from every form that suffices for it."""
    found = []
    for package, module in MODULES.items():
        for form in FORMS[package] if model in OFFERS[package] else ():
            # Trap: mta's time decay is one of ranks, so path strings are enough for it.
            if form == PATHS and model in WITHOUT_PATHS and package != MTA:
                continue
            keywords: dict[str, Any] = {"model": model, "channels": channels}
            if package in (OURS, MAM):
                keywords["form"] = form
            same = (package, model) != OTHER_RULE
            found.append(Contender(package, form, f"{module}.credited", keywords, same))
    return found


def everything(form: str, resamples: int = 0) -> Contender:
    """Every model of ours at once."""
    keywords = {"form": form, "channels": CHANNELS, "resamples": resamples}
    return Contender(OURS, form, "attribution_models.everything", keywords, quiet_s=QUIET_S)
