"""A Plotly figure."""
import plotly.graph_objects as go

import wandb

run = wandb.init()
figure = go.Figure(data=[{"type": "scatter", "x": [1, 2, 3], "y": [2.5, 1, 4], "name": "line"}],
                   layout={"title": {"text": "chart"}, "template": None})
run.log({"chart": wandb.Plotly(figure)})
run.finish()
