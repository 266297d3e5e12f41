"""A lesson as a short text that fits into a link, exact to the bit, and back.

The text is the lesson file without what goes without saying, deflated against a list of the words that lesson files are made
of, in the alphabet of URLs. What comes in is bounded before any work is done and goes through the same checks as a file.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib

from backprop.language import _
from backprop.lessons.faults import MAX_BYTES
from backprop.lessons.lesson import Lesson, LessonError

MAX_LINK = 4_000
"""Characters of a whole link at most; a longer lesson is shared as a file."""

_WORDS = (
    b'"title":"","leaky_slope":"shared_bias":true,"update_biases":false,{"formula":"z*tanh(z)"}null,null,"init":{"scheme":"normal","scale":0.01,"seed":1}'
    b'"zeros""he""uniform""xavier""cross_entropy""binary_cross_entropy""mean_squared_error""squared_error""half_squared_error"'
    b'"softmax""silu""gelu""elu""softplus""leaky_relu""relu""tanh""linear","sigmoid","sigmoid"],"loss":"half_squared_error","weights":[[['
    b']],"biases":[[0.0,0.0],[0.0,0.0]],"inputs":[[0.05,0.1]],"targets":[[0.0,1.0]],"learning_rate":0.5{"layers":[2,2,2],"activations":["'
)
"""The words a text is deflated against. They are part of format 1: old links must open for ever."""


def packed(lesson: Lesson) -> str:
    """The lesson as text of letters, digits, - and _ behind the number of the format."""
    data = json.loads(lesson.to_json())
    bare = {key: value for key, value in data.items() if value != _UNSAID.get(key, ...)}
    text = json.dumps(bare, ensure_ascii=False, separators=(",", ":")).encode()
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, _WORDS)
    return "1" + base64.urlsafe_b64encode(deflate.compress(text) + deflate.flush()).decode().rstrip("=")


_UNSAID = {key: field.default for key, field in Lesson.model_fields.items() if not field.is_required()}


def unpacked(text: str, limit: int = MAX_LINK) -> Lesson:
    """The lesson of a packed text. limit: characters at most. Raises LessonError."""
    if len(text) > limit:
        raise LessonError(
            [
                _("The lesson in the link has {came} characters; at most {limit} are allowed.").format(
                    came=len(text), limit=limit
                )
            ]
        )
    broken = LessonError([_("The lesson in the link is damaged; it may have been cut off on its way.")])
    if text[:1] != "1" or not text.isascii():
        raise broken
    try:
        code = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True)
        inflate = zlib.decompressobj(-15, _WORDS)
        plain = inflate.decompress(code, MAX_BYTES)
    except (binascii.Error, zlib.error):
        raise broken from None
    if not inflate.eof or inflate.unused_data:
        raise broken
    return Lesson.from_json(plain)
