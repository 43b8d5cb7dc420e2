"""A Plotly figure."""
import plotly.graph_objects as go

import wandb

run = wandb.init()
figure = go.Figure(data=[{"type": "scatter", "x": [1, 2, 3], "y": [2.5, 1, 4], "name": "line"}],
                   layout={"title": {"text": "chart"}, "template": None})
# Without the library's own template, which the figure would take with it.
figure.layout.template = None
run.log({"chart": wandb.Plotly(figure)})
run.finish()
