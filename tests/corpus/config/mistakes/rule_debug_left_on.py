# expect: id=debug_left_on 3:9 warning
# pending: rules between settings
debug = True
