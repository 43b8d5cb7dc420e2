"""A figure with missing values, several traces and frames."""
import plotly.graph_objects as go

import wandb

figure = go.Figure(
    data=[{"type": "scatter", "x": [0, 0.5, 1, 1.5], "y": [1, None, 3, 4.5]},
          {"type": "bar", "x": ["a", "b"], "y": [1, 2], "marker": {"color": "red"}}],
    layout={"title": {"text": "\u00e9 <b>bold</b>"}, "xaxis": {"range": [0, 1]}, "showlegend": False},
    frames=[{"name": "f", "data": [{"type": "scatter", "y": [2, 1]}]}],
)
figure.layout.template = None
run = wandb.init()
run.log({"chart": wandb.Plotly(figure)})
run.log({"in_table": wandb.Table(columns=["figure"], data=[[wandb.Plotly(figure)]])})
run.finish()
