"""The report as one HTML file: no network, no build step, readable without JavaScript.

`view` says what stands on the page, `graph` and `charts` give shapes their places, the templates write them down.
"""
