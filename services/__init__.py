"""The independent services of Paperwire; they meet only in Redis streams and in Qdrant collections."""

import gc

gc.set_threshold(50_000, 20, 50)  # imports allocate what stays; to look through it takes a tenth of every start
