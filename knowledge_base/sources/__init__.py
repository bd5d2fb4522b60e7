"""Where knowledge comes from: one file a kind, and the file's name is the kind.

A module that reads documents has `SUFFIXES` (of file names), `MEDIA_TYPES` (of servers' answers)
and `read(document) -> Reading`; it gets bytes and returns text, without network, files or
database, because it runs in a process that may be stopped at any time. Folders and sites hand
out documents: `folder.walk` and `site.Site`.
"""
