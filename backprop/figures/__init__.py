"""Pictures: the network as SVG, curves and surfaces for Plotly. Pure functions of a trace; no Streamlit here."""
