"""Reading lists: marks on papers, read and written for their owner.

It may import `matching` and `access`.
"""
