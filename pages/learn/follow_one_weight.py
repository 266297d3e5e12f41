"""Follow one weight: how does this one number reach the loss, and by which paths?"""

from backprop.ui.following.page import following
from backprop.ui.sidebar import sidebar

sidebar()
following()
