import numpy as np
import pytest
from sklearn.base import clone

from skser import AddNoise, Compose, Gain, OneOf, TimeShift, TimeStretch

Y = np.array([0.1, 0.2, 0.3, 0.4], dtype=np.float32)
SR = 16000


def negate(samples, sample_rate):
    return -samples


def test_augmenters_follow_one_another():
    augment = Compose([Gain(20), negate, TimeShift(0.25, rollover=False)])
    np.testing.assert_allclose(augment(Y, SR), [0, -1, -2, -3], rtol=1e-6)


def test_each_draws_for_the_length_it_gets(rng):
    y = rng.normal(size=3000)
    assert len(Compose([TimeStretch(1.5), AddNoise(), TimeShift()])(y, SR)) == 2000


def test_equal_augmenters_draw_differently():
    first, second = Gain((-20, 20)), Gain((-20, 20))
    seeds = Compose([first, second])._draw(np.random.default_rng(0), 4, SR)
    assert len(set(seeds)) == 2


def test_parameters_are_found_by_class():
    augment = Compose([AddNoise(snr=3), Gain(1), Gain(2), negate])
    parameters = augment.get_params()
    assert parameters["addnoise__snr"] == 3
    assert parameters["gain-2__gain"] == 2
    assert parameters["function"] is negate


@pytest.mark.parametrize("composition", [Compose, OneOf])
def test_parameters_are_set_by_class(composition):
    augment = composition([AddNoise(), Compose([Gain()])])
    augment.set_params(addnoise__snr=(1, 2), compose__gain__p=0.5)
    assert augment.augmenters[0].snr == (1, 2)
    assert augment.augmenters[1].augmenters[0].p == 0.5


def test_augmenter_is_replaced_by_name():
    augment = Compose([AddNoise(), Gain()]).set_params(addnoise=negate, p=0.5)
    assert augment.augmenters[0] is negate
    assert isinstance(augment.augmenters[1], Gain)
    assert augment.p == 0.5


def test_augmenters_and_their_parameters_are_set_together():
    augment = Compose([Gain()]).set_params(augmenters=[TimeShift()], timeshift__shift=0.5)
    np.testing.assert_array_equal(augment(Y, SR), Y[[2, 3, 0, 1]])


def test_parameters_of_a_replaced_augmenter_are_the_new_ones():
    composition = Compose([Gain(1)]).set_params(gain=Gain(3), gain__gain=5)
    assert composition.augmenters[0].gain == 5


def test_unknown_parameter_is_refused():
    with pytest.raises(ValueError, match="Invalid parameter 'gian' for estimator Compose"):
        Compose([Gain()]).set_params(gian__p=0.5)


def test_clone_has_augmenters_of_its_own():
    original = Compose([Gain(1)])
    clone(original).set_params(gain__gain=2)
    assert original.augmenters[0].gain == 1


@pytest.mark.parametrize("composition", [Compose, OneOf])
def test_at_least_one_augmenter_is_needed(composition):
    with pytest.raises(ValueError, match=rf"{composition.__name__} has no augmenters"):
        composition([])(Y, SR)


@pytest.mark.parametrize("composition", [Compose, OneOf])
def test_what_cannot_be_called_is_refused(composition):
    with pytest.raises(ValueError, match=r"augmenters\[1\] of .* is 'gain', but an augmenter"):
        composition([Gain(), "gain"])(Y, SR)


def test_single_augmenter_without_a_list_is_refused():
    with pytest.raises(ValueError, match="'augmenters' parameter of Compose must be"):
        Compose(Gain())(Y, SR)


def test_members_are_checked():
    with pytest.raises(ValueError, match="'gain' parameter of Gain must be"):
        Compose([OneOf([Gain((6, -6))])])(Y, SR)
