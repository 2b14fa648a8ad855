"""python -m gunicorn"""

from gunicorn.app.wsgiapp import run

if __name__ == "__main__":
    # Without the name, `-m` shows the path of this file in usage texts.
    run(prog="gunicorn")
