"""The table of a benchmark, what it says of the targets, and the picture of how costs grow."""

from dataclasses import dataclass
from pathlib import Path

MIB = 2**20


@dataclass
class Row:
    """A line of the table: seconds and bytes, ours and the other's."""

    what: str
    n: int
    against: str = ""
    ours: float | None = None
    other: float | None = None
    target: float | None = None
    floor: float | None = None
    memory: int | None = None
    other_memory: int | None = None
    memory_target: float | None = None
    limit: int | None = None  # bytes that ours may need
    note: str = ""

    def verdicts(self) -> list[tuple[str, bool]]:
        name = f"{self.what}, n = {self.n:,}"
        found = []
        if self.target is not None:
            ratio = self.ours / self.other
            found.append(
                (f"{name}: {ratio:.2f} ≤ {self.target:.2f} of {self.against}", ratio <= self.target)
            )
        if self.memory_target is not None:
            ratio = self.memory / self.other_memory
            found.append(
                (f"{name}: memory {ratio:.3f} ≤ {self.memory_target}", ratio <= self.memory_target)
            )
        if self.limit is not None:
            found.append(
                (
                    f"{name}: {self.memory / 1e6:.0f} MB < {self.limit / 1e6:.0f} MB",
                    self.memory < self.limit,
                )
            )
        return found

    def __str__(self) -> str:
        cells = [f"{self.what:<37}{self.n:>7,}  {self.against:<22}"]
        for value, unit in ((self.ours, 1e-3), (self.other, 1e-3), (self.floor, 1e-3)):
            cells.append(_cell(value, unit))
        cells.append(_cell(_ratio(self.ours, self.other), 1))
        cells += [_cell(self.memory, MIB), _cell(self.other_memory, MIB)]
        cells.append(_cell(_ratio(self.memory, self.other_memory), 1))
        return "".join(cells) + "  " + self.note


HEADER = (
    f"{'what':<37}{'n':>7}  {'against':<22}{'ours ms':>10}{'other ms':>10}{'floor ms':>10}"
    f"{'ratio':>10}{'ours MiB':>10}{'other MiB':>10}{'ratio':>10}"
)


def _cell(value, unit) -> str:
    if value is None:
        return f"{'–':>10}"
    return f"{value / unit:>10.3g}" if value < 1000 * unit else f"{value / unit:>10,.0f}"


def _ratio(a, b):
    return a / b if a is not None and b else None


def plot(rows: list[Row], path: Path) -> None:
    """Draw how the times grow with n."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6), layout="constrained")
    ax = figure.subplots()
    for what in dict.fromkeys(row.what for row in rows):
        of_this = {row.n: row for row in rows if row.what == what and row.ours}
        if len(of_this) > 2:
            (line,) = ax.plot(
                list(of_this), [row.ours for row in of_this.values()], "o-", label=what
            )
            others = {row.n: row.other for row in rows if row.what == what and row.other
                      and row.against in ("plain formula", "imshow", "SDPA")}  # fmt: skip
            ax.plot(
                list(others),
                list(others.values()),
                "x:",
                color=line.get_color(),
                label=f"{what}: plain",
            )
    ax.set(xscale="log", yscale="log", xlabel="n (queries = keys)", ylabel="seconds")
    ax.legend(fontsize="small")
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=120)
