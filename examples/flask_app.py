"""Flask (Debian: python3-flask).

    gunicorn --pythonpath examples -c examples/configs/threads.py flask_app:app
"""

from flask import Flask, Response, jsonify, request

app = Flask(__name__)


@app.get("/")
def index():
    return "hello from Flask\n"


@app.route("/echo", methods=["POST", "PUT"])
def echo():
    return Response(request.get_data(), mimetype=request.mimetype)


@app.post("/form")
def form():
    return jsonify(dict(request.form, files={name: len(file.read()) for name, file in request.files.items()}))


@app.get("/stream/<int:count>")
def stream(count):
    return Response(("line %d\n" % number for number in range(count)), mimetype="text/plain")
