"""``python -m faultlab``: break a project many times and see what is found."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from aegis.dbt.artifacts.read import read_artifacts
from aegis.dbt.graph.lineage import Lineage
from aegis.domain.report import Report
from faultlab.bench import Bench, Fault
from faultlab.generated import Lab, dag, layered
from faultlab.judge import Judged, trial
from faultlab.score import Trial, guesses, judged_table, table
from faultlab.shop import shop
from faultlab.skeleton import skeleton
from faultlab.written import WrittenBench, WrittenFault, faults_of, names

PROJECTS: dict[str, Callable[[], Lab]] = {
    "shop": shop,
    "small": lambda: dag(layered(8, (10, 10, 8))),
    "dag": lambda: dag(layered(32, (60, 60, 60, 40, 30, 20))),
}


def main() -> int:
    chosen = _arguments()
    if chosen.project in ("written", *names()):
        return written(chosen)
    chance = random.Random(chosen.seed)
    lab = dag(skeleton(chosen.manifest, chosen.most)) if chosen.manifest else PROJECTS[chosen.project]()
    with tempfile.TemporaryDirectory(prefix="faultlab-") as folder:
        began = time.monotonic()
        bench = Bench(lab, Path(folder) / "lab", chosen.tests, chosen.seed)
        took = time.monotonic() - began
        print(f"{len(lab.sources)} sources, {len(lab.models)} models, built in {took:.0f} s", flush=True)
        lineage = Lineage.of(read_artifacts(bench.state).manifest)
        trials: list[Trial] = []
        try:
            for number in range(chosen.trials):
                trial, report = _trial(bench, _drawn(bench.faults(), chance), lineage, chosen)
                trials.append(trial)
                if chosen.verbose and trial.detected and not (trial.truth and trial.hit("aegis", 1)):
                    print(f"{number}: {_missed(trial, report)}", flush=True)
        except KeyboardInterrupt:
            print("stopped; what was scored until then:")
        print(table(trials))
    return 0


def written(chosen: argparse.Namespace) -> int:
    """The written projects, two at a time."""
    projects = names() if chosen.project == "written" else [chosen.project]
    with ProcessPoolExecutor(max_workers=2) as workers:
        done = list(workers.map(_of_project, projects, [chosen] * len(projects)))
    print(judged_table([one for trials in done for one in trials]))
    return 0


def _of_project(name: str, chosen: argparse.Namespace) -> list[Judged]:
    """Each fault in turn with another seed each time; in every eleventh trial two at once, in every twentieth none."""
    chance = random.Random(f"{chosen.seed} {name}")
    faults = [one for one in faults_of(name) if chosen.kind in (None, one.kind)]
    trials: list[Judged] = []
    with tempfile.TemporaryDirectory(prefix="faultlab-") as folder:
        bench = WrittenBench(name, Path(folder) / "lab")
        order: list[WrittenFault] = []
        for number in range(chosen.trials if faults else 0):  # a kind that the project has none of
            order = order or chance.sample(faults, len(faults))
            drawn = [] if number % 20 == 19 and not chosen.kind else [order.pop()]
            if number % 11 == 10 and drawn and order and order[-1].node != drawn[0].node:
                drawn.append(order.pop())
            seed = chance.randrange(1, 100)
            one = trial(bench, drawn, with_state=not chosen.no_state, seed=seed, decoys=chosen.decoys)
            trials.append(one)
            if chosen.verbose and one.kinds and one.findings:
                right = "right" if one.origin and one.kind else "WRONG"
                print(f"{name} {one.kinds} {[f.node for f in drawn]} seed {seed}: {right} {one.said}", flush=True)
                if one.harmful:
                    print(f"   HARM: {one.harmful}", flush=True)
    return trials


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faultlab", description=__doc__)
    parser.add_argument("--project", choices=["written", *names(), *sorted(PROJECTS)], default="written")
    parser.add_argument("--manifest", type=Path, help="a manifest.json whose shape is taken instead of a project")
    parser.add_argument("--most", type=int, default=400, help="how many of its nodes")
    parser.add_argument("--tests", choices=["third", "leaves"], default="third")
    parser.add_argument("--trials", type=int, default=120, help="of each project")
    parser.add_argument("--kind", help="faults of this kind alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--decoys", type=int, default=3, help="models changed so that nothing comes of it")
    parser.add_argument("--no-state", action="store_true", help="without the manifest of an earlier good run")
    parser.add_argument("--verbose", action="store_true", help="tell of each miss how it came about")
    return parser.parse_args()


def _trial(bench: Bench, faults: list[Fault], lineage: Lineage, chosen: argparse.Namespace) -> tuple[Trial, Report]:
    began = time.monotonic()
    report = bench.run(faults, chosen.decoys, not chosen.no_state)
    if len(faults) > 1:
        # A fault that no test sees by itself is not asked for.
        faults = [one for one in faults if bench.run([one], 0, not chosen.no_state).findings] or faults
    trial = Trial(
        kinds=tuple(fault.kind for fault in faults),
        truth=tuple(bench.lab.uid(fault.node) for fault in faults),
        findings=len(report.findings),
        queries=report.queries,
        seconds=time.monotonic() - began,
        guesses=guesses(report, lineage),
    )
    return trial, report


def _missed(trial: Trial, report: Report) -> str:
    """What was said instead, and how the first findings were traced."""
    told = [(c.origin, c.kind, c.confidence, len(c.finding_ids)) for c in report.causes[:4]]
    lines = [f"{trial.kinds} {trial.truth} -> {told}"]
    for finding in report.findings[:3]:
        if finding.rca is not None:
            way = [(hop.table, hop.column, hop.rows_failed, hop.asked) for hop in finding.rca.path[::-1]]
            lines.append(f"     {finding.rule_id} {way} {finding.rca.unchecked}")
    return "\n".join(lines)


def _drawn(faults: list[Fault], chance: random.Random) -> list[Fault]:
    """One fault; now and then two, now and then none. Each kind is as likely as another."""
    count = chance.choices([0, 1, 2], [4, 88, 8])[0]
    kinds = chance.sample(sorted({fault.kind for fault in faults}), count)
    return [chance.choice([fault for fault in faults if fault.kind == kind]) for kind in kinds]


if __name__ == "__main__":
    sys.exit(main())
