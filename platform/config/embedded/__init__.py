"""PostgreSQL and Valkey of this checkout: who starts them, who holds them, who stops them.

One *guardian* process per server starts it, waits until nobody holds it any
more, and stops it. Holding is a shared file lock, which the kernel takes away
from a process however it dies; so nothing here counts processes or trusts a
pid file. See docs/decisions/0001-embedded-servers.md.
"""
