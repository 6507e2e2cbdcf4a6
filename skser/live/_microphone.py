"""Sound from a microphone, recorded with the package `sounddevice`."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skser.exceptions import SkserError

_LIST = "'python -m sounddevice' lists the devices; name one with --device."

_PATIENCE = 5.0
"""Seconds without a chunk after which a microphone counts as gone; it sends many per second."""


class MicrophoneError(SkserError):
    """The microphone does not exist, or sends no sound."""


def open_microphone(
    device: int | str | None = None, sr: float | None = None
) -> tuple[Iterator[NDArray[np.float32]], float]:
    """Open a microphone.

    Parameters
    ----------
    device : int or str, default=None
        Number of the microphone, or part of its name. If None, the system's default is used.
    sr : float, default=None
        Sample rate in Hz. If None, that of the microphone is used.

    Returns
    -------
    chunks : iterator of ndarray of shape (n_samples,), dtype=float32
        Endless iterator over chunks of one channel. The first call of ``next`` starts the
        microphone, and closing the iterator closes it. It raises a `MicrophoneError` if the
        microphone cannot be started, or stops sending sound.
    sr : float
        Sample rate in Hz.

    Raises
    ------
    ImportError
        If `sounddevice` or its library PortAudio is not installed.
    MicrophoneError
        If the microphone does not exist, or does not support this sample rate.
    """
    try:
        import sounddevice
    except ImportError as error:
        raise ImportError("sounddevice is not installed. Run pip install 'skser[live]'.") from error
    except OSError as error:
        raise ImportError(
            f"sounddevice cannot find its library ({error}). On Debian and Ubuntu, run "
            "apt install libportaudio2."
        ) from error
    try:
        found = sounddevice.query_devices(device, "input")
        sr = float(found["default_samplerate"] if sr is None else sr)
        sounddevice.check_input_settings(device, channels=1, dtype="float32", samplerate=sr)
    except (ValueError, sounddevice.PortAudioError) as error:
        raise _not_opened(device, error) from error
    return _chunks(sounddevice, device, sr), sr


def _not_opened(device: int | str | None, error: Exception) -> MicrophoneError:
    return MicrophoneError(f"{_name(device)} cannot be opened ({error}). {_LIST}")


def _name(device: int | str | None) -> str:
    return "The microphone" if device is None else f"The microphone {device!r}"


def _chunks(sounddevice: Any, device: int | str | None, sr: float) -> Iterator[NDArray[np.float32]]:
    # PortAudio calls `keep` from its own thread, which must not block.
    chunks: queue.SimpleQueue[NDArray[np.float32]] = queue.SimpleQueue()

    def keep(samples: NDArray[np.float32], n_frames: int, time: Any, status: Any) -> None:
        chunks.put(samples[:, 0].copy())

    stream = None
    try:
        # Another program may have opened it since its settings were checked.
        stream = sounddevice.InputStream(
            device=device, channels=1, dtype="float32", samplerate=sr, callback=keep
        )
        stream.start()
    except sounddevice.PortAudioError as error:
        if stream is not None:
            stream.close()
        raise _not_opened(device, error) from error
    try:
        while True:
            # PortAudio does not report that a device was unplugged: it stops calling `keep`.
            yield chunks.get(timeout=_PATIENCE)
    except queue.Empty:
        raise MicrophoneError(
            f"{_name(device)} has sent no sound for {_PATIENCE:g} s. Check that it is still "
            "plugged in, and that this program may use it."
        ) from None
    finally:
        stream.close()
