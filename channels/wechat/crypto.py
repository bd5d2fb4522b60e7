"""Signatures and encryption of WeChat's callbacks: bytes in, bytes out, nothing believed.

Official accounts, mini-programs and WeCom share one envelope: SHA-1 over sorted parts as the
signature, AES-256-CBC with the receiver's id inside as the secrecy. SHA-1 is WeChat's choice.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

#: Characters of an EncodingAESKey; with "=" it is base64 of 32 bytes.
KEY_LENGTH: Final = 43
#: Random bytes before the message.
_RANDOM: Final = 16
#: Bytes of the big-endian length after them.
_LENGTH: Final = 4
#: PKCS#7 pads to this many bytes, twice the block of AES.
_BLOCK: Final = 32
_AES_BLOCK: Final = 16

_KEY: Final = re.compile(rf"[A-Za-z0-9+/]{{{KEY_LENGTH}}}")


class CryptoError(ValueError):
    """What was received does not decrypt to a message for this account."""


def sign(*parts: str) -> str:
    """Return WeChat's signature of `parts`: SHA-1, in hex, of all of them sorted and joined."""
    return _sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass"))


def is_signed(signature: str, token: str, *parts: str) -> bool:
    """Tell whether `signature` is that of `token` and `parts`; takes the same time for any.

    An empty token signs nothing.
    """
    expected = sign(token, *parts)
    same = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))
    return same and bool(token)


def sign_page(ticket: str, *, nonce: str, timestamp: str, url: str) -> str:
    """Return the signature with which a web page may use WeChat's JS-SDK.

    Args:
        ticket: of kind `jsapi`.
        nonce: as the page states it.
        timestamp: Unix seconds, as the page states them.
        url: of the page; what follows `#` does not count.
    """
    page = url.partition("#")[0]
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}"
    return _sha1(text.encode())


def is_signed_raw_data(signature: str, raw_data: str, *, key: str) -> bool:
    """Tell whether a mini-program's `rawData` was signed with its session key."""
    expected = _sha1(f"{raw_data}{key}".encode("utf-8", "surrogatepass"))
    same = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))
    return same and bool(key)


def _sha1(data: bytes) -> str:
    # WeChat prescribes it; the secret token is part of what is hashed.
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


class MessageKey:
    """The EncodingAESKey of an account with the id messages must be meant for.

    Args:
        encoding_aes_key: 43 characters, as WeChat's settings page shows them.
        receive_id: AppID of an account, CorpID of a company.

    Raises:
        ValueError: the key has not 43 characters of base64.
    """

    def __init__(self, encoding_aes_key: str, *, receive_id: str) -> None:
        if _KEY.fullmatch(encoding_aes_key) is None:
            message = f"an EncodingAESKey has {KEY_LENGTH} letters, digits, + and /"
            raise ValueError(message)
        # Real keys have unused bits in their last character, which strict decoders refuse.
        key = base64.b64decode(encoding_aes_key + "=")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:_AES_BLOCK]))
        self._receive_id = receive_id.encode()

    def encrypt(self, message: bytes, *, random: bytes | None = None) -> str:
        """Return `message` encrypted, in base64.

        Args:
            message: of any length.
            random: 16 bytes that no other message has; None: fresh ones.
        """
        salt = secrets.token_bytes(_RANDOM) if random is None else random
        plain = salt + len(message).to_bytes(_LENGTH, "big") + message + self._receive_id
        fill = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(
            encryptor.update(plain + bytes([fill]) * fill) + encryptor.finalize()
        ).decode()

    def decrypt(self, text: str) -> bytes:
        """Return the message in `text`.

        Raises:
            CryptoError: it is not base64, not whole, badly padded or for somebody else.
        """
        try:
            sealed = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            message = "the encrypted part is not base64"
            raise CryptoError(message) from error
        if not sealed or len(sealed) % _AES_BLOCK:
            message = "the encrypted part is no whole number of blocks"
            raise CryptoError(message)
        decryptor = self._cipher.decryptor()
        plain = decryptor.update(sealed) + decryptor.finalize()
        fill = plain[-1]
        if not 1 <= fill <= _BLOCK or plain[-fill:] != bytes([fill]) * fill:
            message = "the encrypted part is badly padded"
            raise CryptoError(message)
        begin = _RANDOM + _LENGTH
        size = int.from_bytes(plain[_RANDOM:begin], "big")
        end = begin + size
        if len(plain) - fill < end:
            message = "the encrypted part is shorter than it says"
            raise CryptoError(message)
        if not hmac.compare_digest(plain[end:-fill], self._receive_id):
            message = "the encrypted part is meant for another AppID"
            raise CryptoError(message)
        return plain[begin:end]
