WORKERS = 2
raise RuntimeError('not finished')
