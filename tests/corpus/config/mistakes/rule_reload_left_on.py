# expect: id=reload_left_on 3:10 warning
workers = 4
reload = True
