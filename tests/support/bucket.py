"""A bucket on this machine that speaks as much S3 as the object store needs.

Links are verified by Amazon's description of signatures in a query string, not by the library
that made them: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import escape, unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, unquote, urlsplit

KEY_ID, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-test-1"
_KEY = re.compile(r"<Key>(.*?)</Key>")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class Bucket:
    """Objects by their paths.

    ``ahead`` is how much later the bucket thinks that it is; while ``away`` it answers 503 to all,
    while ``missing`` as a server without such a bucket.
    """

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.ahead = timedelta(0)
        self.away = False
        self.missing = False
        self._server = ThreadingHTTPServer((address, 0), _handler(self))
        self._server.daemon_threads = True
        self.host = f"{address}:{self._server.server_port}"
        self.environment = {
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT": f"http://{self.host}",
            "AWS_ALLOW_HTTP": "true",
        }

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def refusal(self, method: str, target: str, host: str) -> str | None:
        """Return why a link may not be followed, None when it may."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        signed = query.pop("X-Amz-Signature", "")
        at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if not hmac.compare_digest(signed, _signature(method, parts.path, query, host)):
            return "SignatureDoesNotMatch"
        until = at + timedelta(seconds=int(query["X-Amz-Expires"]))
        return "AccessDenied" if until <= datetime.now(UTC) + self.ahead else None


def _signature(method: str, path: str, query: dict[str, str], host: str) -> str:
    pairs = sorted((quote(name, safe=""), quote(value, safe="")) for name, value in query.items())
    canonical = "\n".join(
        [
            method,
            path,
            "&".join(f"{name}={value}" for name, value in pairs),
            f"host:{host}\n",
            "host",
            "UNSIGNED-PAYLOAD",
        ]
    )
    day = query["X-Amz-Date"][:8]
    scope = f"{day}/{REGION}/s3/aws4_request"
    assert query["X-Amz-Credential"] == f"{KEY_ID}/{scope}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{query['X-Amz-Date']}\n{scope}\n{digest}"
    key = f"AWS4{SECRET}".encode()
    for word in (day, REGION, "s3", "aws4_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _handler(bucket: Bucket) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            data = self.rfile.read(int(self.headers["content-length"]))
            kind = self.headers.get("content-type", "application/octet-stream")
            if not bucket.away:
                bucket.objects[self._path()] = (data, kind)
            self._answer(503 if bucket.away else 200, b"")

        def parse_request(self) -> bool:
            parsed = super().parse_request()
            if parsed and bucket.missing:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                self._answer(404, b"<Error><Code>NoSuchBucket</Code></Error>")
                return False
            return parsed

        def do_DELETE(self) -> None:
            if not bucket.away:
                bucket.objects.pop(self._path(), None)
            self._answer(503 if bucket.away else 204, b"")

        def do_POST(self) -> None:
            """Delete several objects: the only POST that our store sends."""
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            assert "delete" in urlsplit(self.path).query, self.path
            keys = [unescape(key) for key in _KEY.findall(body)]
            for key in keys if not bucket.away else ():
                bucket.objects.pop(f"{self._path().rstrip('/')}/{key}", None)
            deleted = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
            answer = f"<DeleteResult>{deleted}</DeleteResult>".encode()
            self._answer(503 if bucket.away else 200, answer)

        def do_HEAD(self) -> None:
            self._send()

        def do_GET(self) -> None:
            reason = None
            if "authorization" not in self.headers:
                reason = bucket.refusal(self.command, self.path, self.headers["host"])
            if reason is None and "list-type" in urlsplit(self.path).query:
                self._list()
            elif reason is None:
                self._send()
            else:
                self._answer(403, f"<Error><Code>{reason}</Code></Error>".encode())

        def _list(self) -> None:
            query = dict(parse_qsl(urlsplit(self.path).query))
            start = f"{self._path().rstrip('/')}/"
            wanted = start + query.get("prefix", "")
            found = [
                f"<Contents><Key>{escape(path.removeprefix(start))}</Key><Size>{len(data)}</Size>"
                "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
                for path, (data, _) in sorted(bucket.objects.items())
                if path.startswith(wanted)
            ]
            body = f"<ListBucketResult>{''.join(found)}</ListBucketResult>"
            self._answer(503 if bucket.away else 200, body.encode())

        def _send(self) -> None:
            if bucket.away:
                self._answer(503, b"")
                return
            if self._path() not in bucket.objects:
                self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
                return
            data, kind = bucket.objects[self._path()]
            span = _RANGE.fullmatch(self.headers.get("range", ""))
            if span is None:
                self._answer(200, data, kind)
                return
            first, last = int(span[1]), int(span[2] or len(data) - 1)
            part = data[first : last + 1]
            where = f"bytes {first}-{first + len(part) - 1}/{len(data)}"
            self._answer(206, part, kind, where)

        def _path(self) -> str:
            return unquote(urlsplit(self.path).path)

        def _answer(
            self, status: int, body: bytes, kind: str = "application/xml", where: str = ""
        ) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.send_header("content-type", kind)
            self.send_header("etag", f'"{hashlib.sha256(body).hexdigest()[:32]}"')
            self.send_header("last-modified", self.date_time_string())
            if where:
                self.send_header("content-range", where)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def local_bucket(address: str = "127.0.0.1") -> Iterator[Bucket]:
    bucket = Bucket(address)
    bucket.start()
    try:
        yield bucket
    finally:
        bucket.stop()
