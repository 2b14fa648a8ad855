# expect: GCF205 2:13 error
accesslog = True
