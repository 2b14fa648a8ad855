# expect: GCF212 2:13 error
post_fork = "no_such_module_of_the_corpus.post_fork"
