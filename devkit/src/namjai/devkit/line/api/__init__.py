"""The calls a bot makes: api.line.me and api-data.line.me, on one port."""
