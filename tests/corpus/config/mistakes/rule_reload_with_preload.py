# expect: id=reload_with_preload 3:10 warning  # pending: rules between settings; reload
preload_app = True
reload = True
