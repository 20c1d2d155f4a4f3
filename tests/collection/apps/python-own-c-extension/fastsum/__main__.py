import sys
from functools import reduce

from fastsum import _sum

if "--help" in sys.argv:
    print("usage: python -m fastsum NUMBER…")
else:
    print(reduce(_sum.add, map(float, sys.argv[1:]), 0.0))
