"""arXiv: announcements by RSS, reconciled with OAI-PMH; queries and papers by its API.

May import `feeds`, whose parser reads its RSS.
"""
