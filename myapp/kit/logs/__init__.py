"""What the code logs: where it goes, and what each line says of the request, event or job that it belongs to.

configure("info")
logging.getLogger("myapp.blog").info("12 posts published")

logs.begin(new_request_id(header))                      # at an edge: whatever follows belongs to this request
logs.bind(user_id=user_id)                              # as soon as it is known
"""

from myapp.kit.logs._context import begin, bind, bound, current, new_request_id, request_id
from myapp.kit.logs._setup import configure

__all__ = ["begin", "bind", "bound", "configure", "current", "new_request_id", "request_id"]
