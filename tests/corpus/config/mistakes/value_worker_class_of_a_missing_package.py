# expect: GCF213 2:16 error  # pending: custom worker classes
worker_class = "no_such_package_of_the_corpus.workers.Worker"
