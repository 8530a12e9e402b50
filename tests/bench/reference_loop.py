#!/usr/bin/python3
"""What a user would write: poll, download, fsync, commit, confirm, XADD, one update after the other.

The yardstick of tests/bench/posten_drain: straightforward, correct in its order, no tricks.
"""
import argparse
import hashlib
import http.client
import json
import os
import sqlite3
import ssl
import sys
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

import redis

NS = "{http://signering.posten.no/schema/v1}"


class Api:
    def __init__(self, root, ca, certificate, key):
        self.url = urllib.parse.urlsplit(root)
        context = ssl.create_default_context(cafile=ca)
        context.check_hostname = False
        context.load_cert_chain(certificate, key)
        self.connection = http.client.HTTPSConnection(self.url.hostname, self.url.port, context=context)

    def call(self, method, url, accept="application/xml"):
        path = urllib.parse.urlsplit(url)
        target = path.path + ("?" + path.query if path.query else "")
        self.connection.request(method, target, headers={"Accept": accept, "Content-Length": "0"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def store(directory, body):
    digest = hashlib.sha256(body).hexdigest()
    final = os.path.join(directory, digest)
    with open(final + ".part", "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    os.rename(final + ".part", final)
    folder = os.open(directory, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return {"sha256": digest, "size": len(body)}


def main():
    parser = argparse.ArgumentParser()
    for name in ("root", "organisation", "ca", "certificate", "key", "directory", "redis", "count"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    wanted = int(options.count)

    api = Api(options.root, options.ca, options.certificate, options.key)
    documents = os.path.join(options.directory, "documents")
    os.makedirs(documents, exist_ok=True)
    database = sqlite3.connect(os.path.join(options.directory, "state.db"), isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS updates(job TEXT, status TEXT, raw BLOB, documents TEXT)")
    stream = redis.Redis(unix_socket_path=options.redis)
    poll_url = f"{options.root}/{options.organisation}/portal/signature-jobs"

    done = 0
    while done < wanted:
        status, body = api.call("GET", poll_url)
        if status != 200:
            time.sleep(0.01)
            continue
        update = ElementTree.fromstring(body)
        job = update.findtext(NS + "signature-job-id")
        state = update.findtext(NS + "status")
        stored = []
        for element in update.iter():
            if element.tag in (NS + "pades-url", NS + "xades-url"):
                status, document = api.call("GET", element.text.strip(), "application/octet-stream, application/xml")
                if status != 200:
                    sys.exit(f"download failed: {status}")
                stored.append(store(documents, document))
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO updates VALUES(?,?,?,?)", (job, state, body, json.dumps(stored)))
        database.execute("COMMIT")
        api.call("POST", update.findtext(NS + "confirmation-url").strip())
        event = {"specversion": "1.0", "subject": job, "data": {"status": state, "documents": stored}}
        stream.xadd("signwatch:events", {"ce": json.dumps(event)})
        done += 1


if __name__ == "__main__":
    main()
