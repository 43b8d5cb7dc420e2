"""Every kind of derived summary, single and combined."""
import wandb

run = wandb.init()
for kind in ("min", "max", "mean", "last", "first", "none"):
    run.define_metric(f"only_{kind}", summary=kind)
run.define_metric("several", summary="min,max,mean,first,last")
run.define_metric("with_nan", summary="min,max,mean")
run.define_metric("nested.deep", summary="max")
for value in (3, 1, 4, 1, 5):
    row = {f"only_{kind}": value for kind in ("min", "max", "mean", "last", "first", "none")}
    row.update({"several": value * 1.5, "with_nan": float("nan") if value == 4 else value})
    row["nested"] = {"deep": value}
    run.log(row)
run.log({"several": "text now"})
run.finish()
