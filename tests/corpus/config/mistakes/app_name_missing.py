# expect: GCF603 3:12 error
# application: none
wsgi_app = "hello:aplication"
