"""What the pages share: the state, the controls, the panels, and the browser components with their own files."""
