"""Uploads a file with tuspy, breaks off after the first piece and goes on with a new object. Each piece has its
checksum. Prints the upload's address, or the server's refusal."""

import sys

from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

endpoint, token, file, filename = sys.argv[1:]
client = TusClient(endpoint, headers={"Authorization": f"Bearer {token}"})
pieces = {"chunk_size": 50_000, "upload_checksum": True}
try:
    broken = client.uploader(file, metadata={"filename": filename}, **pieces)
    broken.upload_chunk()
    resumed = client.uploader(file, url=broken.url, **pieces)
    assert resumed.offset == 50_000, resumed.offset
    resumed.upload()
    print(resumed.url)
except TusCommunicationError as error:
    print(error.status_code, error.response_content.decode())
