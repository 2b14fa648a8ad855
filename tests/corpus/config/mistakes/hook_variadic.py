# expect: GCF402 2 error
def pre_fork(*arguments):
    pass
