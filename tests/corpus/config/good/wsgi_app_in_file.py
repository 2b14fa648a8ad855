# case: the application is named in the file
# application: none
wsgi_app = "hello:app"  #: wsgi_app
workers = 2  #: workers
