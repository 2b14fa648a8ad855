# expect: GCF602 3:12 error
# application: none
wsgi_app = "no_such_module_of_the_corpus:app"
