"""Sphinx settings. Nothing is fetched: equations are plain text, fonts those of the reader."""

from ytterby import __version__

project = "ytterby"
author = "The ytterby developers"
project_copyright = "the ytterby developers, Apache-2.0"
release = version = __version__

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = f"ytterby {release}"
html_copy_source = False
html_show_sphinx = False
