"""Configuration of Sphinx; ``make docs`` builds the pages, without a network."""

import os
import sys
from pathlib import Path

import skser

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

from gallery_arguments import Arguments  # noqa: E402

project = "skser"
author = "The skser developers"
copyright = author
version = release = skser.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_gallery.gen_gallery",
    "architectures",
    "math_as_mathml",
    "pictures",
    "public_reference",
    "readable_markdown",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "gallery/**/*.md5"]
nitpicky = True
# Other projects' objects; linked only where their inventories can be fetched.
nitpick_ignore_regex = [(r"py:.*", r"(?!skser\.).+\..+")]
default_role = "literal"

if os.environ.get("SKSER_DOCS_INTERSPHINX"):
    extensions.append("sphinx.ext.intersphinx")
    intersphinx_mapping = {
        "python": ("https://docs.python.org/3", None),
        "numpy": ("https://numpy.org/doc/stable", None),
        "sklearn": ("https://scikit-learn.org/stable", None),
        "librosa": ("https://librosa.org/doc/latest", None),
    }

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False

html_math_renderer = "mathml"

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "reset_argv": Arguments(memory=str(HERE / "_build" / "features")),
    "backreferences_dir": "reference/backreferences",
    "doc_module": ("skser",),
    "within_subsection_order": "gallery_order.LessonOrder",
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_signature": False,
    "write_computation_times": False,
    "parallel": 2,
}

html_theme = "pydata_sphinx_theme"
html_title = "skser"
# Where the pages are published, with a slash at the end; previews of shared links need it.
html_baseurl = os.environ.get("SKSER_DOCS_URL", "")
html_favicon = "_static/logo.svg"
html_static_path = ["_static"]
html_css_files = ["skser.css"]
html_show_sourcelink = False
html_copy_source = False
html_context = {
    "default_mode": "auto",
    "description": "Speech emotion recognition as scikit-learn estimators: audio features, "
    "networks, corpora, and scores on speakers that a model has never heard.",
}
html_theme_options = {
    "logo": {
        "text": "skser",
        "alt_text": "skser",
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo.svg",
    },
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "header_links_before_dropdown": 5,
    "show_nav_level": 1,
    "show_toc_level": 2,
    "secondary_sidebar_items": {"**": ["page-toc"], "coming-from": [], "index": []},
}
html_sidebars = {
    page: []
    for page in (
        "index",
        "getting-started",
        "coming-from",
        "studies",
        "benchmarks",
        "citing",
        "changelog",
    )
}
