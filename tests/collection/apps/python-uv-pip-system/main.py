import msgpack

PACKED = msgpack.packb({"packed": [1, 2, 3]})


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/msgpack")]})
    await send({"type": "http.response.body", "body": PACKED})
