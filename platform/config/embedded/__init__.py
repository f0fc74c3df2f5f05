"""PostgreSQL and Valkey of this checkout: starting, holding and stopping them.

One *guardian* process per server starts it, waits until no process holds it any more, and stops it.
Holding is a shared file lock, which the kernel releases when a process dies in any way; so nothing
here counts processes or trusts a pid file. See docs/decisions/0001-embedded-servers.md.
"""
