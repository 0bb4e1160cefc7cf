"""How commands answer: bad input in words, exit codes, and what is checked before anything runs.

Exit codes: 0 done, 2 bad input, 130 interrupted, 1 anything unexpected.
"""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import typer

UNEXPECTED: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
PICTURES: Final = (".png", ".svg", ".pdf")
"""How the names of pictures end."""


class RequestError(Exception):
    """A request that cannot be met, in words for the person who made it."""


def answering(command: Callable[..., None]) -> Callable[..., None]:
    """A command that says what is wrong with its input in words, and leaves with the exit code that fits."""

    @functools.wraps(command)
    def answer(*args: Any, **kwargs: Any) -> None:
        from funnelsim.core.problems import ScenarioError

        try:
            command(*args, **kwargs)
        except ScenarioError as error:
            say(str(error))
            raise typer.Exit(BAD_INPUT) from None
        except RequestError as error:
            say(f"funnelsim: {error}")
            raise typer.Exit(BAD_INPUT) from None
        except BrokenPipeError:
            raise
        except OSError as error:
            say(f"funnelsim: {error.filename or 'a file'}: {error.strerror or error}")
            raise typer.Exit(UNEXPECTED) from None
        except KeyboardInterrupt:
            say("interrupted; nothing was written")
            raise typer.Exit(INTERRUPTED) from None

    return answer


def say(text: str) -> None:
    """Lines on standard error."""
    from funnelsim.faces.terminal import messages, plain

    for line in text.splitlines():
        messages().print(plain(line), soft_wrap=True)


def tell(text: str) -> None:
    """A text on standard output, as it is written."""
    from funnelsim.faces.terminal import output, words

    output().print(words(text), soft_wrap=True)


def overrides(settings: list[str] | None) -> dict[str, str]:
    """`key=value` as a mapping; raises where there is no equals sign."""
    out: dict[str, str] = {}
    for setting in settings or []:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise RequestError(f"--set {setting}: found no key=value; write --set teams.sdr.reps=6")
        out[key.strip()] = value.strip()
    return out


def check_target(path: Path | None, suffixes: tuple[str, ...]) -> None:
    """Refuse, before anything runs, a file that could not be written afterwards."""
    if path is None:
        return
    if path.suffix.lower() not in suffixes:
        raise RequestError(f"{path}: the name must end in {' or '.join(suffixes)}")
    if path.is_dir():
        raise RequestError(f"{path} is a folder; give the name of a file")
    if not path.parent.is_dir():
        raise RequestError(f"{path}: there is no folder {path.parent}; make it first")
    if not os.access(path.parent, os.W_OK):
        raise RequestError(f"{path}: nothing may be written in the folder {path.parent.resolve()}; choose another")


def check_view(view: str, scenario: Any) -> None:
    """Refuse, before anything runs, a view that a scenario does not have."""
    from funnelsim.core.problems import nearest
    from funnelsim.scenario.views import views_of

    views = list(views_of(scenario))
    if view not in views:
        said = f"--view {view}: there is no such view; this scenario has {', '.join(views)}"
        near = nearest(view, views)
        raise RequestError(f"{said}. Did you mean {near}?" if near else said)


def check_heat(path: Path | None, scenario: Any) -> None:
    """Refuse, before anything runs, a picture of broken promises where nothing is promised."""
    if path is None:
        return
    from funnelsim.results.heat import has_promises

    if not has_promises(scenario):
        remedy = "write sla: {respond_within: 2 h} into a stage with a team"
        raise RequestError(f"--heat {path}: no stage has an SLA, so no promise can be broken; {remedy}")


def warn_of_loop(scenario: Any, seed: int, engine: Any) -> None:
    """Say so, before anything runs, where customers who refer others make a loop that feeds itself."""
    if all(channel.referrals is None for channel in scenario.channels.values()):
        return
    from funnelsim.results.loop import looked_ahead

    loop = looked_ahead(scenario, seed=seed, engine=engine)
    if loop is None:
        return
    names = " and ".join(loop.channels)
    say(
        f"warning: referrals feed themselves: after {loop.days:.3g} days each of those who came through {names} had "
        f"brought {loop.gain:.2g} more. They multiply until the end: the run may take long and fill the memory; lower "
        f"the rate or the chance of referrals of {names}"
    )
