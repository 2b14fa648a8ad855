# case: GUNICORN_CMD_ARGS names the configuration and beats one setting of it
# config: none
# env: GUNICORN_CMD_ARGS='--config etc/web.py --workers 6'
# stronger: workers
workers = 2
timeout = 48  #: timeout
