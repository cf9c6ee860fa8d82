"""MyApp: a live, multi-tenant publishing and community platform in pure Python."""
