"""What ours is measured against: the formulas as one writes them down, and the usual heatmap."""

import torch
from torch import Tensor, nn


def masked_softmax(X: Tensor, valid_lens: Tensor) -> Tensor:
    masked = torch.arange(X.shape[2], device=X.device) >= valid_lens[:, None, None]
    return torch.softmax(X.masked_fill(masked, -1e6), dim=-1)


class AdditiveAttention(nn.Module):
    def __init__(self, size: int, num_hiddens: int):
        super().__init__()
        self.W_q = nn.Linear(size, num_hiddens, bias=False)
        self.W_k = nn.Linear(size, num_hiddens, bias=False)
        self.w_v = nn.Linear(num_hiddens, 1, bias=False)
        self.dropout = nn.Dropout(0.0)

    def forward(self, queries, keys, values, valid_lens=None):
        queries, keys = self.W_q(queries), self.W_k(keys)
        # (batch, num_queries, num_keys, num_hiddens)
        features = torch.tanh(queries.unsqueeze(2) + keys.unsqueeze(1))
        scores = self.w_v(features).squeeze(-1)
        if valid_lens is None:
            self.attention_weights = torch.softmax(scores, dim=-1)
        else:
            self.attention_weights = masked_softmax(scores, valid_lens)
        return torch.bmm(self.dropout(self.attention_weights), values)


class MultiplicativeAttention(nn.Module):
    def __init__(self, size: int, num_hiddens: int):
        super().__init__()
        self.W_q = nn.Linear(size, num_hiddens, bias=False)
        self.W_k = nn.Linear(size, num_hiddens, bias=False)

    def forward(self, queries, keys, values):
        queries, keys = self.W_q(queries), self.W_k(keys)
        scores = torch.bmm(queries, keys.mT) / queries.shape[2] ** 0.5
        return torch.bmm(torch.softmax(scores, dim=-1), values)


class DistanceAttention(nn.Module):
    def forward(self, queries, keys, values):
        scores = -torch.cdist(queries, keys).square() / 2
        return torch.bmm(torch.softmax(scores, dim=-1), values)


def heatmap(queries: Tensor, keys: Tensor):
    from matplotlib.figure import Figure

    scores = queries[0] @ keys[0].T / queries.shape[2] ** 0.5
    weights = torch.softmax(scores, dim=-1)
    figure = Figure(figsize=(4, 4))
    figure.colorbar(figure.subplots().imshow(weights.cpu().numpy(), cmap="Reds"))
    return figure
