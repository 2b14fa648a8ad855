# expect: id=reload_left_on 3:10 warning  # pending: rules between settings; reload
workers = 4
reload = True
