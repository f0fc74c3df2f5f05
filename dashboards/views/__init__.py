"""The pages, one module a subject; each reads the question, asks once, and answers."""

from dashboards.views import communes, compare, donor

__all__ = ["communes", "compare", "donor"]
