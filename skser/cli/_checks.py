"""Find reasons for training or scoring to fail before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils import Bunch

from skser._text import visible
from skser.cli._output import say
from skser.exceptions import AudioError


def same_everywhere(corpus: Bunch) -> list[str]:
    """Return notes if all clips of a corpus have the same label or the same speaker.

    Parameters
    ----------
    corpus : Bunch
        Any corpus.

    Returns
    -------
    notes : list of str
        Sentences, the same for every command; empty if there are several classes and several
        speakers.
    """
    return [note for note in (_one_class(corpus), _one_speaker(corpus)) if note]


def _one_class(corpus: Bunch) -> str | None:
    labels = set(corpus.target)
    if len(labels) > 1:
        return None
    return (
        f"Every clip is labelled {_named(labels)}, so there is nothing to recognise. Say where "
        "the emotion is with --label, or add clips of other emotions."
    )


def _one_speaker(corpus: Bunch) -> str | None:
    if corpus.groups is None or len(set(corpus.groups)) > 1:
        return None
    return (
        f"All {len(corpus.data)} clips are of one speaker, {_named(set(corpus.groups))}, so the "
        "recognition of new speakers cannot be tested. Add recordings of other speakers, or "
        "correct --speaker."
    )


def unknown_speakers(corpus: Bunch) -> str:
    """Return what to do about a corpus some or all of whose speakers are unknown.

    Parameters
    ----------
    corpus : Bunch
        Corpus whose `groups` are None.

    Returns
    -------
    note : str
        Two sentences, the same for every command.
    """
    missing, n_clips = int(corpus.frame["speaker"].isna().sum()), len(corpus.frame)
    if missing < n_clips:
        return (
            f"The speakers of {missing} of {n_clips} clips are unknown, so no split can keep "
            "speakers apart. Add these speakers, or remove these clips."
        )
    return (
        "The speakers are unknown, so no split can keep them apart. Say where they are with "
        "--speaker."
    )


def check_trainable(corpus: Bunch) -> None:
    """Raise if there is only one class; print a note if there is only one speaker.

    Parameters
    ----------
    corpus : Bunch
        Clips to train on.

    Raises
    ------
    AudioError
        If every clip has the same label.
    """
    if one_class := _one_class(corpus):
        raise AudioError(one_class)
    if one_speaker := _one_speaker(corpus):
        say(one_speaker)


def check_scorable(corpus: Bunch, folds: int) -> int:
    """Raise if a corpus cannot be scored in folds; say why there are fewer than requested.

    Parameters
    ----------
    corpus : Bunch
        Clips to train and test on.
    folds : int
        Requested number of folds.

    Returns
    -------
    n_folds : int
        Number of folds, at most the number of speakers.

    Raises
    ------
    AudioError
        If there is only one class or one speaker, a class has fewer clips than there are folds, or
        the training clips of a fold have only one class.
    """
    if notes := same_everywhere(corpus):
        raise AudioError(notes[0])
    n_folds = folds
    if corpus.groups is not None:
        n_folds = min(folds, len(set(corpus.groups)))
    if n_folds < folds:
        say(f"{n_folds} folds instead of {folds}, because there are {n_folds} speakers.")
    _check_class_sizes(corpus, n_folds)
    if corpus.groups is not None:
        _check_classes_left(corpus, n_folds)
        say_what_one_speaker_has(corpus)
    return n_folds


def say_what_one_speaker_has(corpus: Bunch) -> None:
    """Name the classes of a single speaker, whose recall on new speakers is always 0.

    Parameters
    ----------
    corpus : Bunch
        Corpus with known speakers.
    """
    for label in sorted(set(corpus.target), key=str):
        speakers = set(corpus.groups[corpus.target == label])
        if len(speakers) == 1:
            say(
                f"Warning: only the speaker {_named(speakers)} has clips labelled "
                f"{_named({label})}. A model trained without this speaker does not know "
                f"{_named({label})}, so its recall is 0, which lowers the UAR. Add clips of other "
                "speakers, or leave this emotion out."
            )


def say_what_no_training_has(corpus: Bunch, is_test: NDArray[np.bool_]) -> None:
    """Name the classes of several speakers that a fold tests but does not train on.

    Parameters
    ----------
    corpus : Bunch
        Corpus with known speakers.
    is_test : ndarray of bool of shape (n_clips,)
        Clips that the fold tests.
    """
    for label in sorted(set(corpus.target[is_test]) - set(corpus.target[~is_test]), key=str):
        speakers = set(corpus.groups[corpus.target == label])
        if len(speakers) > 1:
            say(
                f"Warning: only the speakers {_named(speakers)} have clips labelled "
                f"{_named({label})}, and one fold tests all of them. Its model was trained "
                f"without them and does not know {_named({label})}, so its recall is 0, which "
                "lowers the UAR. Pass more --folds, or leave this emotion out."
            )


def _check_class_sizes(corpus: Bunch, n_folds: int) -> None:
    names, counts = np.unique(corpus.target, return_counts=True)
    small = [
        f"{_named({name})} has {count} clip{'s' if count > 1 else ''}"
        for name, count in zip(names, counts, strict=True)
        if count < n_folds
    ]
    if not small:
        return
    fewest = int(counts.min())
    these = "them" if len(small) > 1 else "it"
    way_out = (
        f"leave {these} out, or pass --folds {fewest}" if fewest > 1 else f"or leave {these} out"
    )
    raise AudioError(
        f"With {n_folds} folds, each class needs {n_folds} clips, one to test in each fold, but "
        f"{', '.join(small)}. Add clips of {these}, {way_out}."
    )


def _check_classes_left(corpus: Bunch, n_folds: int) -> None:
    """Raise if the training side of a fold has only one class."""
    splitter = StratifiedGroupKFold(n_folds)
    for train, test in splitter.split(corpus.target, corpus.target, corpus.groups):
        if len(set(corpus.target[train])) < 2:
            raise AudioError(
                f"Without the speaker{'s' if len(set(corpus.groups[test])) > 1 else ''} "
                f"{_named(set(corpus.groups[test]))}, every clip is labelled "
                f"{_named(set(corpus.target[train]))}, so no model can be trained. Add clips: each "
                "emotion needs at least two speakers."
            )


def check_test_speakers(corpus: Bunch, texts: Sequence[str]) -> NDArray[np.bool_]:
    """Find the clips of the speakers named in --test-speakers.

    Parameters
    ----------
    corpus : Bunch
        Corpus with known speakers.
    texts : sequence of str
        Texts, each the name of a speaker or several names separated by commas.

    Returns
    -------
    is_test : ndarray of bool of shape (n_clips,)
        Mask of the test clips.

    Raises
    ------
    ValueError
        If a speaker has no clip, or the clips left for training have fewer than two classes.
    """
    speakers = np.asarray(corpus.groups).astype(str)
    known = sorted(set(speakers))
    # A name may contain a comma itself, such as "Doe, Jane".
    names = [name for text in texts for name in ([text] if text in known else text.split(","))]
    wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        no_speaker = f"the corpus has no speaker {_named(set(unknown))}"
        missing = no_speaker if unknown else "name at least one"
        raise ValueError(f"--test-speakers: {missing}. The speakers are {_named(set(known))}.")
    is_test = np.isin(speakers, wanted)
    if len(wanted) == len(known):
        raise ValueError(
            "--test-speakers names every speaker, so none is left to train on. Leave out some of "
            f"{_named(set(known))}."
        )
    if len(set(corpus.target[~is_test])) < 2:
        raise ValueError(
            "--test-speakers: the clips of the other speakers are all labelled "
            f"{_named(set(corpus.target[~is_test]))}, so no model can be trained. Test on other "
            "speakers."
        )
    return is_test


def say_how_test_differs(corpus: Bunch, is_test: NDArray[np.bool_]) -> None:
    """Name the classes that the model does not know, and those that are not tested.

    Parameters
    ----------
    corpus : Bunch
        Corpus with known speakers.
    is_test : ndarray of bool of shape (n_clips,)
        Clips to test on.
    """
    trained, tested = set(corpus.target[~is_test]), set(corpus.target[is_test])
    if unknown := tested - trained:
        say(
            f"Warning: no speaker outside --test-speakers has clips labelled {_named(unknown)}, so "
            "the model does not know it and its recall is 0, which lowers the UAR. Test on "
            "other speakers, or leave this emotion out."
        )
    if untested := trained - tested:
        say(
            f"No test clip is labelled {_named(untested)}, so the UAR is the mean over "
            f"{len(tested)} of {len(tested | trained)} emotions."
        )


def _named(names: set[object]) -> str:
    return ", ".join(f"'{visible(name)}'" for name in sorted(map(str, names)))
