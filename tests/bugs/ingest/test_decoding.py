"""Compressed bodies: every encoding an SDK uses, and bombs of every kind refused quickly."""

import gzip
import io
import time
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bugs.ingest.wire import decoding

LIMIT = 8 * 1024 * 1024
GIB = 1024**3


def raw_deflate(body: bytes) -> bytes:
    encoder = zlib.compressobj(wbits=-15)
    return encoder.compress(body) + encoder.flush()


ENCODERS = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
ALL = [*ENCODERS.items(), ("deflate", raw_deflate), (" GZIP ", gzip.compress)]


@pytest.mark.parametrize(("encoding", "encode"), ALL)
def test_every_encoding_is_read(encoding, encode):
    body = b'{"a": 1}' * 1000
    assert decoding.decode(encode(body), encoding, LIMIT) == body


@pytest.mark.parametrize(("encoding", "encode"), ALL)
def test_the_limit_itself_fits_and_one_byte_more_does_not(encoding, encode):
    assert len(decoding.decode(encode(b"x" * 1000), encoding, 1000)) == 1000
    with pytest.raises(decoding.TooLarge):
        decoding.decode(encode(b"x" * 1001), encoding, 1000)


@pytest.mark.parametrize(("encoding", "encode"), ALL[2:5])
def test_a_body_that_is_cut_off_is_malformed(encoding, encode):
    with pytest.raises(decoding.Malformed):
        decoding.decode(encode(b"hello" * 500)[:-3], encoding, LIMIT)


def test_an_unknown_encoding_is_malformed():
    with pytest.raises(decoding.Malformed):
        decoding.decode(b"", "compress", LIMIT)


def zlib_bomb(wbits: int) -> bytes:
    encoder, zeros = zlib.compressobj(9, wbits=wbits), bytes(16 * 1024 * 1024)
    return b"".join(encoder.compress(zeros) for _ in range(64)) + encoder.flush()


def brotli_bomb() -> bytes:
    encoder, zeros = brotli.Compressor(quality=3), bytes(16 * 1024 * 1024)
    return b"".join(encoder.process(zeros) for _ in range(64)) + encoder.finish()


def zstd_bomb() -> bytes:
    encoder, zeros = zstandard.ZstdCompressor().compressobj(), bytes(16 * 1024 * 1024)
    return b"".join(encoder.compress(zeros) for _ in range(64)) + encoder.flush()


BOMBS = {
    "gzip": lambda: zlib_bomb(31),
    "deflate": lambda: zlib_bomb(-15),
    "br": brotli_bomb,
    "zstd": zstd_bomb,
}


@pytest.mark.parametrize("encoding", BOMBS)
def test_a_bomb_is_refused_before_it_goes_off(encoding):
    bomb = BOMBS[encoding]()
    assert len(bomb) < 2 * 1024 * 1024
    tracemalloc.start()
    begun = time.perf_counter()
    with pytest.raises(decoding.TooLarge):
        decoding.decode(bomb, encoding, LIMIT)
    took, (_, peak) = time.perf_counter() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 1.0
    assert peak < 5 * LIMIT


def test_a_zstd_window_that_is_too_large_is_refused():
    parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    encoder = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = encoder.compress(b"x" * 1000) + encoder.flush()
    with pytest.raises(decoding.Malformed):
        decoding.decode(body, "zstd", LIMIT)


def test_zstd_that_says_its_size_and_is_cut_off_is_refused():
    body = zstandard.compress(b"one line\n" * 100_000)
    with pytest.raises(decoding.Malformed):
        decoding.decode(body[:-3], "zstd", LIMIT)


def test_an_endless_source_is_left_at_the_limit():
    class Endless:
        given = 0

        def read(self, size):
            self.given += size
            return b"x" * size

    source = Endless()
    with pytest.raises(decoding.TooLarge):
        decoding.read(source, 1_000_000)
    assert source.given < 1_200_000


def test_a_source_is_read_to_its_end():
    assert decoding.read(io.BytesIO(b"x" * 200_000), LIMIT) == b"x" * 200_000


@given(st.binary(max_size=200), st.sampled_from(sorted(ENCODERS)))
def test_whatever_comes_nothing_but_its_own_errors_comes_out(body, encoding):
    try:
        decoding.decode(body, encoding, 10_000)
    except (decoding.Malformed, decoding.TooLarge):
        pass
