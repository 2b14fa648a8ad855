# expect: GCF603 3:12 error  # pending: check of the application
# application: none
wsgi_app = "hello:aplication"
