# expect: GCF202 3 error
settings = {"workers": 2, "timeout": -5}
globals().update(settings)
