"""Draw figures: Plotly on screen, SVG on the first page and on paper."""
