import pytest
import torch

from d2l_attention import try_gpu


@pytest.mark.parametrize(
    ("cuda_devices", "mps", "i", "chosen"),
    [(2, False, 1, "cuda:1"), (1, True, 0, "cuda:0"), (0, True, 0, "mps"), (1, False, 1, "cpu")],
)
def test_cuda_then_mps_then_cpu(monkeypatch, cuda_devices, mps, i, chosen):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda_devices)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert try_gpu(i) == torch.device(chosen)
