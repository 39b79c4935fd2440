"""What services share about readers: their sign-ins, and their reading lists. Only the notifier writes.

It may import `shared.papers` and what that imports.
"""
