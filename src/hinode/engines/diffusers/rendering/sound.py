"""The sound of a model, fitted to its frames."""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt

from hinode.media.encode import SAMPLE_RATE, Samples


def fit_sound(waveform: npt.NDArray[np.float32], rate: int, frames: int, fps: int) -> Samples:
    """Return a waveform of shape (channels, count) as stereo at 48 kHz, as long as the frames.

    What is missing is silence; what is too much is cut.
    """
    stereo = np.clip(_stereo(waveform), -1.0, 1.0)
    samples = stereo.T if rate == SAMPLE_RATE else _resampled(stereo, rate)
    fitted = np.zeros((frames * SAMPLE_RATE // fps, 2), dtype=np.float32)
    known = samples[: len(fitted)]
    fitted[: len(known)] = known
    return fitted


def _stereo(waveform: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    channels = np.atleast_2d(np.asarray(waveform, dtype=np.float32))
    return channels[:2] if len(channels) > 1 else np.repeat(channels, 2, axis=0)


def _resampled(stereo: npt.NDArray[np.float32], rate: int) -> Samples:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(stereo), format="fltp", layout="stereo")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([np.asarray(part.to_ndarray().T, dtype=np.float32) for part in parts])
