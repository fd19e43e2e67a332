# SPDX-License-Identifier: Apache-2.0
"""Several processes that train one model, as torchrun starts them: each reads rows of its own, all take the same steps."""
import contextlib
import os

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

SIZE = int(os.environ.get("WORLD_SIZE", 1))
RANK = int(os.environ.get("RANK", 0))


def begin():
    """The device that this process trains on."""
    if not torch.cuda.is_available():
        if SIZE > 1:
            dist.init_process_group("gloo")
        return "cpu"
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
    torch.cuda.set_device(device)
    if SIZE > 1:
        dist.init_process_group("nccl")
    return device


def wrap(model):
    """What is to be called in the model's place: it averages gradients over all processes."""
    return DistributedDataParallel(model, broadcast_buffers=False) if SIZE > 1 else model


def apart(wrapped):
    """Within, gradients are not averaged yet: of all but the last part of a step."""
    return wrapped.no_sync() if SIZE > 1 else contextlib.nullcontext()


def from_first(numbers, device):
    """Process 0's, for all."""
    if SIZE == 1:
        return numbers
    tensor = torch.tensor(numbers, dtype=torch.float64, device=device)
    dist.broadcast(tensor, 0)
    return tensor.tolist()


def add_up(tensor):
    """Over all processes, in place."""
    if SIZE > 1:
        dist.all_reduce(tensor)
    return tensor


def require_same(model):
    """Raise an error where the processes' weights have drifted apart."""
    if SIZE == 1:
        return
    total = sum(p.detach().double().sum() for p in model.parameters())
    least, most = total.clone(), total.clone()
    dist.all_reduce(least, dist.ReduceOp.MIN)
    dist.all_reduce(most, dist.ReduceOp.MAX)
    if least != most:
        raise RuntimeError(f"the weights of the {SIZE} processes differ")
