from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skser.report._diagram import diagram


def test_steps_are_there_and_scripts_are_not():
    html = diagram(Pipeline([("scale", StandardScaler()), ("classify", SVC())]))
    assert "StandardScaler" in html
    assert "<style" in html
    assert "<script" not in html
    assert "onclick" not in html


def test_a_hostile_step_stays_text():
    html = diagram(Pipeline([("<script>alert(1)</script>", StandardScaler()), ("c", SVC())]))
    assert "&lt;script&gt;alert(1)" in html
    assert "<script" not in html


def test_a_hostile_parameter_stays_text():
    html = diagram(SVC(kernel='"><img src=x onerror=alert(1)>'))
    assert "<img" not in html
