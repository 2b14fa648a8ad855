# expect: id=reload_with_preload 2:15 warning
preload_app = True
reload = True
