"""Random changes of sound, for training only."""

from skser.augmentation._add_noise import AddNoise
from skser.augmentation._compose import Compose
from skser.augmentation._gain import Gain
from skser.augmentation._one_of import OneOf
from skser.augmentation._pitch_shift import PitchShift
from skser.augmentation._speed_perturbation import SpeedPerturbation
from skser.augmentation._time_shift import TimeShift
from skser.augmentation._time_stretch import TimeStretch

__all__ = [
    "AddNoise",
    "Compose",
    "Gain",
    "OneOf",
    "PitchShift",
    "SpeedPerturbation",
    "TimeShift",
    "TimeStretch",
]
