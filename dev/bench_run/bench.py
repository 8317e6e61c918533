# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How fast the module is, each figure beside its peer or limit; ``dev/bench`` runs it.

What is compared is measured in turn (A, B, A, B): times are medians, and the ratio is the
median of the ratios of neighbours, so that what else the machine does weighs on both.  The
figures are told, not asserted: the
exit status is 1 only when something could not be measured or came out wrong.
"""

import argparse
import dataclasses
import json
import statistics
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass

import bench_server
import services
from bench_stage import HOSTS, Stage

# Seconds between two bytes of an answer that drips
DRIP = 0.5


@dataclass
class Figure:
    """One line of the table.

    ``ratio`` is ``value`` to what it is held against, a number; ``goal`` is such as
    ``<= 1.1`` or ``>= 0.9`` and holds for the ratio, or for the value where there is
    none.  Without a goal it is told for information.
    """

    name: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
    goal: str = ""
    ok: bool | None = None

    def __post_init__(self):
        self.value = round(self.value, 4)
        if self.ratio is not None:
            self.ratio = round(self.ratio, 3)
        if self.goal:
            sign, limit = self.goal.split()
            judged = self.value if self.ratio is None else self.ratio
            self.ok = {
                "<=": judged <= float(limit),
                ">=": judged >= float(limit),
                "=": judged == float(limit),
            }[sign]


def beside_none(name, result, goal):
    """A time with Zoom beside that without any tool, and the queries that Zoom adds."""
    zoom, none = result["zoom"], result["none"]
    against = f"tool none: {none['ms']:.1f} ms"
    yield Figure(name, zoom["ms"], "ms", against, result["ratio"], goal)
    against = f"tool none: {none['queries']:.0f}"
    extra = zoom["queries"] - none["queries"]
    yield Figure(f"{name}: extra SQL queries", extra, "queries", against)


# --- what runs in a process of its own ----------------------------------------------------


def save(stage):
    """Making and moving a booking, Zoom against none."""
    result = stage.inside("save", count=stage.pick(100, 20))
    for kind in ("made", "moved"):
        yield from beside_none(f"booking {kind}", result[kind], "<= 1.15")
    against = "calling Zoom while saving: 1"
    number = result["requests"]
    yield Figure("saving: requests to Zoom", number, "requests", against, goal="= 0")


def slots(stage):
    """Free slots of a month, with the overlap check against without."""
    cases = [
        (f"free slots of a month, {bookings} bookings", bookings, rounds, 0)
        for bookings, rounds in stage.pick(
            ((10, 15), (1000, 15), (10000, 5)), ((10, 5), (1000, 5))
        )
    ]
    name = f"the same, any of {HOSTS} Zoom users hosts"
    cases.append((name, stage.pick(10000, 1000), 9, HOSTS))
    for name, bookings, rounds, listed in cases:
        options = {"bookings": bookings, "rounds": rounds, "listed": listed}
        result = stage.inside("slots", **options)
        if not result["equal"]:
            raise services.Unavailable("the two types offer different slots")
        yield from beside_none(name, result, "<= 1.1")


def rows(stage):
    """Cost per row of a run, with few and many rows waiting."""
    # Few and many in turn: what else the machine does weighs on all of them.
    order = stage.pick((100, 1000, 100, 10000, 1000, 100), (100, 1000, 100))
    results = defaultdict(list)
    for waiting in order:
        result = stage.inside("rows", waiting=waiting)
        if not result["meetings"] == result["done"] == waiting:
            raise services.Unavailable(f"rows and meetings differ: {result}")
        results[waiting].append(result)
    few = min(results)
    for key, unit, goal in (
        ("ms", "ms per row", "<= 1.2"),
        ("cpu_ms", "ms of CPU per row", ""),
        ("queries", "SQL queries per row", ""),
        ("peak_mib", "MiB at the peak", ""),
    ):
        medians = {
            waiting: statistics.median(one[key] for one in several)
            for waiting, several in results.items()
        }
        for waiting, median in sorted(medians.items()):
            compared = waiting != few
            yield Figure(
                f"run, {waiting} waiting",
                median,
                unit,
                f"{few} waiting: {medians[few]:.1f}",
                median / medians[few] if compared else None,
                goal if compared else "",
            )


def reminders(stage):
    """Reminders that are due at once, against the stock calendar's."""
    count = stage.pick(1000, 100)
    result = stage.inside("reminders", count=count, rounds=stage.pick(3, 2))
    zoom, none, mails = result["zoom"], result["none"], result["mails"]
    if not mails["zoom"] == mails["none"] == result["read_mails"] == count:
        raise services.Unavailable(f"not the same number of mails: {result}")
    yield Figure(
        f"{count} reminders due at once, their meetings read",
        zoom["ms"] / 1000,
        "s",
        f"stock calendar: {none['ms'] / 1000:.1f} s",
        result["ratio"],
        "<= 1.05",
    )
    name, queries = "reminders: SQL queries per mail", zoom["queries"] / count
    against = f"stock calendar: {none['queries'] / count:.1f}"
    yield Figure(name, queries, "queries", against)
    name, seconds = "the same, with reading the meetings", result["read_seconds"]
    limit = count / bench_server.PRO_LIMITS["Light"]
    yield Figure(
        name, seconds, "s", f"readings at the limit of the plan: {limit:.1f} s"
    )
    name, readings = "reminders: readings per mail", result["readings"] / count
    yield Figure(name, readings, "requests", "one is needed")


# --- what runs on a server ----------------------------------------------------------------


def history(stage):
    """Runs that find nothing to do, beside bookings that are over."""
    pasts = stage.pick((0, 20_000, 1_000_000), (0, 20_000))
    series = defaultdict(list)
    with stage.copies(pasts) as databases:
        for past, database in databases.items():
            stage.inside_of(database, "fill_history", past=past)
        # In turn: what else the machine does weighs on all of them.
        for _round in range(stage.pick(7, 3)):
            for past, database in databases.items():
                told = stage.inside_of(database, "history", rounds=9)
                for name, one in told.items():
                    series[name, past].append(one)
    for (name, past), several in series.items():
        pairs = zip(several, series[name, 0], strict=True)
        ratio = statistics.median(one["ms"] / none["ms"] for one, none in pairs)
        yield Figure(
            f"{name}, {past} bookings over",
            statistics.median(one["ms"] for one in several),
            f"ms, {several[0]['queries']:.0f} queries",
            "none over",
            ratio if past else None,
            "<= 1.2" if past else "",
        )


def drain(stage):
    """Waiting bookings to Zoom, as a share of what Zoom admits."""
    count = stage.pick(1000, 120)
    for category in bench_server.PRO_LIMITS:
        result = bench_server.drain(
            stage, count, sequential=stage.pick(60, 20), category=category
        )
        limit = bench_server.PRO_LIMITS[category]
        against = f"limit of the plan, {category}: {limit}/s"
        for name, key, goal in (
            (f"drain of {count} bookings on {HOSTS} Zoom users", "rate", ">= 0.95"),
            ("the same, one request after another", "sequential", ""),
        ):
            rate = result[key]
            yield Figure(name, rate, "meetings/s", against, rate / limit, goal)
        name, number = "drain: requests that Zoom refused", result["refused"]
        yield Figure(name, number, "requests", against, goal="= 0")


def ready(stage):
    """From commit of a booking to its link."""
    result = bench_server.ready(stage, stage.pick(40, 8))
    against = f"Zoom's answer alone: {bench_server.LATENCY} s"
    for name, key in (("median", "median"), ("95th percentile", "p95")):
        name = f"commit to ready: {name}"
        yield Figure(name, result[key], "s", against, goal="<= 1")


def hostile(stage):
    """Answers that drip or do not end, and what they do to everything else."""
    count = stage.pick(60, 20)
    times = defaultdict(list)
    for _round in range(stage.pick(3, 1)):
        for pause in (0, DRIP):
            times[pause].append(bench_server.dripping(stage, count, pause))
    alone, beside = (statistics.median(times[pause]) for pause in (0, DRIP))
    against = f"all answers at once: {alone:.2f} s"
    name = f"{count} bookings, beside an answer that drips"
    yield Figure(name, beside, "s", against)
    name = "delay of others by an answer that drips"
    yield Figure(name, beside - alone, "s", goal="<= 2")
    for kind in ("endless", "endless_head", "gzip_bomb"):
        name = f"memory for an answer without end ({kind})"
        size = stage.inside("endless", kind=kind)
        yield Figure(name, size, "MiB", "700 MB or more come", goal="<= 50")


def webhook(stage):
    """Answers to Zoom's events, which Zoom awaits for 3 seconds."""
    result = bench_server.webhook(stage, stage.pick(400, 60))
    against = "Zoom awaits an answer for 3 s"
    for key, goal in (("median", ""), ("longest", "<= 3")):
        name = f"event of Zoom, beside a run: {key}"
        yield Figure(name, result[key], "s", against, goal=goal)


BENCHES = {
    bench.__name__: bench
    for bench in (
        *(drain, save, ready, slots, rows),
        *(reminders, history, hostile, webhook),
    )
}


# --- the table ----------------------------------------------------------------------------


def line(figure):
    number = f"{figure.value:.0f}" if figure.value >= 1000 else f"{figure.value:.3g}"
    told = f"{number} {figure.unit}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    verdict = {True: "ok", False: "MISSED", None: ""}[figure.ok]
    return (
        f"{figure.name:44} {told:>30}  {figure.against:32} {ratio:>6}  "
        f"{figure.goal:8} {verdict}"
    ).rstrip()


def main():
    parser = argparse.ArgumentParser(
        prog="dev/bench",
        description=__doc__.splitlines()[0],
        epilog="\n".join(
            f"{name:10} {bench.__doc__}" for name, bench in BENCHES.items()
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "bench", nargs="*", metavar="BENCH", help=f"of {', '.join(BENCHES)}; all"
    )
    parser.add_argument("--quick", action="store_true", help="small numbers")
    parser.add_argument("--json", action="store_true", help="a list of objects")
    options = parser.parse_args()
    unknown = set(options.bench) - set(BENCHES)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    services.end_on_signals()
    tell = sys.stderr if options.json else sys.stdout
    figures, failed = [], False
    with ExitStack() as stack:
        try:
            stage = stack.enter_context(Stage(quick=options.quick))
        except services.Unavailable as error:
            sys.exit(str(error))
        for name in options.bench or BENCHES:
            start = time.monotonic()
            try:
                for figure in BENCHES[name](stage):
                    figures.append(figure)
                    print(line(figure), file=tell, flush=True)
            except services.Unavailable as error:
                failed = True
                print(f"{name}: {error}", file=sys.stderr)
            print(f"# {name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    if options.json:
        print(json.dumps([dataclasses.asdict(one) for one in figures], indent=2))
    sys.exit(failed)


if __name__ == "__main__":
    main()
