"""Errors of a device and its libraries, after which a process cannot be trusted any more."""

from __future__ import annotations

import re

import torch

_OF_A_DEVICE = re.compile(
    "CUDA|c(u|U)(dnn|DNN)|CUDNN|CUBLAS|cublas|CUSOLVER|cusolver|CUSPARSE|cusparse|CUFFT|cuFFT|"
    "NVRTC|nvrtc|NVIDIA|unable to find an engine|MPS backend"
)
"""Of the libraries some name only themselves; device names, such as cuda:0, are no trouble."""
_FULL = re.compile("out of memory|ALLOC_FAILED")


def is_of_device(error: BaseException) -> bool:
    """Return whether an error is one of the device, which may be unusable after it."""
    kinds = (torch.OutOfMemoryError, torch.AcceleratorError)
    return isinstance(error, kinds) or _OF_A_DEVICE.search(str(error)) is not None


def is_device_full(error: BaseException) -> bool:
    """Return whether a device had too little memory."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    return is_of_device(error) and _FULL.search(str(error)) is not None
