"""The board: Redis hashes that one service writes and others read, each as typed rows under one name.

It may import `shared.papers` and `shared.http`, and nothing that imports it.
"""

from shared.board.rows import DayRow, DiskRow, IndexRow, MailRow, PictureStockRow, ProviderRow, SourceRow
from shared.board.table import DISK, INDEX, LEDGER, MAIL, PICTURE_STOCK, PICTURES, PROVIDERS, SOURCES, TABLES, Table

__all__ = [
    "DISK",
    "INDEX",
    "LEDGER",
    "MAIL",
    "PICTURES",
    "PICTURE_STOCK",
    "PROVIDERS",
    "SOURCES",
    "TABLES",
    "DayRow",
    "DiskRow",
    "IndexRow",
    "MailRow",
    "PictureStockRow",
    "ProviderRow",
    "SourceRow",
    "Table",
]
