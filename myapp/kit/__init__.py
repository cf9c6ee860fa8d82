"""The platform under every room: data layer, events, scopes. It knows no domain room and no web framework."""
