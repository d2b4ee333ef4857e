"""What `make bench-live` compares: figures of the package, and `interact` with matplotlib."""

from dataclasses import dataclass

CELL = '.d2l-attention .panel[data-name="Q"] canvas'
SLIDER = ".d2l-attention .controls input[type=range]"
POINT = ".d2l-attention .point.K"
INTERACT = ".widget-slider .noUi-handle"
BARE = ".bare canvas"

SETUP = '''
%config InlineBackend.figure_formats = ["svg"]
import matplotlib.pyplot as plt, torch
from ipywidgets import interact
from d2l_attention import *

class Own(Attention):
    def score(self, queries, keys):
        return torch.bmm(queries, keys.mT)

def inputs(*shape, d=8):
    torch.manual_seed(0)
    return [torch.randn(*shape, d) for _ in range(3)]

def heatmaps(weights):  # as the book's show_heatmaps draws them: labels and one colour bar
    batch = weights.reshape(-1, *weights.shape[-2:])
    rows = 2 if len(batch) > 1 else 1
    figure, axes = plt.subplots(rows, len(batch) // rows, squeeze=False)
    for ax, W in zip(axes.flat, batch):
        picture = ax.imshow(W, cmap="Blues")
        ax.set(xlabel="Keys", ylabel="Queries")
    figure.colorbar(picture, ax=axes, shrink=0.6)
    plt.show()

def usual(Q, K, V):  # one number moves, as when a cell is dragged
    def show(x=0.0):
        Q[..., 0, 0] = x
        heatmaps(torch.softmax(Q @ K.mT / Q.shape[-1] ** 0.5, -1))
    interact(show, x=(-5.0, 5.0, 0.01))

def usual_temperature(Q, K, V):
    def show(x=0.0):
        heatmaps(torch.softmax(Q @ K.mT / Q.shape[-1] ** 0.5 / 10**x, -1))
    interact(show, x=(-2.0, 2.0, 0.01))

def bare():  # the least that can follow a hand: one image, drawn in the frame after an event
    from IPython.display import HTML
    return HTML("""<div class="bare"><div class="panel" data-name="weights"><canvas></canvas></div>
    </div><script>{
        const canvas = document.querySelector(".bare canvas");
        const image = new OffscreenCanvas(10, 10);
        const [context, pixels] = [canvas, image].map((each) => each.getContext("2d"));
        let frame = null;
        canvas.addEventListener("pointermove", ({ offsetX }) => {
            frame ??= requestAnimationFrame(() => {
                frame = null;
                pixels.fillStyle = `rgb(${offsetX % 256} 0 0)`;
                pixels.fillRect(0, 0, 10, 10);
                context.drawImage(image, 0, 0, canvas.width, canvas.height);
            });
        });
    }</script>""")
'''


@dataclass
class Case:
    """A figure, what of it is dragged, and what must hold."""

    engine: str
    sizes: str
    code: str
    held: str = CELL
    targets: tuple[str, ...] = ()

    @property
    def ours(self) -> bool:
        return self.held != INTERACT


AT_ONCE = ("frame", "55/s", "8 times", "no blank")
FOLLOWS = ("30/s", "100 ms", "no blank")


def cases() -> list[Case]:
    found = []
    for sizes, inputs in {
        "10×10": "*inputs(10)", "64×64": "*inputs(64)", "2×4 heads": "*inputs(8, 10)"
    }.items():  # fmt: skip
        follows = FOLLOWS if sizes == "64×64" else ("no blank",)
        found += [
            Case("browser", sizes, f"explore(DotProductAttention(), {inputs})", targets=AT_ONCE),
            Case("kernel", sizes, f"explore(Own(), {inputs})", targets=follows),
            Case("interact", sizes, f"usual({inputs})", INTERACT),
        ]
    own = "explore(Own(), *inputs(512))"
    points = "torch.tensor([[0.5, 0.5]]), torch.tensor([[1., 0.], [-1., 1.], [0., -1.]])"
    return [
        Case("bare", "canvas", "bare()", BARE),
        *found,
        Case("kernel", "512×512", own, SLIDER, targets=("no blank",)),
        Case("interact", "512×512", "usual_temperature(*inputs(512))", INTERACT),
        Case("plane", "3 keys", f"explore_plane(DistanceAttention(), {points})", POINT,
             targets=("55/s", "no blank")),
    ]  # fmt: skip
