import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from skser.live._microphone import MicrophoneError, open_microphone


class PortAudioError(Exception):
    pass


@pytest.fixture
def sounddevice(monkeypatch):
    """A stand-in for sounddevice with one microphone, which hears a ramp."""
    module = ModuleType("sounddevice")
    module.PortAudioError = PortAudioError
    module.opened = SimpleNamespace(settings=None, closed=False, busy=False)

    def query_devices(device, kind):
        if device not in (None, 0, "usb"):
            raise ValueError(f"No input device matching {device!r}")
        return {"default_samplerate": 44100.0}

    def check_input_settings(device, channels, dtype, samplerate):
        if samplerate > 48000:
            raise PortAudioError("Invalid sample rate [PaErrorCode -9997]")

    class InputStream:
        def __init__(self, callback, **settings):
            module.opened.settings = settings
            self.callback = callback

        def start(self):
            if module.opened.busy:
                raise PortAudioError("Device unavailable [PaErrorCode -9985]")
            buffer = np.arange(3, dtype=np.float32)[:, np.newaxis]
            self.callback(buffer, 3, None, None)
            # PortAudio uses its memory again.
            buffer[:] = 7
            self.callback(buffer, 3, None, None)

        def close(self):
            module.opened.closed = True

    module.query_devices, module.check_input_settings = query_devices, check_input_settings
    module.InputStream = InputStream
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return module


def test_a_microphone_gives_chunks_of_one_channel(sounddevice):
    chunks, sr = open_microphone("usb")
    assert sr == 44100
    assert next(chunks).tolist() == [0, 1, 2]
    assert next(chunks).tolist() == [7, 7, 7]
    settings = {"device": "usb", "channels": 1, "dtype": "float32", "samplerate": 44100}
    assert sounddevice.opened.settings == settings
    chunks.close()
    assert sounddevice.opened.closed


def test_a_microphone_that_is_not_there_is_named(sounddevice):
    with pytest.raises(MicrophoneError, match=r"microphone 'laser' cannot be opened .*--device"):
        open_microphone("laser")


def test_a_microphone_that_another_program_has_taken_is_an_error(sounddevice):
    chunks, _ = open_microphone("usb")
    sounddevice.opened.busy = True
    with pytest.raises(MicrophoneError, match=r"'usb' cannot be opened \(Device unavailable"):
        next(chunks)
    assert sounddevice.opened.closed


def test_a_microphone_that_was_pulled_out_is_an_error(sounddevice, monkeypatch):
    monkeypatch.setattr("skser.live._microphone._PATIENCE", 0.01)
    chunks, _ = open_microphone()
    next(chunks), next(chunks)
    with pytest.raises(MicrophoneError, match=r"no sound for 0\.01 s\. Check that"):
        next(chunks)
    assert sounddevice.opened.closed


def test_a_rate_that_it_does_not_have_is_an_error(sounddevice):
    with pytest.raises(MicrophoneError, match="Invalid sample rate"):
        open_microphone(sr=96000)


def test_without_sounddevice_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(ImportError, match=r"pip install 'skser\[live\]'"):
        open_microphone()


def test_without_its_library_the_package_of_the_system_is_named(monkeypatch):
    class Finder:
        def find_spec(self, name, path=None, target=None):
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(ImportError, match=r"PortAudio library not found.*libportaudio2"):
        open_microphone()
