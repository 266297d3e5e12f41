"""A door to the page of this name, for the first visitor of a fresh server.

Until st.navigation has run once, Streamlit looks for a page's address among the files beside this one, and says "Page not
found" over the right page when there is none. So this file stands here, and lets app.py open the page.
"""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[1] / "app.py"), run_name="__main__")
