# expect: GCF402 2:11 error
on_exit = lambda: print("bye")
