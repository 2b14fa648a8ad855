# case: two settings, as in a first deployment
bind = "127.0.0.1:8011"  #: bind
workers = 3  #: workers
