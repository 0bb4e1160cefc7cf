"""What is to be said of each kind of credit model, in words with places for its parameters.

Distances are total variation of shares from the causal Shapley value in ten simulated worlds (60,000 prospects, 5
channels): 0 is the truth, 1 is all credit elsewhere. They are a prototype's, and say no more than these worlds do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from attribution.models import (
    AdditiveHazard,
    BaggedLogistic,
    CausalHazard,
    CreditModel,
    First,
    Last,
    LastNot,
    LeaveOneOut,
    Linear,
    LinearDistinct,
    Markov,
    MarkovChosen,
    Milestone,
    Participation,
    Position,
    ShaoLi,
    Shapley,
    ShapleyGame,
    ShapleyOrdered,
    ShapleyRate,
    TimeDecay,
)

ADOBE: Final = "Adobe Analytics, documentation: attribution models (as of 2026)."
BLIND: Final = (
    "It never looks at journeys without conversion, so a channel that everybody meets is credited as if it persuaded."
)
FAR: Final = "In simulated worlds its shares lay so far from the causal Shapley value (0: equal, 1: all elsewhere): "
ZHAO: Final = "Zhao, Mahboobi and Bagheri (2018), Shapley value methods for attribution modeling in online advertising"


@dataclass(frozen=True)
class Text:
    """The words of a kind of model; names in braces are filled in."""

    definition: str
    formula: str
    source: str
    assumes: str
    wrong_when: str


TEXTS: Final[dict[type[CreditModel], Text]] = {
    First: Text(
        "The whole conversion goes to the first touch of the journey.",
        "x(first touch) = 1",
        ADOBE,
        "What starts a journey causes what ends it, and the log reaches back to its start.",
        "Touches before the window, or before a person was known, are missing: then the first one seen is not the "
        "first. All that nurtures and closes gets nothing. " + BLIND,
    ),
    Last: Text(
        "The whole conversion goes to the last touch of the journey.",
        "x(last touch) = 1",
        ADOBE[:-1] + "; its incentives: Berman (2018), Beyond the last touch.",
        "What stands next to the conversion causes it.",
        "Buyers pass a channel on their way to buying anyway (brand search, retargeting, affiliates). "
        + BLIND
        + " "
        + FAR
        + ".07 to .39; .28 where ads only follow intent.",
    ),
    LastNot: Text(
        "The whole conversion goes to the last touch that is not {channel!r}; to {channel!r} where there is no other.",
        "x(last touch whose channel is not the one left aside) = 1;\nx(last touch) = 1 where all are of that channel",
        "Google Analytics, documentation: last non-direct click (Universal Analytics, until 2023).",
        "{channel!r} only harvests what others sowed, and the touch before it is the one that did.",
        "{channel!r} does bring buyers of its own, or the touch before it was as much on the way as it. All that is "
        "wrong with the last touch is wrong with the last but one. " + BLIND,
    ),
    Linear: Text(
        "Every touch of a journey of n touches gets the same; a channel that touched twice gets twice.",
        "x(touch) = 1 / n",
        ADOBE,
        "All touches matter alike, and more of them matter more.",
        "Cheap touches that come in numbers (banners, retargeting) collect credit by being counted. "
        + BLIND
        + " "
        + FAR
        + ".09 to .41, nearer "
        "than Markov of order 1 in all ten.",
    ),
    LinearDistinct: Text(
        "Every channel of a journey with k different channels gets the same, however often it touched.",
        "x(channel) = 1 / k",
        ZHAO + ": its simplified Shapley value is this.",
        "All channels of a journey matter alike; repetition adds nothing.",
        "A channel that most journeys pass takes a share of all of them, whether it did anything or not. " + BLIND,
    ),
    Position: Text(
        "Of three touches or more the first gets {first:g}%, the last {last:g}%, and those between share {middle:g}%. "
        "One touch gets all. Of two, {two}.",
        "x(first) = {first:g}%, x(last) = {last:g}%, x(each between) = {middle:g}% / (n - 2);\n"
        "n = 2: x(first) = {two_first:g}%, x(last) = {two_last:g}%;  n = 1: x = 100%",
        ADOBE[:-1] + ": U, J and inverse J shapes.",
        "Beginning and end matter more than the middle, by just these weights, in every journey.",
        "Always, as far as the weights go: they are chosen, not estimated. Who changes them changes the answer. "
        + BLIND,
    ),
    TimeDecay: Text(
        "A touch counts half as much with every {half_life:g} days before the conversion; the weights of a journey are "
        "made to add up to 1. Time is continuous: six hours count as six hours.",
        "x(touch) = w / sum of w over the journey;\n"
        "w = 2^(-t / {half_life:g}), t = days from the touch to the conversion",
        ADOBE,
        "Effects fade at one rate, the same for every channel: half in {half_life:g} days.",
        "Channels have short and long memories, or the half-life is only a default. It needs the times of touches. A "
        "touch that comes late because the buyer was already coming looks strong. " + BLIND,
    ),
    Participation: Text(
        "Every channel of a journey gets the whole conversion: how many conversions a channel was part of.",
        "x(channel) = 1 for each channel that the journey has",
        ADOBE,
        "Nothing: it is a count.",
        "It is read as shares of conversions: its sum is more than there are, so a conversion is paid for several "
        "times. " + BLIND,
    ),
    Milestone: Text(
        "Fixed shares go to places of a journey: {places}. A milestone's share goes to the touch most recent before "
        "it; a touch may hold several places. {rest} What a journey lacks is shared in proportion by what it has; "
        "one that has none of all that credits nobody.",
        "x(touch) = shares of its places / shares of all places that the journey has;\n{formula}",
        "Adobe Marketo Measure and HubSpot, documentation: attribution models by milestones (as of 2026).",
        "Milestones are recorded at their time, and the touch before a milestone brought it about.",
        "The touch before a milestone was merely the latest; milestones are set by a rep's habits; whoever is "
        "contacted most is also last most often. The weights are chosen, not estimated. " + BLIND,
    ),
    Markov: Text(
        "Journeys as a chain whose states are the last {order} {touches}; equal neighbouring states are one, and a "
        "shorter journey is one state. Removing a channel sends every state that holds it to no conversion; "
        "conversions are shared in proportion to what is lost by that. Solved exactly, without drawing.",
        "RE(c) = P(visit c and convert) / P(convert);\nx(c) = conversions * RE(c) / sum of RE{closed}",
        "Anderl, Becker, von Wangenheim and Schumann (2016), Mapping the customer journey, IJRM 33(3): removal effect.",
        "The next step depends on the last {order} {touches} alone, who meets c would not convert by another way, and "
        "removal effects may be scaled to add up to all conversions.",
        "Traffic would find another way, so removal overstates. A channel on most paths has a removal effect near 1 "
        "whatever it does, so shares come out alike. {of_order}" + FAR + ".14 to .49 "
        "at order 1, further than linear in all ten.",
    ),
    MarkovChosen: Text(
        "As a Markov chain of that order, out of {orders}, which foresees journeys best that it was not fitted to: by "
        "{criterion_words}. Prospects are dealt to {folds} folds, each of which is foreseen from the others; of equals "
        "the lowest order is taken. `details` tell the order and the table.",
        "order = the best of {orders}, by {criterion} held out;\nx(c) = conversions * RE(c) / sum of RE, as in markov",
        "Chains: Anderl and others (2016). Choice by held-out parts: Stone (1974), Cross-validatory choice and "
        "assessment of statistical predictions.",
        "What foresees best also credits best. All that a Markov chain of the order assumes.",
        "How journeys go on is not who converts, so the two criteria may choose differently, and neither asks what "
        "would be lost without a channel. With more journeys a higher order may be chosen, and credit changes by that "
        "alone. All that is wrong with removal effects.",
    ),
    Shapley: Text(
        "The Shapley value of the game in which a set of channels is worth the conversions of the journeys inside it. "
        "It is exactly the linear credit over the distinct channels of a journey, and is computed as that.",
        "v(S) = conversions of journeys whose channels lie inside S;\n"
        "x(c) = sum over S without c of |S|! (K - |S| - 1)! / K! (v(S + c) - v(S))\n"
        "     = sum over conversions whose journeys have c of 1 / k;\n"
        "K: channels in all, k: different channels of the journey",
        ZHAO + ": the simplified formula.",
        "Without a channel exactly the conversions of the journeys that had it would be lost.",
        "It is taken for more than a linear rule: the game counts conversions, not rates, so it is large where traffic "
        "is. Prospects who would have bought anyway count in full. " + BLIND,
    ),
    ShapleyOrdered: Text(
        "As the Shapley value of conversions, but a channel at one place of a journey and at another are two players; "
        "a channel's credit is that of its places, which are kept in `details`.",
        "x(c, i) = sum over converting journeys with c at place i of 1 / n;\nx(c) = sum over i of x(c, i)",
        ZHAO + ", section 3.3.",
        "Without a touch exactly the conversions of the journeys that had it there would be lost.",
        "It is taken for a model of order: its sums by channel are those of linear credit. " + BLIND,
    ),
    ShapleyRate: Text(
        "The Shapley value of the game in which a set of channels is worth the conversion rate of the journeys inside "
        "it; conversions are shared in proportion. Exact for up to 20 channels; beyond, {permutations:,} orders are "
        "drawn with seed {seed}, and `standard_error` tells how far off that may be.",
        "v(S) = conversions / journeys, of those whose channels lie inside S (0: none);\n"
        "s(c) = sum over S without c of |S|! (K - |S| - 1)! / K! (v(S + c) - v(S));\n"
        "x(c) = conversions * s(c) / sum of s",
        "Shapley (1953), A value for n-person games; drawn orders: Castro, Gomez and Tejada (2009).",
        "Journeys within different sets of channels are of like people, and a channel's worth is what its absence does "
        "to a rate.",
        "Sets are small, so that rates are noise; channels follow intent; or conversion ends a journey, so that longer "
        "ones are of those who did not buy. Credit may be negative. " + FAR + ".37 to .96, in "
        "the seven where it was measured.",
    ),
    ShapleyGame: Text(
        "The Shapley value of the game that {game} plays: what a set of channels is worth is what it answers for them. "
        "Conversions are shared in proportion. Exact for up to 20 channels; beyond, {permutations:,} orders are drawn "
        "with seed {seed}, and `standard_error` tells how far off that may be.",
        "v(S) = {game}(S{also});\n"
        "s(c) = sum over S without c of |S|! (K - |S| - 1)! / K! (v(S + c) - v(S));\n"
        "x(c) = conversions * s(c) / sum of s",
        "Shapley (1953), A value for n-person games; drawn orders: Castro, Gomez and Tejada (2009).",
        "The worth of a set is what its channels would bring without the others. What the empty set is worth is "
        "nobody's, and the rest is scaled to all conversions.",
        "The game is not that: one from a log knows only journeys that were seen, one from a fitted model is as wrong "
        "as the model. Credit may be negative.",
    ),
    ShaoLi: Text(
        "A channel's conversion rate, plus half of what each pair with another channel of the journey adds to the "
        "rates of both, averaged over the others; summed over those who converted, and scaled to all conversions.",
        "C(i) = P(i) + sum over j != i of (P(i, j) - P(i) - P(j)) / (2 (k - 1));\n"
        "x(c) = conversions * sum of C(c) / sum of C;  P(i): rate of journeys with i,\n"
        "P(i, j): with both; k: different channels of the journey",
        "Shao and Li (2011), Data-driven multi-touch attribution models, KDD, section 3.2.",
        "Rates of journeys with a channel say what the channel does; three channels together do no more than in pairs.",
        "Channels reach those who are about to buy: the rate is theirs. Raw sums are not conversions, and may be "
        "negative. " + FAR + ".06 to .39; where ads only follow intent .29, and last .28.",
    ),
    LeaveOneOut: Text(
        "A touch is worth what the conversion rate of its exact path is above that of the path without it, nothing if "
        "it is below; conversions of a path are shared in proportion, and go to its last touch where none is worth "
        "anything. A path that never occurs has a rate of 0.",
        "w(i) = max(0, r(path) - r(path without touch i));\nx(i) = w(i) / sum of w;  r = conversions / journeys of an "
        "exact path",
        "Google, fractribution (as of 2026), which calls it a Shapley value; it is not one.",
        "Every shorter path occurs often enough that its rate is known, and those who took it are like those who took "
        "the longer one.",
        "Paths are long or rare: the shorter one is missing, counts as 0, and every touch seems indispensable. The "
        "more rare paths, the more it is noise, or last touch (`by_last` tells how much).",
    ),
    BaggedLogistic: Text(
        "Whether a journey converts is regressed on the channels that it has, in {bags} fits to prospects drawn anew "
        "and to {channels:.0%} of the channels each. A conversion is shared by the mean coefficients of its channels, "
        "those below 0 counting as 0.",
        "log-odds of a conversion, over all journeys, = a + sum of b(c) z(c);\n"
        "x(c) = max(0, b(c)) z(c) / sum of max(0, b) z;\nz(c) = 1 for a channel of the journey",
        "Shao and Li (2011), Data-driven multi-touch attribution models, KDD, section 3.1.",
        "Log-odds add up over channels, and journeys with a channel differ from those without only in it.",
        "A conversion ends a journey, so those who wait collect more channels: coefficients fall below 0 although "
        "channels help, and nobody is credited (`unexplained` counts how many). Who is about to buy meets more ads.",
    ),
    AdditiveHazard: Text(
        "Each touch adds to the rate at which its journey converts, by channel, and what it adds fades. A conversion "
        "is shared as the rate at its instant is. Journeys without conversion are watched to the end of the log.",
        "rate(t) = sum over touches of\n  beta(c) omega(c) exp(-omega(c) (t - t_i)), t in days;\n"
        "x(touch) = its term / the sum, at the conversion",
        "Zhang, Wei and Ren (2014), Multi-touch attribution in online advertising with survival theory, ICDM.",
        "Touches add up, fade exponentially, and nobody converts without one; observation ends where `until` says.",
        "People buy without any touch (then all is credited all the same), touches only help together, or harm, or go "
        "to those who would buy. " + FAR + ".013 to .275.",
    ),
    CausalHazard: Text(
        "As a rate to which touches add and which has a baseline of its own. A touch is credited with {what}; the "
        "baseline keeps its part, so credits add up to less than all conversions.",
        "rate(t) = baseline + sum over touches of\n  beta(c) omega(c) exp(-omega(c) (t - t_i)), t in days;\n{credit}",
        "After Shender and others (2023), A time to event framework for multi-touch attribution; values: "
        "Shapley (1953), Owen (1972).",
        "The baseline is the same for everybody and at all times at risk, and touches come to people by chance.",
        "Touches follow intent: what the person would have done anyway is credited to them. A baseline that differs "
        "between people looks like an effect of whatever reaches the keen ones.",
    ),
}


def words_of(model: CreditModel) -> dict[str, object]:
    """What is filled in for a model: its parameters, and words that follow from them."""
    words: dict[str, object] = dict(model.get_params())
    if isinstance(model, Position):
        words |= _words_of_position(model)
    if isinstance(model, Milestone):
        words |= _words_of_milestones(model)
    if isinstance(model, Markov):
        closed = ";\norder 1: RE(c) = N[s,c] h[c] / (N[c,c] h[s]), N = inv(I - Q), h = N r"
        many = "At higher orders most states are rare and removal takes all that hold the channel. "
        words |= {"touches": "touch" if model.order == 1 else "touches"}
        words |= {"closed": closed if model.order == 1 else "", "of_order": many if model.order > 1 else ""}
    if isinstance(model, MarkovChosen):
        said = {"log_likelihood": "the likelihood of their touches and ends", "auc": "telling who converts (AUC)"}
        words |= {"orders": ", ".join(map(str, model.orders)), "criterion_words": said[model.criterion]}
        words |= {"criterion": model.criterion.replace("_", "-")}
    if isinstance(model, ShapleyGame):
        words |= {"game": getattr(model.worth, "__name__", type(model.worth).__name__)}
        words |= {"also": ", journeys" if model.told_journeys else ""}
    if isinstance(model, CausalHazard):
        words |= WORDS_OF_CREDIT[model.credit_by]
    return words


WORDS_OF_CREDIT: Final[dict[str, dict[str, object]]] = {
    "backward": {
        "what": "what the rate falls by when it is taken away, the last one first",
        "credit": "x(touch i) = (rate with touches up to i - rate before i) / rate",
    },
    "shapley": {
        "what": "its Shapley value in the game of what the touches of its journey add to the rate",
        "credit": "x(touch i) = mean over orders of the touches of\n  (rate with i and those before it in the order - "
        "rate without i) / rate",
    },
}


def _words_of_position(model: Position) -> dict[str, object]:
    first, last = round(100 * model.first, 6), round(100 * model.last, 6)
    middle = round(100 - first - last, 6)
    if model.halves:
        one, two = first + middle / 2, last + middle / 2
        said = "each takes half of the middle besides its own"
    else:
        one, two = 100 * first / (first + last), 100 * last / (first + last)
        said = "the shares of both ends are made to add up to 100%"
    return {"first": first, "last": last, "middle": middle, "two": said, "two_first": one, "two_last": two}


def _words_of_milestones(model: Milestone) -> dict[str, object]:
    shares = [(name, round(100 * share, 6)) for name, share in model.shares]
    middle = round(100 - sum(share for _, share in shares), 6)
    upto = f" up to {model.middle_until}" if model.middle_until else ""
    rest = (
        f"The other {middle:g}% are shared by the other touches{upto}." if middle > 0 else "Other touches get nothing."
    )
    places = [f"{name} {share:g}%" for name, share in shares] + [f"others{upto} {middle:g}%"] * (middle > 0)
    named = {"first": "first touch", "close": "last touch before the close"}
    said = ", ".join(f"{named.get(name, name)} {share:g}%" for name, share in shares)
    return {"places": said, "rest": rest, "formula": "shares: " + ", ".join(places)}
