"""The back office's pages of a very large shop against those of a small one."""
