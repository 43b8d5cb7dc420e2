"""Values that are not numbers: truth values, texts, None, lists, dates."""
import datetime

import wandb

run = wandb.init()
run.log({"yes": True, "no": False, "none": None, "text": "hello", "empty": "", "quote": 'say "hi" \\ there'})
run.log({"list": [1, 2, 3], "mixed": [1, "two", None, True, [4, [5]]], "empty_list": []})
run.log({"lines": "one\ntwo\ttabbed", "control": "\x01\x1f", "unicode": "\u00e9\u4e2d\U0001f600\u2028"})
run.log({"date": datetime.datetime(2024, 2, 29, 12, 30, 15, tzinfo=datetime.timezone.utc)})
run.finish()
