"""Sphinx: the pages of docs/. Build them with ``sphinx-build -W docs docs/_build/html``."""

from importlib.metadata import version as installed

project = "d2vbench"
author = "The d2vbench developers"
copyright = author
release = version = installed("d2vbench")

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_argparse_cli",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "jupyter_execute", "**.ipynb_checkpoints"]

# Pages are Markdown; a heading can be linked to by its name, as on other sites that show Markdown.
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# An indented block of another language than the page's is a command.
highlight_language = "none"

# The notebook is in the repository without outputs: what it shows is computed here.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_in_temp = True
nb_output_stderr = "remove"
nb_kernel_rgx_aliases = {".*": "python3"}

autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = f"d2vbench {release}"
html_static_path = ["_static"]
html_css_files = ["d2vbench.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "d2vbench"},
    "header_links_before_dropdown": 5,
    "show_prev_next": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "navigation_with_keys": False,
}
# A page without pages below it has nothing to show at its left.
html_sidebars = {
    name: []
    for name in (
        "index", "start", "own-data", "choosing", "second-study", "concepts", "tutorial", "method",
        "reproducing", "speed", "threat-model", "first-study", "contributing",
    )
}  # fmt: skip
