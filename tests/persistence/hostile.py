"""Take a model file apart, and put it together again so that its seal is right."""

import hashlib
import json
import re

from skser.persistence._archive import pack, unpack

ANY_NAME = re.compile(".*")


def seal(archive):
    """Write the hash of a zip archive without a comment behind it."""
    comment = b"skser sha256 "
    body = archive[:-2] + (len(comment) + 64).to_bytes(2, "little") + comment
    return body + hashlib.sha256(body).hexdigest().encode()


def members_of(path):
    """Return the card, the schema and the arrays of a model file."""
    outer = unpack(path.read_bytes(), ANY_NAME)
    inner = unpack(outer["estimator.skops"], ANY_NAME)
    return json.loads(outer["card.json"]), json.loads(inner.pop("schema.json")), inner


def write(path, card, schema, arrays):
    text = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    inner = pack({"schema.json": text, **arrays}, sealed=False)
    members = {"card.json": json.dumps(card).encode(), "estimator.skops": inner}
    path.write_bytes(pack(members, sealed=True))


def nodes_of(schema):
    """Yield every node of a schema."""
    if isinstance(schema, dict):
        if "__loader__" in schema:
            yield schema
        for value in schema.values():
            yield from nodes_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from nodes_of(value)


def attributes_of(schema):
    """Return the attributes of the estimator, by name, as nodes."""
    return schema["content"]["content"]
