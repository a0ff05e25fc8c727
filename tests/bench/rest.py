"""What `steward run` weighs when nothing happens, and how long it takes to be ready."""

from statistics import median

from tests.bench.children import environment_of
from tests.bench.crowds import as_json
from tests.bench.figures import MEGABYTES, SECONDS, Figure, at_most, at_most_times
from tests.bench.lab import Lab
from tests.bench.real import idle_process, modules_of, steward_run
from tests.bench.sampling import ROUNDS

READY = 2.0
WEIGHT = 1.3


async def measure(lab: Lab) -> list[Figure]:
    """Return the figures."""
    figures: list[Figure] = []
    for databases in lab.engines:
        workspace = as_json(await lab.workspace(f"T1REST{databases.engine.upper()}"))
        kept = environment_of(workspace, await databases.fresh(), mail=False)
        modules = await modules_of(kept, folder=lab.folder)
        first, again, idle_start, weight, idle_weight = [], [], [], [], []
        for _ in range(ROUNDS):
            new = environment_of(workspace, await databases.empty(), mail=False)
            async with steward_run(new, log=lab.log) as real:
                first.append(real.seconds)
            async with steward_run(kept, log=lab.log) as real:
                again.append(real.seconds)
                weight.append(await real.settled())
            async with idle_process(modules) as idle:
                idle_start.append(idle.seconds)
                idle_weight.append(idle.megabytes())
        imports = "a process with the same imports"
        for name, taken in (("new", first), ("existing", again)):
            figures.append(
                Figure(
                    name=f"steward run: ready, {name} database, {databases.engine}",
                    value=median(taken),
                    unit=SECONDS,
                    reference=imports,
                    reference_value=median(idle_start),
                    goal=at_most(READY),
                )
            )
        figures.append(
            Figure(
                name=f"steward run: memory at rest, {databases.engine}",
                value=median(weight),
                unit=MEGABYTES,
                reference=imports,
                reference_value=median(idle_weight),
                goal=at_most_times(WEIGHT),
            )
        )
    return figures
