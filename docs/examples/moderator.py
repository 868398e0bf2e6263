"""A moderation service for Hinode, in the standard library. Put your classifiers into `judge`.

    MODERATOR_SECRET=hush python moderator.py 8900
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = {
    "create": {"gore": "block", "knife": "flag"},
    "render": {"explosion": "block", "smoke": "label"},
}


def judge(content):
    """Return the verdict on a request (stage "create") or on its outputs (stage "render").

    `content["prompt"]` and `content["shots"]` are texts. Each of `content["pictures"]` has a `role`
    ("upload", "reference", … of a request; "image", "thumbnail", "frame" of outputs), the number of
    its `output`, and `data`: a JPEG in base64, at most 768 pixels wide and high.
    """
    text = " ".join([content["prompt"], *content["shots"]]).lower()
    for word, verdict in WORDS.get(content["stage"], {}).items():
        if word in text:
            return {"verdict": verdict, "reason": f"found {word!r}", "labels": ["violence"]}
    return {"verdict": "allow"}


def create_server(port, secret):
    """Return a server on loopback that answers `judge` to callers with the secret."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            if self.headers.get("Authorization") != f"Bearer {secret}":
                self.send_error(401)
                return
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps(judge(content)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args):
            """Log nothing: requests hold prompts and pictures."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    create_server(int(sys.argv[1]), os.environ["MODERATOR_SECRET"]).serve_forever()
