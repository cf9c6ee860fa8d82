"""`python -m myapp …`: see cli/."""

import gc

gc.disable()  # imports leave no garbage, and to look for it takes a third of every start
from myapp.cli import main  # noqa: E402

gc.freeze()
gc.enable()
main()
