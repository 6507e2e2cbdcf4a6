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
html_static_path = ["_static"]
html_css_files = ["skser.css"]
html_show_sourcelink = False
html_copy_source = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "header_links_before_dropdown": 5,
    "show_toc_level": 2,
    "secondary_sidebar_items": {"**": ["page-toc"], "coming-from": []},
}
html_sidebars = {
    page: [] for page in ("getting-started", "coming-from", "benchmarks", "citing", "changelog")
}
