"""What LINE remembers: tokens, retry keys, chats, content, calls; every memory has a limit."""
