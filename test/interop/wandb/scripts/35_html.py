"""Html: text with and without a head, without injection, from a file, a list."""
import wandb

run = wandb.init()
run.log({"plain": wandb.Html("<p>hello</p>")})
run.log({"head": wandb.Html("<html><head><title>t</title></head><body>\u00e9</body></html>")})
run.log({"raw": wandb.Html("<p>as it is</p>", inject=False)})
run.log({"file": wandb.Html("fixtures/page.html")})
run.log({"list": [wandb.Html("<b>1</b>"), wandb.Html("<b>2</b>")]})
run.finish()
